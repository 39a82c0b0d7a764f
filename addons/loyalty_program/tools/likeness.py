"""Do two customers look like one person? Plain values in, a verdict out.

Whoever looks suspicious is reviewed by people, not refused: false alarms are allowed.
"""

import re
from dataclasses import dataclass, field

# Countries write the same number with and without their code and leading zeros.
PHONE_DIGITS = 9
MIN_PHONE_DIGITS = 7
SAME_MAIL = {"googlemail.com": "gmail.com"}


def mailbox(email):
    """Return the mailbox that an e-mail address most likely ends up in.

    >>> mailbox("An.na+shop@GoogleMail.com")
    'anna@gmail.com'
    >>> mailbox("nobody")
    ''
    """
    name, at, domain = (email or "").strip().lower().rpartition("@")
    name = name.split("+")[0].replace(".", "")
    return f"{name}@{SAME_MAIL.get(domain, domain)}" if at and name else ""


def number(phone):
    """Return what is the same in all spellings of a phone number.

    >>> number("+880 1711-000 111") == number("01711000111")
    True
    >>> number("12")
    ''
    """
    digits = re.sub(r"\D", "", phone or "").lstrip("0")
    return digits[-PHONE_DIGITS:] if len(digits) >= MIN_PHONE_DIGITS else ""


def place(street, zip_code, city):
    """Return an address without spelling; nothing where the street is not known.

    >>> place("Road 7, House 3", "1212", "Dhaka") == place("road 7 house 3", 1212, "")
    True
    """
    road = re.sub(r"[\W_]", "", (street or "").lower())
    area = re.sub(r"[\W_]", "", str(zip_code or city or "").lower())
    return f"{road}/{area}" if road else ""


@dataclass(frozen=True)
class Person:
    """What tells people apart: sets of mailboxes, numbers, places and payments."""

    mailboxes: frozenset = field(default_factory=frozenset)
    numbers: frozenset = field(default_factory=frozenset)
    places: frozenset = field(default_factory=frozenset)
    payments: frozenset = field(default_factory=frozenset)


def shared(one, other):
    """Return the kinds of facts that two people share, in the order of the fields.

    >>> shared(Person(frozenset({"a@b.c"})), Person(frozenset({"a@b.c"})))
    ['mailboxes']
    """
    return [
        name
        for name in Person.__dataclass_fields__
        if getattr(one, name) & getattr(other, name)
    ]
