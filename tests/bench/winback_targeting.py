"""Customers to win back: looked for, and their attempts started."""

from datetime import timedelta

from . import winback_shop
from .databases import execute, settle
from .floor import winback as floor
from .measure import side_by_side
from .report import Bound, Row, against

LIMIT = 2


def look(env, database, now):
    """The dry run over all customers, with a reason for each who stays out."""
    campaign = winback_shop.campaign(env)
    values = _values(env, campaign, now)
    sides = {
        "floor": lambda: floor.look(env, values),
        "ours": lambda: campaign._look(now)[None],
    }
    found = side_by_side(env.cr, sides, lambda: _prepare(env, database))
    return _row("winback_targeting", "Win-back: who is a candidate", found)


def start(env, database, now):
    """Attempts on everybody who is a candidate."""
    campaign = winback_shop.campaign(env)
    values = _values(env, campaign, now)
    sides = {
        "floor": lambda: floor.start(env, values),
        "ours": lambda: len(campaign._start(now)),
    }
    found = side_by_side(env.cr, sides, lambda: _prepare(env, database))
    row = _row("winback_start", "Win-back: attempts started", found)
    _prepare(env, database)
    return row


def _values(env, campaign, now):
    return {
        "campaign": campaign.id,
        "company": campaign.company_id.id,
        "version": campaign.version_id.id,
        "step": campaign.version_id._steps()[0].id,
        "user": env.uid,
        "now": now,
        "first": now.date() - timedelta(days=campaign.max_days_inactive),
        "last": now.date() - timedelta(days=campaign.min_days_inactive),
        "orders": campaign.min_previous_orders,
        "spend": campaign.min_previous_spend,
        "cooldown": now - timedelta(days=campaign.cooldown_days),
        "attempts": campaign.max_attempts,
        "group": campaign.exclusive_group,
        "priority": campaign.priority,
    }


def _prepare(env, database):
    env.cr.commit()
    env.invalidate_all()
    execute(
        database,
        "DELETE FROM winback_attempt WHERE run_state = 'running'",
        "TRUNCATE journey_slot",
    )
    settle(database, "winback_attempt", "journey_slot")


def _row(key, title, found):
    ours, below = found["ours"], found["floor"]
    assert ours.result == below.result, (ours, below)
    row = Row(
        key,
        title,
        ours.result,
        ours.seconds,
        ours.statements,
        sides={"ours": ours.seconds, "floor": below.seconds},
        ratios=against("floor", ours, below),
    )
    row.notes.append(f"{ours.statements} statements in all")
    row.bounds.append(Bound("x floor", row.ratios["floor"], LIMIT))
    return row
