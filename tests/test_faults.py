"""Power cuts, and two who do the same work at once: as if it had been done once."""

import json
import os
import random
import subprocess
import sys
import tempfile
import time
import uuid
from pathlib import Path

import psycopg2
import pytest

from .conftest import odoo_command

ROOT = Path(__file__).resolve().parents[1]
FULL = os.environ.get("LIFECYCLE_FULL") == "1"
KILLS = 50 if FULL else 5
CUSTOMERS = 3000
# What must be the same whether a process was killed or not; ids may differ.
TRACES = {
    "rows": """
        SELECT customer_id, company_id, current_stage, previous_stage,
               stage_changed_at, attention_since, total_orders, total_revenue,
               last_order_at, average_order_gap, won_back_at, churned_at,
               engagement_score, engagement_trend, churn_risk_score, health_score,
               next_evaluation_date, evaluated_on, facts_on, recent_order_days
          FROM customer_lifecycle""",
    "history": """
        SELECT customer_id, from_stage, to_stage, trigger_type, trigger_details::text,
               transitioned_at FROM lifecycle_stage_history""",
    "events": """
        SELECT customer_id, event_type, occurred_at, data::text, is_pending
          FROM lifecycle_event""",
}


class Worker:
    """A process that runs functions of fault_workers.py on a database."""

    def __init__(self, database, *calls):
        code = "from tests.fault_workers import *\n" + "\n".join(calls) + "\n"
        # A file, not a pipe: a full one would stop a worker that complains a lot.
        self.errors = tempfile.TemporaryFile("w+")  # noqa: SIM115
        self.process = subprocess.Popen(
            odoo_command("shell", "-d", database, "--no-http", "--log-level=warn"),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self.errors,
            text=True,
            env=os.environ | {"PYTHONPATH": os.pathsep.join([str(ROOT), *sys.path])},
        )
        self.process.stdin.write(code)
        self.process.stdin.close()

    def hear(self):
        """Wait for the next thing that the worker says."""
        for line in self.process.stdout:
            if line.startswith("@"):
                return json.loads(line[1:])
        pytest.fail(self.complaints()[-3000:])

    def complaints(self):
        """Return what the worker logged."""
        self.errors.seek(0)
        return self.errors.read()

    def kill(self):
        self.process.kill()
        self.process.wait(60)

    def finish(self):
        """Wait for the end; whatever was wrong on the way is in what it wrote."""
        said = [json.loads(x[1:]) for x in self.process.stdout if x.startswith("@")]
        code = self.process.wait(300)
        errors = self.complaints()
        assert code == 0, errors[-3000:]
        assert "Traceback" not in errors, errors[-3000:]
        return said[-1] if said else None


def work(database, *calls):
    """Run to the end; return what the worker said last."""
    return Worker(database, *calls).finish()


def query(database, statement):
    connection = psycopg2.connect(dbname=database)
    connection.autocommit = True
    try:
        with connection.cursor() as cursor:
            cursor.execute(statement)
            return cursor.fetchall() if cursor.description else None
    finally:
        connection.close()


def traces(database):
    return {name: sorted(map(str, query(database, q))) for name, q in TRACES.items()}


def assert_alike(disturbed, undisturbed):
    first, second = traces(disturbed), traces(undisturbed)
    for name in TRACES:
        differences = set(first[name]) ^ set(second[name])
        assert not differences, f"{name}: {len(differences)}: {list(differences)[:2]}"
        assert len(first[name]) == len(second[name]), f"{name} doubled"
    assert len(first["history"]) > CUSTOMERS


def assert_sound(database, day, *calls):
    """Do what is left; then facts equal orders and nobody moved twice at once."""
    assert work(database, *calls, f"check(env, {day})") == [[], 0]
    twice = """
        SELECT count(*) FROM (SELECT 1 FROM lifecycle_stage_history
         GROUP BY customer_id, company_id, transitioned_at HAVING count(*) > 1) x"""
    assert query(database, twice) == [(0,)]


def is_half_done(database, day):
    """Whether that day's evaluation has begun and is not finished."""
    [[done, due]] = query(
        database,
        f"""
        SELECT count(*) FILTER (WHERE evaluated_on = '2040-06-15'::date + {day}),
               count(*) FILTER (
                   WHERE next_evaluation_date <= '2040-06-15'::date + {day})
          FROM customer_lifecycle""",
    )
    print(f"day {day}: {done} done, {due} left")
    return bool(done and due)


@pytest.fixture(scope="module")
def filled(scratch_database):
    work(scratch_database, f"fill(env, {CUSTOMERS}, 60)")
    return scratch_database


@pytest.fixture(scope="module")
def undisturbed(filled):
    name = f"lifecycle_scratch_{uuid.uuid4().hex[:8]}"
    subprocess.run(odoo_command("db", "duplicate", filled, name), check=True)
    yield name
    subprocess.run(odoo_command("db", "drop", name), check=True)


def test_killed_again_and_again_it_is_as_if_it_had_run_once(filled, undisturbed):
    dice, last, interrupted = random.Random(11), 0, 0
    for day in range(1, KILLS + 1):
        # What the killed one left is done first, then the next is killed.
        worker = Worker(filled, f"evaluate(env, [{last}, {day}])")
        while worker.hear() != ["day", day]:
            pass
        time.sleep(dice.random() * 0.4)
        worker.kill()
        interrupted += is_half_done(filled, day)
        last = day
    assert interrupted >= KILLS // 3, "the kills came before or after the work"
    assert_sound(filled, last, f"evaluate(env, [{last}])")
    work(undisturbed, f"evaluate(env, {[*range(KILLS + 1)]}, 50_000)")
    assert_alike(filled, undisturbed)


def test_two_evaluations_at_once_do_the_work_once(filled, undisturbed):
    days = [KILLS + 5, KILLS + 15]
    workers = [Worker(filled, f"evaluate(env, {days})") for _n in range(2)]
    for worker in workers:
        assert worker.finish() == ["done"]
    assert_sound(filled, days[-1], f"evaluate(env, {days[-1:]})")
    work(undisturbed, f"evaluate(env, {days}, 50_000)")
    rows = {name: traces(name)["history"] for name in (filled, undisturbed)}
    assert len(rows[filled]) == len(rows[undisturbed])


def test_confirming_goes_on_while_evaluation_runs(filled):
    ids = work(filled, "quotations(env, 60)")
    day = KILLS + 25
    evaluation = Worker(filled, f"evaluate(env, [{day}], 2)")
    while evaluation.hear() != ["day", day]:
        pass
    seconds = work(filled, f"confirm(env, {ids})")
    assert evaluation.finish() == ["done"]
    assert len(seconds) == len(ids)
    assert max(seconds[1:]) < 1, "a checkout waits for nobody"


def test_two_dispatchers_at_once_hand_out_every_event_once(filled):
    query(filled, "CREATE TABLE fault_witness (event_id int)")
    pending = query(filled, "SELECT id FROM lifecycle_event WHERE is_pending")
    assert len(pending) > 100
    workers = [Worker(filled, "dispatch(env)") for _n in range(2)]
    for worker in workers:
        assert worker.finish() == ["done"]
    work(filled, "dispatch(env)")
    seen = [event for [event] in query(filled, "SELECT event_id FROM fault_witness")]
    assert {event for [event] in pending} <= set(seen)
    assert len(seen) == len(set(seen)), "handed out twice"
    assert query(filled, "SELECT count(*) FROM lifecycle_event_retry") == [(0,)]


@pytest.mark.parametrize(
    ("place", "model", "method", "table"),
    [
        (1, "lifecycle.engine", "_due_ids", "customer_lifecycle"),
        (2, "lifecycle.engine", "_release_policies", "lifecycle_policy"),
        (3, "lifecycle.event.retry", "_dispatch", "lifecycle_event"),
    ],
)
def test_a_job_starts_again_when_others_write_its_rows(
    filled, place, model, method, table
):
    query(filled, "UPDATE customer_lifecycle SET next_evaluation_date = '2040-01-01'")
    query(filled, "UPDATE lifecycle_event SET is_pending = TRUE WHERE id % 9 = 0")
    query(filled, "UPDATE lifecycle_policy SET evaluation_pending = TRUE")
    day = KILLS + 30 + 5 * place
    assert_sound(
        filled,
        day,
        f"collide(env, {model!r}, {method!r}, {table!r}, {day})",
        "dispatch(env, 500)",
        f"evaluate(env, [{day}], 500)",
    )


def test_an_event_seen_meanwhile_is_recorded_again_without_harm(scratch_database):
    assert work(scratch_database, "record_again(env)") == [False]
