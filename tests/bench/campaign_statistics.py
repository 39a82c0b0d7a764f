"""The statistics page of a campaign with a million deliveries."""

from concurrent.futures import ThreadPoolExecutor
from functools import partial

from . import campaign_shop, databases
from .floor import campaign as floor
from .measure import side_by_side
from .report import Bound, Row, against

SECONDS = 1.0
# What statistics_model.js asks for, all at once.
CALLS = ("get_statistics", "get_course", "get_lift")


def load(env, database, now):
    """The page waits for three answers, which come side by side."""
    campaign = campaign_shop.campaign(env, "statistics")
    with ThreadPoolExecutor(len(CALLS)) as workers:
        sides = {
            "page": partial(_page, workers, database, campaign.id),
            **{name: partial(_call, env, campaign.id, name) for name in CALLS},
            "floor": lambda: floor.statistics(env, campaign),
        }
        found = side_by_side(env.cr, sides, lambda: None)
    page = found["page"]
    row = Row(
        "campaign_statistics",
        "Statistics of a campaign",
        campaign_shop.DELIVERIES,
        page.seconds,
        sum(found[name].statements for name in CALLS),
        sides={
            **{name: found[name].seconds for name in ("page", *CALLS)},
            "floor, counts alone": found["floor"].seconds,
        },
        ratios=against("floor", found["get_statistics"], found["floor"]),
    )
    row.bounds += [
        Bound(f"seconds of {name}", found[name].seconds, SECONDS)
        for name in ("page", *CALLS)
    ]
    return row


def _page(workers, database, number):
    """Ask as a browser does: each call has its own worker and connection."""

    def ask(name):
        with databases.environment(database) as env:
            return _call(env, number, name)

    return len(list(workers.map(ask, CALLS)))


def _call(env, number, name):
    env.invalidate_all()
    return getattr(env["engagement.campaign"].browse(number), name)()
