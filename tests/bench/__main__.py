"""Measure the suite side by side with hand-written SQL and with plain Odoo.

Works on copies of the database that ``PGDATABASE`` names (our addon installed, no
data); they are filled once and kept. Throw-away data: synchronous_commit is off.
"""

import argparse
import os
import platform
import sys
from datetime import datetime
from functools import partial
from pathlib import Path

from . import configure

HISTORY = ("evaluate_all", "evaluate_same", "nightly", "backfill", "dashboard")
JOURNEYS = ("journey_email", "journey_enrolment", "contact_policy")
CAMPAIGNS = ("campaign_stage", "campaign_segment", "campaign_statistics")
WINBACK = ("winback_targeting", "winback_start")
SURVEYS = ("survey_sending",)
LOYALTY = ("loyalty_expiry", "loyalty_confirmation", "loyalty_backfill")
ROWS = (
    *HISTORY,
    "confirmation",
    "memory",
    *JOURNEYS,
    "journey_memory",
    *CAMPAIGNS,
    *WINBACK,
    *SURVEYS,
    *LOYALTY,
)
ROOT = Path(__file__).resolve().parents[2]


def main():
    options = _parse()
    configure()
    sys.stdout.reconfigure(line_buffering=True)
    from . import report

    rows = list(_measure(options))
    report.print_table(rows)
    report.write_json(options.json, _about(options), rows)
    print(f"\nJSON: {options.json}")
    over = [row.key for row in rows for bound in row.bounds if not bound.holds]
    if over:
        print(f"Over a bound: {', '.join(over)}")
    return bool(over) and options.strict


def _parse():
    parser = argparse.ArgumentParser(prog="./setup/bench", description=__doc__)
    add = parser.add_argument
    add("--scale", type=int, default=200_000, metavar="N", help="number of customers")
    add("--orders", type=int, default=10, metavar="N", help="orders per customer")
    add("--rows", type=_names, default=list(ROWS), help=f"of {', '.join(ROWS)}")
    add("--cdnow", action="store_true", help="also on the full CDNOW history")
    add("--database", help="an existing database with data, used as it is")
    add("--json", type=Path, default=ROOT / ".local/bench.json", metavar="PATH")
    add("--strict", action="store_true", help="exit code 1 when over a bound")
    return parser.parse_args()


def _names(text):
    names = text.split(",")
    if unknown := set(names) - set(ROWS):
        raise argparse.ArgumentTypeError(f"no such row: {', '.join(sorted(unknown))}")
    return names


def _about(options):
    return {
        "customers": options.scale,
        "orders_per_customer": options.orders,
        "measured_at": datetime.now().isoformat(timespec="seconds"),
        "python": platform.python_version(),
        "processors": os.cpu_count(),
        "synchronous_commit": "off",
    }


def _measure(options):
    from . import confirmation, dataset, memory, shops

    template = os.environ["PGDATABASE"]
    if {*HISTORY, "memory"} & set(options.rows):
        name = options.database or shops.generated(
            template, options.scale, options.orders
        )
        yield from _on_history(name, options.rows, dataset.moment(), "")
    if options.cdnow:
        rows = [row for row in options.rows if row in ("backfill", *ROWS[:2])]
        yield from _on_history(
            shops.cdnow(template), rows, dataset.cdnow_moment(), " (CDNOW)"
        )
    if "confirmation" in options.rows:
        yield from _told(confirmation.confirm(*shops.pair(template)))
    if "memory" in options.rows:
        small = shops.generated(template, memory.SMALL, options.orders)
        yield from _told(memory.compare(options.scale, name, memory.SMALL, small))
    yield from _on_engine(template, options)
    yield from _on_loyalty(template, options)


def _on_engine(template, options):
    """The rows of what the engine walks customers through, each on its own shop."""
    from . import campaign_shop, journey_shop, survey_sending, winback_shop

    if {*JOURNEYS, "journey_memory"} & set(options.rows):
        yield from _on_journeys(journey_shop.ensure(template), options.rows)
    if set(CAMPAIGNS) & set(options.rows):
        yield from _on_campaigns(campaign_shop.ensure(template), options.rows)
    if set(WINBACK) & set(options.rows):
        name = winback_shop.ensure(template, options.scale, options.orders)
        yield from _on_winback(name, options.rows)
    if set(SURVEYS) & set(options.rows):
        yield from _on_surveys(survey_sending.ensure(template))


def _on_history(database, rows, now, suffix):
    """The rows that one database with a history of orders can tell."""
    from . import dashboard, databases, evaluation, history

    with databases.environment(database) as env:
        steps = {
            "backfill": partial(history.backfill, env, database, now),
            "dashboard": partial(dashboard.load, env, database, now),
        }
        if {"evaluate_all", "evaluate_same", "nightly"} & set(rows):
            whole = evaluation.Evaluation(env, database, now)
            steps["evaluate_all"] = whole.all_change
            steps["evaluate_same"] = whole.none_changes
            steps["nightly"] = whole.nightly
        for key in rows:
            if key in steps:
                row = steps[key]()
                row.key, row.title = row.key + suffix, row.title + suffix
                yield from _told(row)


def _on_journeys(database, rows):
    """The rows of a shop that writes to its customers."""
    from . import (
        contact_policy,
        databases,
        dataset,
        journey_email,
        journey_enrolment,
        journey_memory,
    )

    with databases.environment(database) as env:
        now = dataset.moment()
        steps = {
            "journey_email": journey_email.send,
            "journey_enrolment": journey_enrolment.enrol,
            "contact_policy": contact_policy.decide,
        }
        yield from _wanted(steps, rows, env, database, now)
    if "journey_memory" in rows:
        yield from _told(journey_memory.compare(database))


def _on_surveys(database):
    """The rows of a shop that asks its customers."""
    from . import databases, dataset, survey_sending

    with databases.environment(database) as env:
        row = survey_sending.send(env, database, dataset.moment())
        yield from _told(row)


def _on_campaigns(database, rows):
    """The rows of a shop with campaigns."""
    from . import campaign_entry, campaign_statistics, databases, dataset

    with databases.environment(database) as env:
        now = dataset.moment()
        steps = {
            "campaign_stage": campaign_entry.stage,
            "campaign_segment": campaign_entry.segment,
            "campaign_statistics": campaign_statistics.load,
        }
        yield from _wanted(steps, rows, env, database, now)


def _on_winback(database, rows):
    """The rows of a shop that asks customers back."""
    from . import databases, dataset, winback_targeting

    with databases.environment(database) as env:
        steps = {
            "winback_targeting": winback_targeting.look,
            "winback_start": winback_targeting.start,
        }
        yield from _wanted(steps, rows, env, database, dataset.moment())


def _on_loyalty(template, options):
    """The rows of shops with a loyalty program, each on a database of its own."""
    from . import (
        databases,
        dataset,
        loyalty_backfill,
        loyalty_confirmation,
        loyalty_expiry,
        loyalty_shop,
    )

    now = dataset.moment()
    if "loyalty_expiry" in options.rows:
        name = loyalty_shop.points(template)
        with databases.environment(name) as env:
            yield from _told(loyalty_expiry.expire(env, name, now))
    if "loyalty_confirmation" in options.rows:
        yield from _told(loyalty_confirmation.confirm(template))
    if "loyalty_backfill" in options.rows:
        name = loyalty_shop.orders(template, options.scale, options.orders)
        with databases.environment(name) as env:
            yield from _told(loyalty_backfill.credit(env, name, now))


def _wanted(steps, rows, *where):
    """Measure those of ``steps`` that are asked for, in their order."""
    for key, step in steps.items():
        if key in rows:
            yield from _told(step(*where))


def _told(row):
    from . import report

    report.print_row(row)
    yield row


if __name__ == "__main__":
    sys.exit(main())
