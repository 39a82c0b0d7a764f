"""Peak memory of an Odoo process that evaluates everybody: ``memory DATABASE``.

A process of its own for each figure: the peak of a process never falls.
"""

import json
import re
import subprocess
import sys
from pathlib import Path

from .report import Bound, Row

SMALL = 50_000
FLAT = 1.1


def apart(module, *args):
    """Measure in a new process; return {moment: megabytes}."""
    command = [sys.executable, "-m", module, *map(str, args)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return json.loads(done.stdout.splitlines()[-1])


def compare(size, large, small_size, small):
    """The memory row: ``large`` against ``small`` number of customers."""
    after, before = (apart("tests.bench.memory", name) for name in (large, small))
    row = Row("memory", "Peak memory of the Odoo process", size, 0, 0)
    row.notes.append(f"{small_size:,} customers, MB: {before}")
    row.notes.append(f"{size:,} customers, MB: {after}")
    ratio = after["back-fill"] / before["back-fill"]
    row.bounds.append(Bound("x small", ratio, FLAT))
    return row


def megabytes():
    """The peak of this program; getrusage would count its parent's before exec."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return round(int(re.search(r"VmHWM:\s+(\d+)", status)[1]) / 1024)


def main(database):
    from . import configure

    configure()
    from . import databases, dataset, evaluation, history

    figures = {}
    with databases.environment(database) as env:
        figures["started"] = megabytes()
        rows = evaluation.Evaluation(env, database, dataset.moment())
        rows.misplace()
        rows.ours()
        env.cr.commit()
        figures["every row changes"] = megabytes()
        databases.execute(database, *history.EMPTY)
        env["lifecycle.engine"].backfill(dataset.moment())
        env.cr.commit()
        figures["back-fill"] = megabytes()
    print(json.dumps(figures))


if __name__ == "__main__":
    main(sys.argv[1])
