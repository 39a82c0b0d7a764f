"""May this message go to this person now? Values in, a decision with its reason out."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import NamedTuple

from .quiet_hours import QuietHours


class Request(NamedTuple):
    """A message that wants to go out.

    :param int customer_id: the customer whom caps protect
    :param int addressee_id: the person who would receive it
    :param str channel: email, sms or push
    :param str category: transactional, service or marketing
    :param topic: id of a contact.topic, or a false value
    :param int priority: the higher one wins what a cap leaves
    :param str key: identifies the message; one known by it is a duplicate
    :param due_at: naive UTC datetime since when it waits; now by default
    """

    customer_id: int
    addressee_id: int
    channel: str
    category: str
    topic: int | None = None
    priority: int = 0
    key: str | None = None
    due_at: datetime | None = None


class Decision(NamedTuple):
    """``send``, ``hold`` (``until`` when to ask again) or ``skip``, and why."""

    decision: str
    reason: str | None = None
    until: datetime | None = None


SEND = Decision("send")


class Word(NamedTuple):
    """The newest word of a person on a channel or topic."""

    when: tuple
    granted: bool


@dataclass
class Person:
    """What is known of an addressee."""

    active: bool = False
    customer: int | None = None  # whom caps protect
    has_address: dict = field(default_factory=dict)  # channel: something is there
    address: dict = field(default_factory=dict)  # channel: normalised, if valid
    address_hash: dict = field(default_factory=dict)
    blacklisted: set = field(default_factory=set)  # channels
    erased: set = field(default_factory=set)  # channels
    words: dict = field(default_factory=dict)  # (channel, topic or None): Word
    quiet: QuietHours = field(default_factory=QuietHours)

    def hear(self, channel, topic, word):
        """Take note of a word; the newest counts."""
        known = self.words.get((channel, topic))
        if known is None or word.when > known.when:
            self.words[channel, topic] = word


@dataclass
class Situation:
    """What is known of all requests at ``now``."""

    now: datetime
    hold_for: timedelta
    people: dict
    presumed: dict  # channel: ids of customers who agree by not objecting
    suppressed: dict  # customer id: list of (why, until or None)
    sent_keys: set
    ledger: object


def refusal(request, facts):
    """Return the Decision that forbids a message whatever the hour, or None."""
    person = facts.people.get(request.addressee_id) or Person()
    if not person.has_address.get(request.channel):
        return Decision("skip", "no_address")
    if not person.address.get(request.channel):
        return Decision("skip", "invalid_address")
    if request.key and request.key in facts.sent_keys:
        return Decision("skip", "duplicate")
    if request.category == "transactional":
        return None
    if not person.active:
        return Decision("skip", "no_address")
    return _objection(request, person, facts)


def objection(request, facts):
    """Return the Decision that keeps a message from leaving at ``now``, or None."""
    refused = refusal(request, facts)
    if refused or request.category == "transactional":
        return refused
    if request.due_at and request.due_at + facts.hold_for <= facts.now:
        return Decision("skip", "expired")
    return _rest(facts.people[request.addressee_id], facts.now)


def _objection(request, person, facts):
    channel = request.channel
    if channel in person.blacklisted:
        return Decision("skip", "blacklisted")
    if channel in person.erased:
        return Decision("skip", "suppressed:erased")
    topic = person.words.get((channel, request.topic)) if request.topic else None
    if topic and not topic.granted:
        return Decision("skip", "topic_opt_out")
    if request.category == "marketing" and not _agrees(request, person, facts):
        return Decision("skip", "no_consent")
    return _suppression(request, facts)


def _agrees(request, person, facts):
    """A yes is to the channel; to welcome a topic again is no more than that."""
    word = person.words.get((request.channel, None))
    if word:
        return word.granted
    return request.customer_id in facts.presumed.get(request.channel, ())


def _suppression(request, facts):
    """Marketing pauses while something else is to be settled first."""
    found = facts.suppressed.get(request.customer_id)
    if not found or request.category != "marketing":
        return None
    for why, until in found:
        if until is None:
            return Decision("skip", f"suppressed:{why}")
    why, until = max(found, key=lambda pair: pair[1])
    return Decision("hold", f"suppressed:{why}", until) if until > facts.now else None


def decide_all(requests, facts):
    """Return a Decision per request, in their order.

    The higher priority is asked first, among equals the one that waits longest.
    """
    decisions = [None] * len(requests)
    order = sorted(
        range(len(requests)),
        key=lambda i: (-requests[i].priority, requests[i].due_at or facts.now, i),
    )
    for index in order:
        decisions[index] = _decide(requests[index], facts)
        if decisions[index] == SEND:
            _count(requests[index], facts)
    return decisions


def _decide(request, facts):
    refused = refusal(request, facts)
    if request.category == "transactional":
        return refused or SEND
    decision = refused or _delay(request, facts) or SEND
    if decision.decision == "skip":
        return decision
    expires = (request.due_at or facts.now) + facts.hold_for
    return _expired(decision, expires, facts.now) or decision


def _expired(decision, expires, now):
    """Return the skip of what would wait too long, or has waited too long; or None."""
    if expires <= now:
        return Decision("skip", "expired")
    if not decision.until or decision.until <= expires:
        return None
    # What pauses marketing for longer than anything is held, is the reason.
    paused = (decision.reason or "").startswith("suppressed:")
    return Decision("skip", decision.reason if paused else "expired")


def _delay(request, facts):
    """Return the hold that caps or quiet hours ask for, or None."""
    person = facts.people[request.addressee_id]
    free = facts.ledger.free_from(
        _keys(request, facts), request.channel, request.category, facts.now
    )
    if free > facts.now:
        return Decision("hold", "frequency_cap", person.quiet.release(free))
    return _rest(person, facts.now)


def _rest(person, now):
    """Return the hold of a person's quiet hours, or None."""
    awake = person.quiet.release(now)
    return Decision("hold", "quiet_hours", awake) if awake > now else None


def _keys(request, facts):
    person = facts.people[request.addressee_id]
    hashed = person.address_hash.get(request.channel)
    return [key for key in (person.customer or request.customer_id, hashed) if key]


def _count(request, facts):
    keys = _keys(request, facts)
    facts.ledger.add(keys, request.channel, request.category, facts.now)
    if request.key:
        facts.sent_keys.add(request.key)
