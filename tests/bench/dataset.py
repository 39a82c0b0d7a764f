"""A generated shop: customers with different rhythms, some of whom stay away.

Everything is inserted by SQL from ``generate_series``; ``setseed`` makes two runs
equal. Partners and orders are copies of records that the ORM made.
"""

from datetime import datetime, timedelta

from odoo.tools import SQL

from odoo.addons.customer_lifecycle.tests.history import insert_orders, insert_partners

CHUNK = 100_000


def generate(env, customers, orders, now, progress=print):
    """Insert ``customers`` partners with ``orders`` confirmed orders in all.

    :param datetime now: UTC; the orders lie in the two years before
    :return: ids of the partners
    """
    ids = []
    for start in range(0, customers, CHUNK):
        names = [f"Customer {n}" for n in range(start, min(start + CHUNK, customers))]
        ids += insert_partners(env, names)
        env.cr.commit()
        progress(f"{len(ids):,} customers")
    made = 0
    for start in range(0, customers, CHUNK // 5):
        block = ids[start : start + CHUNK // 5]
        made += len(insert_orders(env, _orders_of(env, block, orders / customers, now)))
        env.cr.commit()
        if start % CHUNK == 0:
            progress(f"{made:,} orders")
    env.cr.execute("ANALYZE res_partner, sale_order")
    env.cr.commit()
    return ids


def _orders_of(env, ids, mean, now):
    """Return (partner, moment, amount): a start, a life and orders spread over it."""
    env.cr.execute("SELECT setseed(0.5)")
    env.cr.execute(
        SQL(
            """
            WITH life AS MATERIALIZED (
                SELECT id, random() * 730 AS begun, random() AS stays,
                       greatest(1, round(-ln(1 - random()) * %(mean)s))::int AS number
                  FROM unnest(%(ids)s) AS id
            )
            SELECT id, begun * (1 - CASE WHEN stays > 0.4 THEN random()
                                         ELSE random() * (1 - stays) END)
                       + CASE WHEN stays > 0.4 THEN 0 ELSE begun * stays END,
                   round((5 + random() * 95)::numeric, 2)
              FROM life, generate_series(1, number)
            """,
            ids=ids,
            mean=mean,
        )
    )
    base = now - timedelta(seconds=1)
    return [(i, base - timedelta(days=days), a) for i, days, a in env.cr.fetchall()]


def moment():
    """The day of the benchmark: fixed, so that two runs see the same silence."""
    return datetime(2026, 6, 30, 12)
