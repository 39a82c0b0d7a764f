"""The statistics page of a campaign with a million deliveries."""

from . import campaign_shop
from .floor import campaign as floor
from .measure import side_by_side
from .report import Bound, Row, against

SECONDS = 1.0


def load(env, database, now):
    """What the page asks for: figures in all, per step, and the lift."""
    campaign = campaign_shop.campaign(env, "statistics")

    def ours():
        env.invalidate_all()
        campaign.get_statistics()
        return campaign.get_lift()["treated"]["size"]

    def figures():
        env.invalidate_all()
        return campaign.get_statistics()["total_enrolled"]

    sides = {
        "ours": ours,
        "figures": figures,
        "floor": lambda: floor.statistics(env, campaign),
    }
    found = side_by_side(env.cr, sides, lambda: None)
    ours_, figures_, floor_ = found["ours"], found["figures"], found["floor"]
    row = Row(
        "campaign_statistics",
        "Statistics of a campaign",
        campaign_shop.DELIVERIES,
        figures_.seconds,
        figures_.statements,
        sides={
            "figures": figures_.seconds,
            "figures and lift": ours_.seconds,
            "floor, counts alone": floor_.seconds,
        },
        ratios=against("floor", figures_, floor_),
    )
    row.bounds.append(Bound("seconds", figures_.seconds, SECONDS))
    return row
