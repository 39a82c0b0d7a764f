"""A segment enters a journey."""

from . import journey_shop
from .databases import execute, settle
from .floor import journey as floor
from .measure import once, side_by_side
from .report import Bound, Row, against

LIMIT = 2
# What both sides must leave behind alike.
RESULT = """
    SELECT count(*), md5(string_agg(concat_ws('|', customer_id, addressee_id,
               company_id, version_id, step_id, run_state, started_at, anchor_at,
               next_step_at, step_due_at, variant, is_holdout), ','
               ORDER BY customer_id))
      FROM test_journey_run
"""


def enrol(env, database, now):
    """100,000 customers, with ours and with the INSERT that one would write."""
    journey = journey_shop.journey(env)
    results = {}

    def ours():
        return len(journey._enrol(journey_shop.SEGMENT, now))

    def below():
        return floor.enrol(env, journey, now)

    def prepare():
        env.cr.execute(RESULT)
        if (left := env.cr.fetchone())[0]:
            results[left] = True
        env.cr.commit()
        _empty(database)

    found = side_by_side(env.cr, {"floor": below, "ours": ours}, prepare)
    prepare()
    assert len(results) == 1, results
    journey.exclusive_group = "bench"
    grouped = once(env.cr, ours)
    journey.exclusive_group = False
    env.cr.commit()
    _empty(database)
    return _row(found, grouped)


def _empty(database):
    execute(database, "TRUNCATE test_journey_run, journey_slot")
    settle(database, "test_journey_run", "journey_slot")


def _row(found, grouped):
    ours, below = found["ours"], found["floor"]
    assert ours.result == below.result == grouped.result, (ours, below, grouped)
    row = Row(
        "journey_enrolment",
        "Enrolment of a segment",
        ours.result,
        ours.seconds,
        ours.statements,
        sides={
            "ours": ours.seconds,
            "floor": below.seconds,
            "ours, with an exclusive group": grouped.seconds,
        },
        ratios=against("floor", ours, below),
    )
    row.notes.append(f"{ours.statements} statements in all")
    row.bounds.append(Bound("x floor", row.ratios["floor"], LIMIT))
    return row
