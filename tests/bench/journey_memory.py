"""Peak memory of an Odoo process that walks many: ``journey_memory DATABASE STEPS``."""

import json
import sys

from . import memory
from .report import Bound, Row

SIZES = (10_000, 50_000)


def compare(database):
    """The memory row of journeys: few against many due steps."""
    peaks = [
        memory.apart("tests.bench.journey_memory", database, size) for size in SIZES
    ]
    row = Row("journey_memory", "Peak memory, e-mail steps", SIZES[1], 0, 0)
    for size, figures in zip(SIZES, peaks, strict=True):
        row.notes.append(f"{size:,} steps, MB: {figures}")
    few, many = (figures["walked"] for figures in peaks)
    row.bounds.append(Bound("x few", many / few, memory.FLAT))
    return row


def main(database, size):
    from . import configure

    configure()
    from . import databases, dataset, journey_shop

    now = dataset.moment()
    journey_shop.empty(database)
    figures = {}
    with databases.environment(database) as env:
        figures["started"] = memory.megabytes()
        journey = journey_shop.journey(env)
        journey._enrol(journey_shop.first_customers(int(size)), now)
        env.cr.commit()
        figures["enrolled"] = memory.megabytes()
        assert journey_shop.process(env, now) == int(size)
        figures["walked"] = memory.megabytes()
    journey_shop.empty(database)
    print(json.dumps(figures))


if __name__ == "__main__":
    main(*sys.argv[1:])
