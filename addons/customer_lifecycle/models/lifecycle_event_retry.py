import logging
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError
from odoo.tools import split_every

_logger = logging.getLogger(__name__)

BATCH = 500
MAX_ATTEMPTS = 10


class LifecycleEventRetry(models.Model):
    """An event that one consumer could not take yet, and the dispatcher of events.

    Every consumer gets every event once: the consumer's work and the event's being
    marked as seen are one transaction. What a consumer fails on is parked here for
    that consumer alone and tried again, one event at a time, with back-off.
    """

    _name = "lifecycle.event.retry"
    _description = "Waiting Event"
    _order = "next_attempt_at, id"
    _rec_name = "event_id"

    event_id = fields.Many2one(
        "lifecycle.event", required=True, ondelete="cascade", readonly=True
    )
    company_id = fields.Many2one(related="event_id.company_id", store=True)
    customer_id = fields.Many2one(related="event_id.customer_id")
    consumer = fields.Char(required=True, readonly=True)
    attempts = fields.Integer(readonly=True)
    next_attempt_at = fields.Datetime(readonly=True, index=True)
    error = fields.Text(readonly=True)
    state = fields.Selection(
        [("waiting", "Waiting"), ("failed", "Given Up")],
        default="waiting",
        required=True,
        readonly=True,
    )

    _event_consumer_uniq = models.UniqueIndex("(event_id, consumer)")

    # -------------------------------------------------------------------- dispatch
    @api.model
    def _wake_dispatch(self):
        """Run the dispatcher once this transaction is committed.

        A pre-commit hook: one trigger per transaction however many events it
        records, and none for events that a savepoint took back.
        """
        data = self.env.cr.precommit.data
        if "customer_lifecycle.wake" not in data:
            data["customer_lifecycle.wake"] = True
            self.env.cr.precommit.add(self._trigger_dispatch)

    @api.model
    def _trigger_dispatch(self):
        cron = self.env.ref(
            "customer_lifecycle.ir_cron_lifecycle_event_dispatch",
            raise_if_not_found=False,
        )
        if cron:
            cron.sudo()._trigger()

    @api.model
    def _cron_dispatch(self, batch_size=BATCH):
        """Hand pending events to their consumers, batch by batch."""
        events = self.env["lifecycle.event"]
        commit = self.env["ir.cron"]._commit_progress
        pending = [("is_pending", "=", True)]
        commit(remaining=events.search_count(pending) + len(self._due()))
        while batch := events.search(pending, limit=batch_size, order="id"):
            seen = self._dispatch(batch)
            if not commit(seen) or not seen:
                return
        for retries in split_every(batch_size, self._due().ids, self.browse):
            retries._retry()
            if not commit(len(retries)):
                return

    @api.model
    def _dispatch(self, events):
        """Hand ``events`` to every consumer; return how many were free to take."""
        events = events.try_lock_for_update()
        for consumer, method in events._event_consumers().items():
            error = self._consume(events, method)
            if error:
                self._park(events, consumer, error)
        self._mark_seen(events)
        return len(events)

    def _consume(self, events, method):
        """Run one consumer in a savepoint; return its error message or None."""
        try:
            with self.env.cr.savepoint():
                getattr(events, method)()
        except Exception as error:
            _logger.warning(
                "Consumer %s failed on %s lifecycle events", method, len(events)
            )
            _logger.info("Consumer %s", method, exc_info=True)
            return f"{type(error).__name__}: {error}"
        return None

    def _mark_seen(self, events):
        # SQL: events are append-only in the ORM.
        self.env.cr.execute(
            "UPDATE lifecycle_event SET is_pending = FALSE WHERE id = ANY(%s)",
            [events.ids],
        )
        events.invalidate_recordset(["is_pending"])

    def _park(self, events, consumer, error):
        self.sudo().create(
            [
                {
                    "event_id": event.id,
                    "consumer": consumer,
                    "error": error,
                    "next_attempt_at": fields.Datetime.now(),
                }
                for event in events
            ]
        )

    # ----------------------------------------------------------------------- retry
    @api.model
    def _due(self):
        return self.search(
            [
                ("state", "=", "waiting"),
                ("next_attempt_at", "<=", fields.Datetime.now()),
            ]
        )

    def _retry(self):
        """Try each parked event on its own, so that one bad one parks alone."""
        for retry in self.try_lock_for_update():
            method = retry.event_id._event_consumers().get(retry.consumer)
            error = retry._consume(retry.event_id, method) if method else None
            if error:
                retry._postpone(error)
            else:
                retry.sudo().unlink()

    def _postpone(self, error):
        """Wait twice as long after each failure: 2, 4, 8 ... minutes."""
        attempts = self.attempts + 1
        self.sudo().write(
            {
                "attempts": attempts,
                "error": error,
                "next_attempt_at": fields.Datetime.now()
                + timedelta(minutes=2**attempts),
                "state": "failed" if attempts >= MAX_ATTEMPTS else "waiting",
            }
        )

    def action_retry_now(self):
        """Try the selected events again at the next run of the dispatcher.

        :raises AccessError: the user is no lifecycle manager
        """
        if not self.env.user.has_group("customer_lifecycle.group_lifecycle_manager"):
            raise AccessError(self.env._("Only lifecycle managers retry events."))
        self.check_access("write")
        self.sudo().write(
            {"state": "waiting", "next_attempt_at": fields.Datetime.now()}
        )
        self._wake_dispatch()
