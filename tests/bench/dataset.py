"""A generated shop: customers with different rhythms, some of whom stay away.

Everything is inserted by SQL from ``generate_series``; ``setseed`` makes two runs
equal. Partners and orders are copies of records that the ORM made.
"""

from contextlib import contextmanager
from datetime import datetime, time, timedelta
from pathlib import Path

from odoo.tools import SQL

from odoo.addons.customer_lifecycle.tests.history import insert_orders, insert_partners

from ..oracle import lifecycle_oracle as oracle

CDNOW = Path(__file__).parents[1] / "data" / "cdnow_master.txt"
CHUNK = 100_000


def generate(env, customers, orders, now, progress=print):
    """Insert ``customers`` partners with ``orders`` confirmed orders in all.

    :param datetime now: UTC; the orders lie in the two years before
    :return: ids of the partners
    """
    ids, made = [], 0
    for start in range(0, customers, CHUNK):
        block = range(start, min(start + CHUNK, customers))
        with _unchecked(env):
            fresh = insert_partners(env, [f"Customer {n}" for n in block])
        ids += fresh
        for at in range(0, len(fresh), CHUNK // 5):
            rows = _orders_of(env, fresh[at : at + CHUNK // 5], orders / customers, now)
            with _unchecked(env):
                made += len(insert_orders(env, rows))
        progress(f"{len(ids):,} customers, {made:,} orders")
    env.cr.execute("ANALYZE res_partner, sale_order")
    env.cr.commit()
    return ids


@contextmanager
def _unchecked(env):
    """Commit at the end; foreign keys are not checked where we may say so."""
    env.cr.execute("SELECT rolsuper FROM pg_roles WHERE rolname = current_user")
    if env.cr.fetchone()[0]:
        env.cr.execute("SET LOCAL session_replication_role = replica")
    yield
    env.cr.commit()


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


def load_cdnow(env):
    """Insert the public CDNOW history: 23,570 customers, 69,659 purchases."""
    purchases = oracle.by_customer(oracle.read_purchases(CDNOW))
    partners = dict(
        zip(purchases, insert_partners(env, map(str, purchases)), strict=True)
    )
    orders = [
        (partners[number], datetime.combine(day, time(12)), amount)
        for number, bought in purchases.items()
        for _number, day, amount in bought
    ]
    insert_orders(env, orders)
    env.cr.commit()


def cdnow_moment():
    """The evening of the last day of the CDNOW history."""
    return datetime(1998, 6, 30, 18)
