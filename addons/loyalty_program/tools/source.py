"""Why a card's points change: told through the context, which no client can forge."""

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


# No client can send these objects.
# Whoever has this one has written the ledger already.
POSTED = object()
# Whoever has this one checks the tiers itself when all of them are written.
TOGETHER = object()
