"""Who writes what a reward costs: the order itself, when it claims one.

Told beside the calls, where no client can forge it, as the reasons of ``source``.
"""

from contextlib import contextmanager
from contextvars import ContextVar

_claiming = ContextVar("loyalty_claiming", default=False)


@contextmanager
def claiming():
    """Let lines that are written within have what their rewards cost."""
    token = _claiming.set(True)
    try:
        yield
    finally:
        _claiming.reset(token)


def is_claiming():
    """Whether an order claims rewards just now.

    >>> is_claiming()
    False
    >>> with claiming():
    ...     is_claiming()
    True
    """
    return _claiming.get()
