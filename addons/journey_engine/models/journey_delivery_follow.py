from odoo import api, fields, models
from odoo.tools import SQL

FOLLOWED = 20_000


class JourneyDelivery(models.Model):
    """Deliveries follow what the platform's queues and tracking say of them."""

    _inherit = "journey.delivery"

    @api.model
    def _follow_traces(self, limit=FOLLOWED):
        """Note which queued messages have left, failed or were cancelled.

        Set-based over what is queued; the queue itself writes only its traces.

        :return: number of deliveries that changed
        """
        self.env.flush_all()
        self.env.cr.execute(self._follow_query(limit))
        moved = self.env.cr.fetchall()
        lost = [number for number, state in moved if state in ("failed", "cancelled")]
        self.invalidate_model()
        self.browse(lost)._forget_contacts()
        self.browse(number for number, _state in moved)._tell_runs()
        return len(moved)

    def _tell_runs(self):
        """Tell the runs of these deliveries that something became of them."""
        for run_model, deliveries in self.grouped("run_model").items():
            if run_model in self.env:
                runs = self.env[run_model].sudo()
                runs._on_deliveries(deliveries.mapped("run_id"))

    @api.model
    def _tell_of(self, items):
        """Tell the runs of those items whose message is on its way."""
        groups = {}
        for item in items:
            if item.state in ("queued", "sent"):
                groups.setdefault(item.model, []).append(item.run_id)
        for run_model, ids in groups.items():
            self.env[run_model].sudo()._on_deliveries(ids)

    def _follow_query(self, limit):
        """A server that falls silent leaves a failed mail behind, and a trace that
        knows nothing of it: the mail is asked, too.
        """
        return SQL(
            """
            WITH left_queue AS (
                SELECT d.id, t.sent_datetime,
                       CASE WHEN t.trace_status NOT IN ('outgoing', 'process')
                            THEN t.trace_status WHEN m.state = 'exception'
                            THEN 'error' ELSE 'cancel' END AS trace_status,
                       coalesce(t.failure_type, m.failure_type) AS failure_type,
                       coalesce(t.failure_reason, m.failure_reason)
                           AS failure_reason
                  FROM journey_delivery d JOIN mailing_trace t ON t.id = d.trace_id
                  LEFT JOIN mail_mail m ON m.id = d.mail_mail_id
                 WHERE d.state = 'queued'
                   AND (t.trace_status NOT IN ('outgoing', 'process')
                        OR m.state IN ('exception', 'cancel')
                        OR d.channel = 'email' AND d.mail_mail_id IS NULL)
                 LIMIT %s FOR UPDATE OF d SKIP LOCKED)
            UPDATE journey_delivery d
               SET state = CASE q.trace_status WHEN 'error' THEN 'failed'
                                WHEN 'cancel' THEN 'cancelled'
                                WHEN 'bounce' THEN 'bounced' ELSE 'sent' END,
                   -- Once it has left, it has, whatever is reported later.
                   sent_at = coalesce(d.sent_at, CASE
                       WHEN q.trace_status NOT IN ('error', 'cancel')
                       THEN coalesce(q.sent_datetime, d.decided_at) END),
                   reason = CASE WHEN q.trace_status IN ('error', 'cancel')
                                 THEN coalesce(q.failure_type, CASE q.trace_status
                                      WHEN 'cancel' THEN 'by_hand' END) END,
                   error = coalesce(q.failure_reason, d.error)
              FROM left_queue q WHERE q.id = d.id
            RETURNING d.id, d.state
            """,
            limit,
        )

    @api.model
    def _reopen(self, traces):
        """Have deliveries followed again that passed for sent."""
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE journey_delivery SET state = 'queued'"
            " WHERE trace_id = ANY(%s) AND state = 'sent'",
            [traces.ids],
        )
        self.invalidate_model()

    @api.model
    def _revive(self, traces):
        """Have failed deliveries followed again that were sent after all."""
        failed = self.search([("trace_id", "in", traces.ids), ("state", "=", "failed")])
        if not failed:
            return
        self.env.cr.execute(
            "UPDATE journey_delivery SET state = 'queued', reason = NULL, error = NULL"
            " WHERE id = ANY(%s)",
            [failed.ids],
        )
        self.invalidate_model()
        failed._tell_runs()
        for company, mine in failed.grouped("company_id").items():
            log = self.env["contact.log"].sudo().with_company(company)
            log._record([delivery._prepare_contact() for delivery in mine])

    def _prepare_contact(self):
        """Return the row of the contact log for a message that left."""
        person = self.addressee_id or self.customer_id
        name = {"email": "email_normalized", "sms": "phone_sanitized"}[self.channel]
        return {
            "customer_id": self.customer_id.id,
            "addressee_id": person.id,
            "channel": self.channel,
            "address": person[name],
            "category": self.category,
            "sent_at": self.trace_id.sent_datetime or fields.Datetime.now(),
            "message_key": self._message_key(),
        }

    def _message_key(self):
        return f"{self.run_model}:{self.run_id}:{self.step_code}"

    @api.model
    def _note_engagement(self, events):
        """Write what customers did with their messages; wake who waits for it.

        Recomputed from the tracking, so that the same event twice changes nothing and
        what a scanner clicked never counts.

        :param events: ``lifecycle.event`` records of types message_*
        """
        ids = list(set(events.mapped("res_id")))
        self._follow_traces()
        self._count_engagement(ids)
        self.browse(ids).exists()._tell_runs()
        self._wake_runs(ids)

    @api.model
    def _count_engagement(self, ids):
        """Write what the tracking of these deliveries says by now."""
        self.env.flush_all()
        self.env.cr.execute(
            SQL(
                """
                UPDATE journey_delivery d
                   SET clicked_at = c.first_click,
                       opened_at = least(t.open_datetime, c.first_click),
                       state = CASE t.trace_status WHEN 'reply' THEN 'replied'
                            WHEN 'bounce' THEN 'bounced' ELSE
                            CASE WHEN c.first_click IS NOT NULL THEN 'clicked'
                                 WHEN t.open_datetime IS NOT NULL THEN 'opened'
                                 ELSE 'sent' END END
                  FROM mailing_trace t
                  LEFT JOIN LATERAL (
                    SELECT min(k.create_date) AS first_click
                      FROM link_tracker_click k
                     WHERE k.mailing_trace_id = t.id AND k.is_automatic IS NOT TRUE
                  ) c ON TRUE
                 WHERE t.id = d.trace_id AND d.id = ANY(%s)
                   AND d.state NOT IN ('failed', 'cancelled')
                """,
                ids,
            )
        )
        self.invalidate_model()

    def _wake_runs(self, ids):
        """Have runs looked at again that wait for what happened to a message."""
        for run_model, deliveries in (
            self.browse(ids).exists().grouped("run_model").items()
        ):
            if run_model in self.env:
                runs = self.env[run_model].sudo()
                runs._wake(deliveries.mapped("run_id"))
