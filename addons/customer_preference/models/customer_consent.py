from odoo import api, fields, models
from odoo.tools import SQL

from ..const import CHANNEL_KEYS, CHANNELS, SOURCES, STATUSES


class CustomerConsent(models.Model):
    """What people agreed to and took back: the newest row decides."""

    _name = "customer.consent"
    _description = "Consent"
    _inherit = ["lifecycle.append.only"]
    _order = "occurred_at desc, id desc"
    _rec_name = "customer_id"

    customer_id = fields.Many2one(
        "res.partner", "Person", required=True, ondelete="restrict", readonly=True
    )
    company_id = fields.Many2one(
        "res.company",
        required=True,
        ondelete="cascade",
        default=lambda self: self.env.company,
    )
    channel = fields.Selection(CHANNELS, required=True)
    topic_id = fields.Many2one(
        "contact.topic", ondelete="restrict", help="Empty: the channel as a whole."
    )
    status = fields.Selection(STATUSES, required=True)
    source = fields.Selection(SOURCES, required=True)
    wording_version = fields.Char(help="Which text the person agreed to.")
    occurred_at = fields.Datetime("When", required=True, default=fields.Datetime.now)
    evidence = fields.Char(help="How it can be proved: page, message, form, call.")

    _newest_idx = models.Index(
        "(customer_id, company_id, channel, topic_id, occurred_at DESC, id DESC)"
    )
    _objection_idx = models.Index(
        "(company_id, channel, customer_id) WHERE status = 'withdrawn'"
    )

    @api.model
    def _record(self, person, channel, status, topic=None, **values):
        """Write rows into the ledger.

        :param person: ``res.partner``, several are fine
        :param channel: a channel, or None for all of them
        :param topic: ``contact.topic`` or none for the channel as a whole
        :param values: source, wording_version, occurred_at, evidence
        """
        channels = [channel] if channel else CHANNEL_KEYS
        return self.sudo().create(
            [
                {
                    "customer_id": one.id,
                    "channel": each,
                    "status": status,
                    "topic_id": topic.id if topic else False,
                    "company_id": self.env.company.id,
                    **values,
                }
                for one in person
                for each in channels
            ]
        )

    @api.model
    def _newest_query(self, condition):
        """Select the rows that decide: one per person, channel and topic.

        :param SQL condition: on alias ``c`` (customer_consent)
        """
        return SQL(
            """
            SELECT DISTINCT ON (c.customer_id, c.channel, c.topic_id)
                   c.customer_id, c.channel, c.topic_id, c.status, c.occurred_at,
                   c.id, c.source
              FROM customer_consent c
             WHERE c.company_id = %s AND %s
             ORDER BY c.customer_id, c.channel, c.topic_id, c.occurred_at DESC,
                      c.id DESC
            """,
            self.env.company.id,
            condition,
        )

    @api.model
    def _objectors_query(self, channel, topic):
        """Select the persons whose newest word on a channel, or on a topic, is no.

        Who never said no is not looked at: mailings ask for every batch.

        :param str channel: email, sms or push
        :param topic: ``contact.topic`` or none
        """
        newest = self._newest_query(
            SQL(
                """
                c.channel = %(channel)s
                AND (c.topic_id IS NULL OR c.topic_id = %(topic)s)
                AND c.customer_id IN (
                    SELECT w.customer_id FROM customer_consent w
                     WHERE w.status = 'withdrawn' AND w.channel = %(channel)s
                       AND w.company_id = %(company)s)
                """,
                channel=channel,
                topic=topic.id or None,
                company=self.env.company.id,
            )
        )
        return SQL(
            "SELECT n.customer_id FROM (%s) n WHERE n.status = 'withdrawn'", newest
        )

    @api.model
    def _agreeing_query(self, channel):
        """Select the persons whose newest word on a channel as a whole is yes.

        :param str channel: email, sms or push
        """
        newest = self._newest_query(
            SQL("c.channel = %s AND c.topic_id IS NULL", channel)
        )
        return SQL(
            "SELECT n.customer_id FROM (%s) n WHERE n.status = 'granted'", newest
        )

    @api.model
    def _current(self, people):
        """Return {(person id, channel, topic id or None): status}."""
        self.flush_model()
        rows = self.env.execute_query(
            self._newest_query(SQL("c.customer_id = ANY(%s)", people.ids))
        )
        return {
            (person, channel, topic): status
            for person, channel, topic, status, *_when in rows
        }
