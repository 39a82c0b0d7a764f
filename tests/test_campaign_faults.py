"""A storm of failed payments, heard by two processes one of which dies."""

from .test_faults import Worker, query

CUSTOMERS, FAILURES = 1000, 10_000
PENDING = "SELECT count(*) FROM lifecycle_event WHERE is_pending"
ENTERED = """
    SELECT count(*), count(DISTINCT e.customer_id) FROM campaign_enrollment e
      JOIN engagement_campaign c ON c.id = e.campaign_id WHERE c.code = 'storm'"""
PARKED = "SELECT error FROM lifecycle_event_retry"


def start(database, *calls):
    return Worker(database, "from tests.campaign_workers import *", *calls)


def test_a_storm_lets_everybody_in_once(scratch_database):
    name = scratch_database
    prepared = start(name, f"prepare(env, {CUSTOMERS}, {FAILURES})").finish()
    assert prepared == CUSTOMERS
    assert query(name, PENDING) == [(FAILURES,)]
    victim, survivor = (start(name, "hear(env)") for _each in range(2))
    while not victim.hear():  # the other one holds what it looked at
        pass
    victim.kill()
    assert survivor.finish() == "over"
    assert query(name, PENDING) == [(0,)]
    assert query(name, PARKED) == []
    assert query(name, ENTERED) == [(CUSTOMERS, CUSTOMERS)]
