"""Customers enter campaigns: by their stage, and by a segment every day."""

from . import campaign_shop
from .databases import execute, settle
from .floor import campaign as floor
from .measure import side_by_side
from .report import Bound, Row, against

LIMIT = 2
ENTERING = 100_000
# The engine hands transitions over in batches of this size.
BATCH = 50_000
SEGMENT = "l.engagement_score >= 50"


def stage(env, database, now):
    """100,000 customers change their stage."""
    campaign = campaign_shop.campaign(env, "stage")
    moves = env.execute_query_dict(_moves())

    def ours():
        for first in range(0, ENTERING, BATCH):
            campaign._on_stages(moves[first : first + BATCH], now)
        return _count(env, campaign)

    def below():
        ids = [move["customer_id"] for move in moves]
        for first in range(0, ENTERING, BATCH):
            part = ids[first : first + BATCH]
            floor.enrol(env, campaign, now, "l.customer_id = ANY(%(ids)s)", ids=part)
        return _count(env, campaign)

    sides = {"floor": below, "ours": ours}
    found = _measured(env, database, campaign, sides)
    return _row("campaign_stage", "Stage entry into a campaign", found)


def segment(env, database, now):
    """The daily look at a segment that half of 200,000 customers belong to."""
    campaign = campaign_shop.campaign(env, "segment")

    def ours():
        return campaign._enter_daily(now)

    def below():
        return floor.enrol(env, campaign, now, SEGMENT)

    found = _measured(env, database, campaign, {"floor": below, "ours": ours})
    row = _row("campaign_segment", "Daily segment trigger", found)
    campaign._enter_daily(now)
    env.cr.commit()
    again = side_by_side(env.cr, {"ours": ours, "floor": below}, lambda: None)
    assert again["ours"].result == again["floor"].result == 0
    row.sides["ours, nobody new"] = again["ours"].seconds
    row.sides["floor, nobody new"] = again["floor"].seconds
    return row


def _moves():
    from odoo.tools import SQL

    return SQL(
        "SELECT customer_id, company_id, 'active' AS from_stage, 'at_risk' AS to_stage"
        " FROM customer_lifecycle ORDER BY customer_id LIMIT %s",
        ENTERING,
    )


def _count(env, campaign):
    return env["campaign.enrollment"].search_count([("campaign_id", "=", campaign.id)])


def _measured(env, database, campaign, sides):
    def prepare():
        env.cr.commit()
        env.invalidate_all()
        execute(
            database,
            f"DELETE FROM campaign_enrollment WHERE definition_id = {campaign.id}",
        )
        settle(database, "campaign_enrollment")

    return side_by_side(env.cr, sides, prepare)


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
