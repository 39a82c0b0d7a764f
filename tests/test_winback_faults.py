"""Two who start attempts at once, two campaigns that want the same, one who dies."""

import pytest

from .test_faults import Worker, query

CUSTOMERS, LIMIT = 300, 40
FOUND = """
    SELECT c.code, count(*), count(DISTINCT a.customer_id) FROM winback_attempt a
      JOIN winback_campaign c ON c.id = a.campaign_id
     WHERE c.code LIKE 'race_%' GROUP BY 1 ORDER BY 1"""
EVERYBODY = """
    SELECT count(*), count(DISTINCT customer_id) FROM winback_attempt
     WHERE run_state = 'running'"""
SLOTS = "SELECT count(*) FROM journey_slot WHERE run_model = 'winback.attempt'"


def start(database, *calls):
    return Worker(database, "from tests.winback_workers import *", *calls)


@pytest.fixture(scope="module")
def shop(scratch_database):
    prepared = start(scratch_database, f"prepare(env, {CUSTOMERS}, {LIMIT})").finish()
    assert prepared == CUSTOMERS
    return scratch_database


def test_who_dies_before_the_commit_has_started_nothing(shop):
    victim = start(shop, "start_and_wait(env, 'one')")
    assert victim.hear() == LIMIT
    victim.kill()
    assert query(shop, FOUND) == []
    assert query(shop, SLOTS) == [(0,)]


def test_two_at_once_keep_the_limit_and_nobody_is_wooed_twice(shop):
    workers = [
        start(shop, "race(env, 12, 'one', 'two')"),
        start(shop, "race(env, 12, 'two', 'one')"),
    ]
    for worker in workers:
        assert worker.finish() == "over"
    (one, first, _same), (two, second, _too) = query(shop, FOUND)
    assert (one, two) == ("race_one", "race_two")
    assert first <= LIMIT
    assert query(shop, EVERYBODY) == [(first + second,) * 2]
    assert first + second == CUSTOMERS
    assert query(shop, SLOTS) == [(CUSTOMERS,)]
