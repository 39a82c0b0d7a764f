"""One run at one step, and what becomes of it in a batch."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

MAX_ATTEMPTS = 3


@dataclass
class Item:
    """A due run; the first block is read, the second filled while it is processed.

    What happens to the run: it moves on to its next step unless it ``stay``s (to be
    looked at again ``until``) or ``ends``. What is written of it: a delivery with
    ``state`` and ``reason``, if there is a state.
    """

    model: str
    run_id: int
    customer_id: int
    addressee_id: int
    definition: Any
    step: Any
    started_at: datetime
    anchor_at: datetime  # delays count from here
    due_at: datetime  # since when this step is due
    is_holdout: bool
    variant: str | None
    attempts: int
    steps_completed: int

    channel: str | None = None
    is_message: bool = False  # somebody is to be asked whether it may go out
    state: str | None = None
    reason: str | None = None
    error: str | None = None
    until: datetime | None = None
    ends: tuple | None = None  # (run state, exit reason)
    leaves_out: int = 0  # steps after this one that are left out
    card: Any = None  # the coupon that the message carries
    gift: float = 0  # what the offer gave at once, such as points
    trace_id: int | None = None
    mail_id: int | None = None
    sms_id: int | None = None

    @property
    def key(self):
        """What makes the message unique, for the contact log."""
        return f"{self.model}:{self.run_id}:{self.step.code}"

    @property
    def is_settled(self):
        """Whether it is known what becomes of the run."""
        return bool(self.state or self.until or self.ends)

    def skip(self, reason):
        """The message does not go out; the run moves on."""
        self.is_message, self.state, self.reason = False, "skipped", reason

    def refuse(self, reason):
        """The customer must not be written to; with some journeys that is the end."""
        self.skip(reason)
        if reason in self.definition._final_refusals:
            self.ends = ("cancelled", "unsubscribed")

    def hold(self, reason, until):
        """The message waits until then."""
        self.is_message, self.state, self.reason = False, "held", reason
        self.until = until

    def stay(self, until):
        """The run stays at its step; nothing is written of it."""
        self.is_message, self.until = False, until

    def end(self, state, reason):
        """The run ends before its last step; a message that was due stays away."""
        self.is_message, self.ends = False, (state, reason)
        if self.step.kind == "message":
            self.state, self.reason = "skipped", reason

    def send(self, state="queued"):
        """The message is on its way."""
        self.is_message, self.state, self.reason = False, state, None
        self.error = None

    def fail(self, error, now, max_attempts=MAX_ATTEMPTS):
        """The message cannot be made: again later, or never after some attempts."""
        self.is_message, self.reason = False, "render_error"
        self.error = f"{type(error).__name__}: {error}"[:2000]
        self.attempts += 1
        self.trace_id = self.mail_id = self.sms_id = self.card = None
        self.gift = 0
        if self.attempts >= max_attempts:
            self.state, self.until = "failed", None
        else:
            self.state = "held"
            self.until = now + timedelta(minutes=15 * self.attempts)
