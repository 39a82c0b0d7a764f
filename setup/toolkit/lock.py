"""One run at a time: advisory file locks that die with their process."""

import fcntl
import sys
from contextlib import contextmanager

from . import paths

_held = set()


@contextmanager
def exclusive(name):
    """Hold the lock ``name``; wait for another run that has it.

    A lock this process already holds is granted again: steps may nest.
    """
    if name in _held:
        yield
        return
    paths.make_local_folders()
    with open(paths.LOCAL / f"{name}.lock", "w", encoding="utf-8") as handle:
        _acquire(handle, name)
        _held.add(name)
        try:
            yield
        finally:
            _held.discard(name)


def _acquire(handle, name):
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        print(f"[setup] another run holds '{name}': waiting", file=sys.stderr)
        fcntl.flock(handle, fcntl.LOCK_EX)
