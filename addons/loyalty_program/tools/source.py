"""Why a card's points change: told beside the calls, where no client can forge it.

The context of the environment would do, too, but every other context gets environments
of its own, and an order that is confirmed goes through some eighty.
"""

from contextlib import contextmanager
from contextvars import ContextVar
from typing import NamedTuple


class Source(NamedTuple):
    """Records whose change moves the points of cards.

    ``event`` names the method of the ledger that explains the change; ``text`` is what
    people gave as the reason.
    """

    event: str
    model: str
    ids: tuple
    text: str = ""


_source = ContextVar("loyalty_source", default=None)


@contextmanager
def moving(source):
    """Let what is called within say why it moves points: because of ``source``."""
    token = _source.set(source)
    try:
        yield
    finally:
        _source.reset(token)


def current_source():
    """Return the ``Source`` of what moves points just now, None if nobody told it."""
    return _source.get()


# Whoever says this has written the ledger already.
POSTED = Source("posted", "", ())
# Whoever has this in the context, which no client can send, checks the tiers itself
# when all of them are written.
TOGETHER = object()
