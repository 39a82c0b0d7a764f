"""Points expire: 200,000 accounts, a million of their two million lots."""

from . import loyalty_shop
from .databases import execute, settle
from .floor import loyalty as floor
from .measure import side_by_side
from .report import Bound, Row, against

LIMIT = 2
UNDO = (
    "TRUNCATE loyalty_lot_move",
    "DELETE FROM loyalty_transaction WHERE transaction_type = 'expire'",
    "DELETE FROM lifecycle_event WHERE event_type = 'points_expired'",
    "UPDATE loyalty_point_lot SET remaining = points WHERE remaining < points",
    "UPDATE loyalty_card c SET points = points_lifetime"
    "  FROM customer_loyalty a WHERE a.card_id = c.id AND points_expired > 0",
    "UPDATE customer_loyalty SET points_balance = points_lifetime, points_expired = 0"
    " WHERE points_expired > 0",
)
# What both sides must leave behind alike.
RESULT = """
    SELECT count(*), md5(string_agg(concat_ws('|', a.id, a.points_balance::float8,
               a.points_expired::float8, c.points, l.lots, l.remaining, t.transactions,
               t.points, t.moved), ',' ORDER BY a.id)),
           (SELECT count(*) FROM lifecycle_event
             WHERE event_type = 'points_expired' AND is_pending)
      FROM customer_loyalty a JOIN loyalty_card c ON c.id = a.card_id
      JOIN (SELECT loyalty_id, count(*) FILTER (WHERE remaining > 0) AS lots,
                   sum(remaining)::float8 AS remaining
              FROM loyalty_point_lot GROUP BY 1) l ON l.loyalty_id = a.id
      JOIN (SELECT x.loyalty_id, count(*) AS transactions,
                   sum(x.points)::float8 AS points, sum(m.moved)::float8 AS moved
              FROM loyalty_transaction x
              JOIN (SELECT transaction_id, sum(points) AS moved
                      FROM loyalty_lot_move GROUP BY 1) m ON m.transaction_id = x.id
             WHERE x.transaction_type = 'expire' GROUP BY 1) t ON t.loyalty_id = a.id
"""


def expire(env, database, now):
    """Everything that is due, with ours and with one statement."""
    results = {}

    def ours():
        return env["loyalty.expiry"]._expire_all(now)

    def below():
        return floor.expire(env, now)

    def prepare():
        env.cr.execute(RESULT)
        if (left := env.cr.fetchone())[0]:
            results[left] = True
        env.cr.commit()
        _undo(database)

    below()  # once more, so that both sides find the same free space
    env.cr.commit()
    found = side_by_side(env.cr, {"floor": below, "ours": ours}, prepare)
    prepare()
    assert len(results) == 1, results
    return _row(found)


def _undo(database):
    execute(database, *UNDO)
    settle(database, *loyalty_shop.WRITTEN)


def _row(found):
    ours, below = found["ours"], found["floor"]
    assert ours.result == below.result, (ours, below)
    row = Row(
        "loyalty_expiry",
        "Expiry of points, every account has some",
        ours.result,
        ours.seconds,
        ours.statements,
        sides={"ours": ours.seconds, "floor": below.seconds},
        ratios=against("floor", ours, below),
    )
    accounts, lots = loyalty_shop.CUSTOMERS, loyalty_shop.CUSTOMERS * loyalty_shop.LOTS
    row.notes.append(f"{accounts:,} accounts with {lots:,} lots")
    row.bounds.append(Bound("x floor", row.ratios["floor"], LIMIT))
    return row
