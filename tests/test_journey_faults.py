"""Journeys under power cuts and rivals: every step once, every cap kept."""

import itertools
import random
import subprocess
import time
import uuid
from datetime import timedelta

import pytest

from .conftest import odoo_command
from .test_faults import FULL, Worker, query

KILLS = 50 if FULL else 5
CUSTOMERS = 2500 if FULL else 1000
DAY = timedelta(days=1)
# Who shares the customers how: (shard, of how many) of each process.
ROUNDS = [
    ((0, 2), (1, 2)),
    ((0, 1), (0, 1)),
    ((0, 2), (1, 3)),
]
# A customer's name and a step's place say who; ids differ between databases.
STANDINGS = """
    SELECT p.name, j.code, r.run_state, r.exit_reason, r.steps_completed,
           array_agg(s.sequence || ' ' || d.state || ' ' || coalesce(d.reason, '')
                     ORDER BY s.sequence, d.id) FILTER (WHERE d.id IS NOT NULL)
      FROM test_journey_run r
      JOIN test_journey j ON j.id = r.definition_id
      JOIN res_partner p ON p.id = r.customer_id
      LEFT JOIN journey_delivery d
             ON d.run_model = 'test.journey.run' AND d.run_id = r.id
      LEFT JOIN test_journey_step s ON s.id = d.step_id
     GROUP BY r.id, p.name, j.code"""
# What must find nothing, whatever happened.
FLAWS = {
    "a step decided twice": """
        SELECT run_id, step_id FROM journey_delivery
         GROUP BY run_model, run_id, step_id HAVING count(*) > 1""",
    "a completed run whose message step has no delivery": """
        SELECT r.id, s.id FROM test_journey_run r
          JOIN test_journey_step s ON s.version_id = r.version_id
         WHERE r.exit_reason = 'completed' AND s.kind = 'message'
           AND NOT EXISTS (SELECT FROM journey_delivery d
                            WHERE d.run_id = r.id AND d.step_id = s.id)""",
    "a queued delivery without one mail, one trace, one message": """
        SELECT d.id FROM journey_delivery d
          LEFT JOIN mail_mail m ON m.id = d.mail_mail_id AND m.state = 'outgoing'
          LEFT JOIN mail_message g ON g.id = m.mail_message_id
                                  AND g.res_id = d.addressee_id
          LEFT JOIN mailing_trace t ON t.id = d.trace_id AND t.mail_mail_id = m.id
                                   AND t.message_id = g.message_id
         WHERE d.state = 'queued' AND d.channel = 'email'
         GROUP BY d.id HAVING count(m.id) <> 1 OR count(t.id) <> 1
                           OR count(g.id) <> 1""",
    "a mail of no queued delivery, or of two": """
        SELECT m.id FROM mail_mail m LEFT JOIN journey_delivery d
               ON d.mail_mail_id = m.id AND d.state = 'queued'
         WHERE m.mailing_id IS NOT NULL GROUP BY m.id HAVING count(d.id) <> 1""",
    "a trace of no queued delivery, or of two": """
        SELECT t.id FROM mailing_trace t LEFT JOIN journey_delivery d
               ON d.trace_id = t.id AND d.state = 'queued'
         GROUP BY t.id HAVING count(d.id) <> 1""",
    "a queued delivery without one row in the contact log": """
        SELECT d.id FROM journey_delivery d LEFT JOIN contact_log l
               ON l.message_key = d.run_model || ':' || d.run_id || ':' || d.step_code
         WHERE d.state = 'queued' GROUP BY d.id HAVING count(l.id) <> 1""",
    "a row in the contact log of no queued delivery": """
        SELECT l.id FROM contact_log l LEFT JOIN journey_delivery d
               ON l.message_key = d.run_model || ':' || d.run_id || ':' || d.step_code
              AND d.state = 'queued'
         WHERE l.message_key LIKE 'test.journey.run:%' AND d.id IS NULL""",
}


def start(database, *calls):
    return Worker(database, "from tests.journey_workers import *", *calls)


def walk(database, shares, days):
    """Processes that walk the journeys on these days, one per share."""
    return [
        start(database, f"walk(env, {shard}, {shards}, {days})")
        for shard, shards in shares
    ]


def finish(database, shares, days):
    for worker in walk(database, shares, days):
        assert worker.finish() == ["done"]


def progress(database, day):
    """(deliveries, runs that are still due) as of a day."""
    [found] = query(
        database,
        f"""
        SELECT (SELECT count(*) FROM journey_delivery),
               (SELECT count(*) FROM test_journey_run WHERE run_state = 'running'
                   AND next_step_at <= '2040-06-13 12:00'::timestamp
                                       + {day} * interval '1 day')""",
    )
    return found


def kill_at_work(database, day, shares, dice):
    """Kill both processes some time after they began; whether work was left over."""
    before, _due = progress(database, day)
    workers = walk(database, shares, [day])
    for worker in workers:
        assert worker.hear() == ["day", day]
    time.sleep(dice.random() * CUSTOMERS / 1000)
    for worker in workers:
        worker.kill()
    after, due = progress(database, day)
    print(f"day {day}, {shares}: {after - before} decided, {due} left")
    return due


def assert_sound(database):
    for flaw, statement in FLAWS.items():
        found = query(database, statement)
        assert not found, f"{flaw}: {len(found)}, such as {found[:3]}"
    assert_caps_kept(database)


def assert_caps_kept(database):
    """Count again, in Python, from what lies in the queue."""
    rows = query(
        database,
        """
        SELECT d.customer_id, t.email, d.decided_at FROM journey_delivery d
          JOIN mailing_trace t ON t.id = d.trace_id WHERE d.state = 'queued'""",
    )
    assert len(rows) > CUSTOMERS
    for place in (0, 1):
        moments = {}
        for row in rows:
            moments.setdefault(row[place], []).append(row[2])
        for key, sent in moments.items():
            for earlier, later in itertools.pairwise(sorted(sent)):
                assert later - earlier >= DAY, f"{key}: {sorted(sent)}"


def standings(database):
    return sorted(map(str, query(database, STANDINGS)))


@pytest.fixture(scope="module")
def filled(scratch_database):
    runs = start(scratch_database, f"prepare(env, {CUSTOMERS})").finish()
    assert runs >= 2 * CUSTOMERS * 0.98
    return scratch_database


def copy_of(database):
    name = f"lifecycle_scratch_{uuid.uuid4().hex[:8]}"
    subprocess.run(odoo_command("db", "duplicate", database, name), check=True)
    yield name
    subprocess.run(odoo_command("db", "drop", name), check=True)


@pytest.fixture(scope="module")
def undisturbed(filled):
    """Standings after one process did everything, day by day."""
    copies = copy_of(filled)
    name = next(copies)
    finish(name, [(0, 1)], list(range(12)))
    assert_sound(name)
    found = standings(name)
    next(copies, None)
    return found


@pytest.fixture
def rivals(filled):
    yield from copy_of(filled)


def test_killed_again_and_again_every_step_is_taken_once(rivals, undisturbed):
    dice, day, interrupted = random.Random(5), 0, 0
    for number in range(KILLS):
        left = kill_at_work(rivals, day, ROUNDS[number % len(ROUNDS)], dice)
        interrupted += bool(left)
        day += not left
    assert interrupted >= KILLS // 3, "the kills came after the work"
    finish(rivals, [(0, 2), (1, 2)], list(range(day, day + 12)))
    assert_sound(rivals)
    assert standings(rivals) == undisturbed


def _long_but_one():
    """Two on one share, as in a wrong set-up, is always tried; the others in full."""
    for shares in ROUNDS:
        marks = () if len(set(shares)) == 1 else pytest.mark.full
        yield pytest.param(shares, marks=marks)


@pytest.mark.parametrize("shares", _long_but_one())
def test_two_at_once_do_the_work_once(rivals, undisturbed, shares):
    finish(rivals, shares, list(range(12)))
    # Of three shards, two were walked: the rest in peace.
    finish(rivals, [(0, 1)], list(range(12)))
    assert_sound(rivals)
    assert standings(rivals) == undisturbed


@pytest.mark.full
def test_a_batch_starts_again_when_others_write_its_runs(rivals, undisturbed):
    assert start(rivals, "collide(env, 0)").finish() == ["done"]
    finish(rivals, [(0, 1)], list(range(12)))
    assert_sound(rivals)
    assert standings(rivals) == undisturbed
