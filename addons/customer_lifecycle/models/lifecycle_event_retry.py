import logging
from datetime import timedelta
from functools import partial

from odoo import api, fields, models
from odoo.exceptions import AccessError

from ..tools.notifier import notify_soon
from .lifecycle_jobs import COLLISIONS

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

    def init(self):
        # What ir.cron's _trigger() inserts. A function, so that the statement which
        # records an event can do it: a checkout waits for each round trip.
        # The setting lasts as long as the transaction, or until a savepoint takes
        # back the trigger with it: once is enough.
        self.env.cr.execute(
            """
            CREATE OR REPLACE FUNCTION lifecycle_wake(cron int)
            RETURNS void LANGUAGE plpgsql AS $$
            BEGIN
                IF current_setting('customer_lifecycle.woken', TRUE) = 'yes' THEN
                    RETURN;
                END IF;
                INSERT INTO ir_cron_trigger (cron_id, call_at, create_date)
                SELECT c.id, date_trunc('second', now() AT TIME ZONE 'UTC'),
                       now() AT TIME ZONE 'UTC'
                  FROM ir_cron c WHERE c.id = cron AND c.active;
                PERFORM set_config('customer_lifecycle.woken', 'yes', TRUE);
            END $$
            """
        )
        return super().init()

    # -------------------------------------------------------------------- dispatch
    @api.model
    def _wake_dispatch(self):
        """Run the dispatcher once this transaction is committed.

        A pre-commit hook: one statement per transaction however many events it
        records, and none for events that a savepoint took back.
        """
        data = self.env.cr.precommit.data
        if "customer_lifecycle.wake" not in data:
            data["customer_lifecycle.wake"] = True
            self.env.cr.precommit.add(self._trigger_dispatch)

    @api.model
    def _trigger_dispatch(self):
        self.env.cr.execute("SELECT lifecycle_wake(%s)", [self._dispatcher()])
        self._notify_workers()

    @api.model
    def _dispatcher(self):
        """Return the id of the cron that hands out events, 0 if it was deleted."""
        xmlid = "customer_lifecycle.ir_cron_lifecycle_event_dispatch"
        return self.env["ir.model.data"]._xmlid_to_res_id(xmlid) or 0

    @api.model
    def _notify_workers(self):
        """Have the cron workers look once this transaction is committed."""
        data = self.env.cr.postcommit.data
        if "customer_lifecycle.notify" not in data:
            data["customer_lifecycle.notify"] = True
            self.env.cr.postcommit.add(partial(notify_soon, self.env["ir.cron"]))

    @api.model
    def _cron_dispatch(self, batch_size=BATCH):
        """Hand pending events to their consumers, batch by batch."""
        engine = self.env["lifecycle.engine"]
        commit = self.env["ir.cron"]._commit_progress
        commit(remaining=self._count_pending() + len(self._due()))
        while done := engine._insist(lambda: self._hand_out(batch_size)):
            if not commit(done):
                return

    @api.model
    def _count_pending(self):
        return self.env["lifecycle.event"].search_count([("is_pending", "=", True)])

    @api.model
    def _pending(self, limit):
        domain = [("is_pending", "=", True)]
        return self.env["lifecycle.event"].search(domain, limit=limit, order="id")

    @api.model
    def _hand_out(self, batch_size):
        """Dispatch one batch, or try a batch of parked events; return how many."""
        return (
            self._dispatch(self._pending(batch_size)) or self._due(batch_size)._retry()
        )

    @api.model
    def _dispatch(self, events):
        """Hand ``events`` to every consumer; return how many were free to take."""
        events = events.try_lock_for_update()
        if not events:
            return 0
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
        except COLLISIONS:
            # Nobody's fault: the whole batch again, with a new snapshot.
            raise
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
    def _due(self, limit=None):
        return self.search(
            [
                ("state", "=", "waiting"),
                ("next_attempt_at", "<=", fields.Datetime.now()),
            ],
            limit=limit,
        )

    def _retry(self):
        """Try each parked event on its own, so that one bad one parks alone.

        :return: how many were free to take
        """
        retries = self.try_lock_for_update()
        for retry in retries:
            method = retry.event_id._event_consumers().get(retry.consumer)
            error = retry._consume(retry.event_id, method) if method else None
            if error:
                retry._postpone(error)
            else:
                retry.sudo().unlink()
        return len(retries)

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
