"""Why a card's points change: told beside the calls, where no client can forge it.

The context of the environment would do, too, but every other context gets environments
of its own, and an order that is confirmed goes through some eighty.

A reason is told of certain cards, and covers nothing else that happens meanwhile: what
rules of automation write on other cards, or once more on the same one, explains itself.
"""

from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field

from .movement import rounded

# Points by which a card may move: whatever they are.
ANY = None


@dataclass
class Source:
    """Records whose change moves the points of cards.

    ``event`` names the method of the ledger that explains the change; ``text`` is what
    people gave as the reason. ``cards`` are those whose points it moves: {id: by how
    many, or ANY}. Each moves once, unless it ``lasts``.
    """

    event: str
    model: str = ""
    ids: tuple = ()
    text: str = ""
    cards: dict = field(default_factory=dict)
    lasts: bool = False

    def covers(self, card, delta):
        """Whether it is why a card moves.

        :param int card: id of a ``loyalty.card``
        :param float delta: by how many points it moves

        >>> source = Source("confirm", cards={7: -100})
        >>> source.covers(7, -100.0), source.covers(7, -90), source.covers(8, -100)
        (True, False, False)
        """
        if card not in self.cards:
            return False
        points = self.cards[card]
        return points is ANY or rounded(points - delta) == 0

    def take(self, card):
        """Use the reason for a card, which it explains no more then.

        >>> source = Source("confirm", cards={7: -100})
        >>> source.take(7)
        >>> source.covers(7, -100)
        False
        """
        if not self.lasts:
            del self.cards[card]


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


def posting(card):
    """Let the next change of a card (an id) follow what the ledger has written."""
    return moving(Source("posted", cards={card: ANY}))


# Whoever has this in the context, which no client can send, checks the tiers itself
# when all of them are written.
TOGETHER = object()
