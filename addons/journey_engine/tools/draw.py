"""Lots drawn by hash: the same person draws the same lot, whenever and wherever."""

import hashlib

from odoo.tools import SQL

LOTS = 10_000


def draw(*parts):
    """Return the lot (0 to 9999) of what ``parts`` name.

    >>> draw("welcome", 7) == draw("welcome", 7)
    True
    """
    digest = hashlib.md5(":".join(map(str, parts)).encode(), usedforsecurity=False)
    return int(digest.hexdigest()[:8], 16) % LOTS


def draw_sql(prefix, column):
    """Return the SQL of ``draw(prefix, column)``.

    :param str prefix: the parts before the last, joined by colons
    :param SQL column: the last part
    """
    return SQL(
        "(('x' || substr(md5(%s || ':' || %s), 1, 8))::bit(32)::bigint %% %s)",
        prefix,
        column,
        LOTS,
    )


def shares(weights):
    """Return [(name, first lot after its share)] for the lots of weighted names.

    >>> shares([("A", 1), ("B", 3)])
    [('A', 2500), ('B', 10000)]
    """
    total = sum(weight for _name, weight in weights)
    upto, found = 0, []
    for name, weight in weights:
        upto += weight
        found.append((name, LOTS * upto // total))
    return found
