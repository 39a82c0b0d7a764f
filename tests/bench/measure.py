"""Side by side: the same work done in several ways, alternately, as medians."""

import gc
import os
import time
from dataclasses import dataclass
from statistics import median

REPEAT = 3


@dataclass
class Sample:
    """One run: wall seconds, seconds of processor time (ours and the backend's)."""

    seconds: float
    processor: float
    statements: int
    result: object = None


def once(cr, work):
    """Run ``work`` and commit; both are measured."""
    gc.collect()
    cr.commit()  # what was prepared elsewhere is not in the snapshot of before
    statements, processor = cr.sql_log_count, _processor(cr)
    start = time.perf_counter()
    result = work()
    cr.commit()
    seconds = time.perf_counter() - start
    return Sample(
        seconds, _processor(cr) - processor, cr.sql_log_count - statements, result
    )


def side_by_side(cr, sides, prepare, repeat=REPEAT):
    """Measure each of ``sides`` ``repeat`` times in turns; return medians by name.

    :param dict sides: {name: function}
    :param prepare: called before each measurement, leaves the same state each time
    """
    samples = {name: [] for name in sides}
    for turn in range(repeat):
        names = list(sides) if turn % 2 == 0 else list(sides)[::-1]
        for name in names:
            prepare()
            samples[name].append(once(cr, sides[name]))
    return {name: _median(found) for name, found in samples.items()}


def _median(samples):
    return Sample(
        median(sample.seconds for sample in samples),
        median(sample.processor for sample in samples),
        samples[0].statements,
        samples[0].result,
    )


def _processor(cr):
    """Processor seconds of this process and, on the same machine, the backend's."""
    ours = time.process_time()
    try:
        with open(f"/proc/{cr._cnx.get_backend_pid()}/stat", encoding="ascii") as stat:
            fields = stat.read().rpartition(")")[2].split()
    except OSError:
        return ours
    return ours + (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
