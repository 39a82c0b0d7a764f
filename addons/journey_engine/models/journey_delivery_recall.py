from odoo import api, models
from odoo.tools import SQL

# States of an SMS that has not left yet.
UNSENT = ("outgoing", "postponed")


class JourneyDelivery(models.Model):
    """Queued messages are called back or put off before they leave."""

    _inherit = "journey.delivery"

    @api.model
    def _call_back(self, run_model, run_ids, reason):
        """Cancel what these runs still have in a queue, or have held back."""
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE journey_delivery SET state = 'skipped', reason = %s"
            " WHERE run_model = %s AND run_id = ANY(%s) AND state = 'held'",
            [reason, run_model, list(run_ids)],
        )
        self.invalidate_model()
        found = self.search(
            [
                ("run_model", "=", run_model),
                ("run_id", "in", list(run_ids)),
                ("state", "=", "queued"),
            ]
        )
        return found._cancel_queued(dict.fromkeys(found.ids, reason))

    def _cancel_queued(self, reasons):
        """Take messages out of their queues, those that have not left yet.

        :param dict reasons: {delivery id: reason code}
        :return: the deliveries that were cancelled
        """
        if not self:
            return self
        mails = self.mail_mail_id.sudo().filtered(lambda m: m.state == "outgoing")
        texts = self.sms_id.sudo().filtered(lambda s: s.state in UNSENT)
        mails.write({"state": "cancel"})
        texts.write({"state": "canceled"})
        stopped = self.filtered(lambda d: d.mail_mail_id in mails or d.sms_id in texts)
        stopped.trace_id.sudo().set_canceled()
        self.env.flush_all()
        self.env.cr.execute_values(
            "UPDATE journey_delivery d SET state = 'cancelled', reason = v.reason"
            " FROM (VALUES %s) v (id, reason) WHERE d.id = v.id",
            [(d.id, reasons[d.id]) for d in stopped] or [(0, "")],
        )
        stopped._forget_contacts()
        stopped._free_codes()
        self.invalidate_model()
        stopped._tell_runs()
        return stopped

    def _free_codes(self):
        """A code that nobody has read is free for somebody else."""
        cards = self.card_id.sudo()
        told = self.search(
            [("card_id", "in", cards.ids), ("id", "not in", self.ids)]
        ).filtered(lambda delivery: delivery.state != "cancelled")
        (cards - told.card_id)._unlink_unused()

    def _forget_contacts(self):
        """What was not sent counts for no cap."""
        keys = [delivery._message_key() for delivery in self]
        logged = self.env["contact.log"].sudo()
        logged.search([("message_key", "in", keys)]).unlink()

    # -------------------------------------------------------------------- put off
    def _put_off(self, until):
        """Have queued messages leave later.

        :param dict until: {delivery id: naive UTC datetime}
        :return: the deliveries
        """
        if not self:
            return self
        for moment, mine in self.grouped(lambda d: until[d.id]).items():
            mine.mail_mail_id.sudo().write({"scheduled_date": moment})
        self.sms_id.sudo().write({"state": "postponed"})
        self.env.flush_all()
        self.env.cr.execute_values(
            "UPDATE journey_delivery d SET retry_at = v.until::timestamp,"
            " times_held = d.times_held + 1 FROM (VALUES %s) v (id, until)"
            " WHERE d.id = v.id",
            [(delivery.id, until[delivery.id]) for delivery in self],
        )
        self.invalidate_model()
        return self

    def _count_later(self, until):
        """Have caps count messages that sleep from when they leave."""
        self.env.cr.execute_values(
            "UPDATE contact_log l SET sent_at = greatest(l.sent_at, v.until::timestamp)"
            " FROM (VALUES %s) v (key, until) WHERE l.message_key = v.key",
            [(d._message_key(), until[d.id]) for d in self] or [("", None)],
        )
        self.env["contact.log"].invalidate_model()

    @api.model
    def _bring_back(self, now):
        """Put postponed SMS back into their queue whose time has come."""
        self.env.flush_all()
        self.env.cr.execute(
            SQL(
                """
                UPDATE sms_sms s SET state = 'outgoing'
                  FROM journey_delivery d
                 WHERE d.sms_id = s.id AND d.state = 'queued'
                   AND s.state = 'postponed' AND d.retry_at <= %s
                """,
                now,
            )
        )
        if self.env.cr.rowcount:
            self.env["sms.sms"].invalidate_model(["state"])
            self.env.ref("sms.ir_cron_sms_scheduler_action").sudo()._trigger()
