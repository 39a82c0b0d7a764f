"""Plays what a journey would do, without the clock and without sending."""

import heapq
from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass
class Walker:
    """A customer on the way through the rehearsed steps."""

    customer_id: int
    addressee_id: int
    is_holdout: bool
    variant: str | None
    anchor_at: datetime
    place: int = 0
    due_at: datetime | None = None


@dataclass(frozen=True)
class Stage:
    """A step as the rehearsal sees it.

    ``extra`` is how long a wait lasts if nothing happens, ``passing`` the ids of the
    customers who meet the condition, None for everybody.
    """

    code: str
    kind: str
    delay: timedelta
    extra: timedelta = timedelta()
    variant: str | None = None
    passing: frozenset | None = None
    is_asked: bool = True
    after: str | None = None  # what a wait does if nothing happens
    has_content: bool = True


def rehearse(walkers, stages, decide, until):
    """Return a Counter of (time, step code, outcome) of what would happen.

    Nobody orders, opens or clicks in a rehearsal: waits last until their timeout.

    :param list walkers: ``Walker`` at their entry
    :param list stages: ``Stage`` in their order
    :param decide: function of (time, [(walker, stage)]) that returns for each
        (outcome, time to try again or None)
    :param datetime until: when the rehearsal ends
    """
    found, queue = Counter(), []
    for number, walker in enumerate(walkers):
        _enter(walker, stages, walker.anchor_at, queue, number)
    while queue and queue[0][0] <= until:
        moment, batch = queue[0][0], []
        while queue and queue[0][0] == moment:
            batch.append(heapq.heappop(queue)[1])
        _play(moment, [(n, walkers[n]) for n in batch], stages, decide, queue, found)
    return found


def _play(moment, batch, stages, decide, queue, found):
    asked = []
    for number, walker in batch:
        stage = stages[walker.place]
        outcome = _silent_outcome(walker, stage)
        if outcome is None:
            asked.append((number, walker, stage))
        else:
            _pass_silently(
                outcome, (number, walker, stage), stages, moment, queue, found
            )
    answers = decide(moment, [(walker, stage) for _n, walker, stage in asked])
    for (number, walker, stage), (outcome, again) in zip(asked, answers, strict=True):
        if outcome == "send" and not stage.has_content:
            outcome = "no_content"
        found[moment, stage.code, outcome] += 1
        if again:
            heapq.heappush(queue, (max(again, moment + timedelta(minutes=1)), number))
        else:
            _move_on(walker, stages, moment, queue, number)


def _pass_silently(outcome, place, stages, moment, queue, found):
    """Note what nobody is asked about, and move on unless the journey ends here."""
    number, walker, stage = place
    if outcome:
        found[moment, stage.code, outcome] += 1
    if outcome or stage.after != "exit":
        left_out = not outcome and stage.after == "skip_next"
        _move_on(walker, stages, moment, queue, number, left_out)


def _silent_outcome(walker, stage):
    """Return what happens without asking, "" for nothing to tell, None to ask."""
    if stage.passing is not None and walker.customer_id not in stage.passing:
        return "condition"
    if stage.kind != "message":
        return ""
    if walker.is_holdout:
        return "holdout"
    if stage.is_asked:
        return None
    return "send" if stage.has_content else "no_content"


def _move_on(walker, stages, moment, queue, number, left_out=False):
    walker.place += 1
    if left_out:
        _pass_over(walker, stages)
    _enter(walker, stages, moment, queue, number)


def _pass_over(walker, stages):
    """Leave out the next stage of the walker's variant."""
    while walker.place < len(stages):
        walker.place += 1
        if stages[walker.place - 1].variant in (None, False, walker.variant):
            return


def _enter(walker, stages, moment, queue, number):
    """Queue a walker for the next stage of its variant, if there is one."""
    while walker.place < len(stages):
        stage = stages[walker.place]
        if stage.variant in (None, False, walker.variant):
            due = max(walker.anchor_at + stage.delay, moment) + stage.extra
            walker.due_at = due
            heapq.heappush(queue, (due, number))
            return
        walker.place += 1
