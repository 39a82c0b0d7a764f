"""Texts that come from outside."""


def is_storable(text):
    """Tell whether the database can keep a text: no NUL, no half characters.

    >>> is_storable("a\\0b"), is_storable("\\ud800"), is_storable("ab")
    (False, False, True)
    """
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return "\0" not in text
