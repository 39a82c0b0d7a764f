"""How much fits into a notification; no Odoo in here."""

import json
from bisect import bisect_right

ELLIPSIS = "…"


def as_text(value):
    """Return the JSON that is sent."""
    # Not escaped to ASCII: a Bengali letter takes three bytes instead of six.
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def size(value):
    """Return how many bytes a value takes in the payload."""
    return len(as_text(value).encode())


def cut(text, room):
    """Return a text that takes at most ``room`` bytes, cut at the end of a word.

    >>> cut("Fresh milk at your door", 18)
    'Fresh milk…'
    """
    # Half a character cannot be sent, and would take the whole batch along.
    text = text.encode(errors="ignore").decode()
    if size(text) <= room:
        return text
    room -= len(ELLIPSIS.encode())
    text = text[: max(room, 0)]
    lengths = range(len(text) + 1)
    end = bisect_right(lengths, room, key=lambda length: size(text[:length])) - 1
    head = text[: max(end, 0)]
    last_words = head[-30:]
    if " " in last_words:
        head = head[: head.rindex(" ")]
    return head.rstrip() + ELLIPSIS
