"""Past orders earn their points: accounts, cards, ledger, lots and timeline."""

from . import databases, loyalty_shop
from .floor import loyalty as floor
from .measure import side_by_side
from .report import Row, against

# Orders point at cards, and none of these does: not asked for each of them.
EMPTY = (
    "TRUNCATE loyalty_transaction, customer_loyalty, loyalty_backfill CASCADE",
    "SET session_replication_role = replica",
    "DELETE FROM loyalty_card",
    "DELETE FROM lifecycle_event WHERE event_type IN ('points_earned', 'tier_changed')",
)
# What both sides must leave behind alike.
RESULT = """
    SELECT count(*), md5(string_agg(concat_ws('|', a.customer_id,
               a.points_balance::float8, a.points_lifetime::float8, a.current_tier,
               a.next_tier_points::float8, c.points, l.lots, l.remaining, l.last,
               t.transactions, t.points, t.last), ',' ORDER BY a.customer_id)),
           (SELECT count(*) FROM lifecycle_event
             WHERE event_type IN ('points_earned', 'tier_changed') AND NOT is_pending)
      FROM customer_loyalty a JOIN loyalty_card c ON c.id = a.card_id
      JOIN (SELECT loyalty_id, count(*) AS lots, sum(remaining)::float8 AS remaining,
                   max(issued_at) AS last
              FROM loyalty_point_lot GROUP BY 1) l ON l.loyalty_id = a.id
      JOIN (SELECT loyalty_id, count(*) AS transactions, sum(points)::float8 AS points,
                   max(idempotency_key) AS last
              FROM loyalty_transaction GROUP BY 1) t ON t.loyalty_id = a.id
"""


def credit(env, database, now):
    """All orders, with ours and with three statements."""
    program = loyalty_shop.program(env)
    results = set()
    _empty(env, database)  # of what a round that was cut off left behind

    def ours():
        backfill = env["loyalty.backfill"].create({"program_id": program.id})
        backfill.action_start()
        while backfill._work(now):
            env.cr.commit()  # as the scheduled action does
        return backfill.order_count

    def below():
        return floor.backfill(env, program, now)

    def prepare():
        env.cr.execute(RESULT)
        if (left := env.cr.fetchone())[0]:
            results.add(left)
        env.cr.commit()
        _empty(env, database)

    # Two million rows and their lots take minutes on either side: once each.
    found = side_by_side(env.cr, {"floor": below, "ours": ours}, prepare, repeat=1)
    prepare()
    assert len(results) == 1, results
    return _row(found)


def _empty(env, database):
    databases.execute(database, *EMPTY)
    databases.settle(database, *loyalty_shop.WRITTEN, "sale_order")
    env.invalidate_all()


def _row(found):
    ours, below = found["ours"], found["floor"]
    assert ours.result == below.result, (ours, below)
    return Row(
        "loyalty_backfill",
        "Points for past orders",
        ours.result,
        ours.seconds,
        ours.statements,
        sides={"ours": ours.seconds, "floor": below.seconds},
        ratios=against("floor", ours, below),
    )
