"""The dashboard as a marketer loads it."""

from datetime import datetime, time, timedelta

from odoo import Command

from . import floor
from .databases import execute, settle
from .evaluation import WRITTEN
from .measure import side_by_side
from .report import Bound, Row, against

DAYS = 30
SECONDS = 1.0
MARKETER = "bench_marketer"


def load(env, database, now):
    """Row 6: ``get_dashboard`` on everybody, with history and daily figures."""
    _prepare(env, database, now)
    settle(database, *WRITTEN, "lifecycle_daily_stat", "lifecycle_cohort_stat")
    last = now.date()
    first = last - timedelta(days=DAYS - 1)
    start, end = (datetime.combine(d, time.min) for d in (first, last + timedelta(1)))
    before = start - timedelta(days=DAYS)
    user = _marketer(env)
    engine = env["lifecycle.engine"].with_user(user)

    def ours():
        env.invalidate_all()
        return engine.get_dashboard(first, last)

    def below():
        return floor.dashboard(env.cr, user.company_ids.ids, before, start, end)

    found = side_by_side(env.cr, {"ours": ours, "floor": below}, lambda: None, repeat=5)
    size = env["customer.lifecycle"].search_count([])
    ours_, floor_ = found["ours"], found["floor"]
    row = Row(
        "dashboard",
        "Dashboard load",
        size,
        ours_.seconds,
        ours_.statements,
        sides={"ours": ours_.seconds, "floor": floor_.seconds},
        ratios=against("floor", ours_, floor_),
    )
    row.notes.append("peer: none, Odoo has no dashboard of this kind")
    row.notes.append(f"{ours_.statements} statements for one load")
    row.bounds.append(Bound("seconds", ours_.seconds, SECONDS))
    return row


def _prepare(env, database, now):
    """As daily runs would have left it: moves and figures of months, no dead rows."""
    execute(
        database,
        f"UPDATE lifecycle_stage_history SET transitioned_at ="
        f" timestamp '{now}' - make_interval(days => id % {2 * DAYS})",
        *(f"VACUUM FULL {table}" for table in WRITTEN),
    )
    env["lifecycle.engine"]._update_daily_statistics(now)
    env.cr.execute(
        """
        INSERT INTO lifecycle_daily_stat (company_id, date, stage, customers, revenue)
        SELECT company_id, date - back, stage, customers, revenue
          FROM lifecycle_daily_stat, generate_series(1, %s) AS back
         WHERE date = %s
            ON CONFLICT DO NOTHING
        """,
        [3 * DAYS, now.date()],
    )
    env.cr.commit()


def _marketer(env):
    user = env["res.users"].search([("login", "=", MARKETER)])
    group = env.ref("customer_lifecycle.group_lifecycle_user")
    if not user:
        user = env["res.users"].create(
            {"name": MARKETER, "login": MARKETER, "group_ids": [Command.link(group.id)]}
        )
        env.cr.commit()
    return user
