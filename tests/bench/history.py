"""Back-fill: everything from the order history, in an empty lifecycle."""

from . import floor, peer
from .databases import execute, settle
from .evaluation import WRITTEN
from .measure import once, side_by_side
from .report import Row, against

SAMPLE = 100
EMPTY = (
    "TRUNCATE customer_lifecycle, lifecycle_stage_history, lifecycle_event CASCADE",
    "UPDATE lifecycle_policy SET median_gap = 30, median_gap_on = NULL",
)
# What both sides must leave behind alike.
RESULT = """
    SELECT count(*), md5(string_agg(md5(concat_ws('|', customer_id, current_stage,
               total_orders, total_revenue, first_order_date, last_order_date,
               round(average_order_gap::numeric, 9), won_back_at, churned_at,
               engagement_score, health_score, churn_risk_score, revenue_at_stake,
               next_evaluation_date, recent_order_days)), '' ORDER BY customer_id)),
           (SELECT count(*) FROM lifecycle_stage_history),
           (SELECT count(*) FROM lifecycle_event)
      FROM customer_lifecycle
"""


def backfill(env, database, now):
    """Row 4; leaves the database back-filled by the addon."""
    results = {}

    def ours():
        done = env["lifecycle.engine"].backfill(now)
        results["ours"] = _result(env.cr)
        return done["created"]

    def below():
        done = floor.backfill(env.cr, now)
        results["floor"] = _result(env.cr)
        return done

    found = side_by_side(
        env.cr, {"floor": below, "ours": ours}, lambda: _empty(database), repeat=2
    )
    assert results["ours"] == results["floor"], results
    loop = _peer(env, database, now)
    ours_, size = found["ours"], found["ours"].result
    row = Row(
        "backfill",
        "Back-fill from order history",
        size,
        ours_.seconds,
        ours_.statements,
        sides={"ours": ours_.seconds, "floor": found["floor"].seconds},
        ratios=against("floor", ours_, found["floor"]),
    )
    row.ratios["peer"] = (ours_.seconds / size) / (loop.seconds / loop.result)
    row.notes.append(f"rows, history, events of both sides: {results['ours']}")
    _empty(database)
    env["lifecycle.engine"].backfill(now)
    env.cr.commit()
    settle(database, *WRITTEN)
    return row


def _result(cr):
    cr.execute(RESULT)
    return cr.fetchone()


def _empty(database):
    execute(database, *EMPTY)
    settle(database, *WRITTEN, "sale_order", "res_partner")


def _peer(env, database, now):
    """The ORM one by one, on a sample."""
    _empty(database)
    env.invalidate_all()
    env.cr.execute("SELECT DISTINCT partner_id FROM sale_order LIMIT %s", [SAMPLE])
    partners = env["res.partner"].browse(row[0] for row in env.cr.fetchall())
    env.cr.commit()
    return once(env.cr, lambda: peer.backfill(partners, now))
