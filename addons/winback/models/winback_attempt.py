from odoo import api, fields, models
from odoo.tools import SQL

from odoo.addons.journey_engine.const import COLLEAGUES, WENT_OUT

from ..const import STATUSES


class WinbackAttempt(models.Model):
    """One attempt to win one customer back.

    ``status`` is the contract's; rows are written in SQL by the scheduler, and whether
    an order won the customer back is read from the orders each time something happens
    to them.
    """

    _name = "winback.attempt"
    _description = "Win-back Attempt"
    _inherit = ["journey.conversion"]

    _won = "won_back"

    definition_id = fields.Many2one(
        "winback.campaign", required=True, ondelete="cascade", readonly=True
    )
    # The name of the contract; the engine calls it the definition.
    campaign_id = fields.Many2one(
        "winback.campaign", required=True, ondelete="cascade", readonly=True
    )
    step_id = fields.Many2one(
        "winback.campaign.step", required=True, ondelete="restrict", readonly=True
    )
    status = fields.Selection(STATUSES, required=True, default="active", readonly=True)
    attempt_number = fields.Integer(
        "Attempt",
        required=True,
        readonly=True,
        aggregator=None,
        help="Of this campaign, counted since the customer's last order.",
    )
    won_back_at = fields.Datetime("Won back", related="converted_at")
    emails_sent = fields.Integer(
        "Messages sent",
        compute="_compute_emails_sent",
        help="To the customer, on whatever channel.",
    )
    offer_code = fields.Char("Code")
    offer_used = fields.Boolean("Code used", search="_search_offer_used")

    # One attempt on a customer at a time, over all campaigns.
    _active_uniq = models.UniqueIndex(
        "(customer_id, company_id) WHERE run_state = 'running'",
        "Somebody is trying to win this customer back already.",
    )
    _status_idx = models.Index("(campaign_id, status)")

    def _compute_emails_sent(self):
        rows = (
            self.env["journey.delivery"]
            .sudo()
            ._read_group(
                [
                    ("run_model", "=", self._name),
                    ("run_id", "in", self.ids),
                    ("state", "in", WENT_OUT),
                    ("channel", "not in", COLLEAGUES),
                ],
                ["run_id"],
                ["__count"],
            )
        )
        sent = dict(rows)
        for attempt in self:
            attempt.emails_sent = sent.get(attempt.id, 0)

    @api.model
    def _search_offer_used(self, operator, value):
        if operator != "in":
            return NotImplemented
        cards = self.env["loyalty.card"].sudo().with_context(active_test=False)
        spent = cards._search(
            [
                ("journey_model", "=", "winback.campaign"),
                ("journey_run_id", "!=", False),
                ("points", "<=", 0),
            ]
        )
        used = fields.Domain("id", "in", spent.subselect("journey_run_id"))
        return fields.Domain.OR(used if said else ~used for said in value)

    # --------------------------------------------------------------- what it became
    @api.model
    def _attribution_sql(self):
        """As long as the attempt lasted (``winback.goal._window``)."""
        return SQL(
            """greatest(%s, c.offer_validity_days * interval '1 day'
                + coalesce((SELECT max(s.delay_hours) FROM winback_campaign_step s
                             WHERE s.definition_id = c.id), 0) * interval '1 hour')""",
            super()._attribution_sql(),
        )

    def _status_sql(self, journey):
        return SQL(
            """
            CASE WHEN k.happened_at IS NOT NULL THEN 'won_back'
                 WHEN r.exit_reason = 'unsubscribed' OR k.refused THEN 'unsubscribed'
                 ELSE 'exhausted' END
            """
        )

    def _refused_sql(self):
        """Who takes the consent back after a message has refused as well, though no
        other message met it: the last one asks, too.
        """
        return SQL(
            """(%s OR EXISTS (SELECT FROM journey_delivery d
                JOIN customer_consent w
                  ON w.customer_id IN (d.customer_id, d.addressee_id)
                 AND w.company_id = e.company_id AND w.channel = d.channel
                 AND (w.topic_id IS NULL OR w.topic_id = d.topic_id)
               WHERE d.run_model = %s AND d.run_id = e.id AND d.state = ANY(%s)
                 AND w.status = 'withdrawn' AND w.occurred_at >= d.decided_at
                 AND w.occurred_at <= e.completed_at))""",
            super()._refused_sql(),
            self._name,
            list(WENT_OUT),
        )

    @api.model
    def _on_order(self, orders, now):
        """An order wins its customer back at once, even while the campaign is off."""
        self.env.flush_all()
        rows = self.env.execute_query(self._awaited_query(orders))
        for campaign, ids in rows:
            definition = self._journeys().sudo().browse(campaign)
            reached = definition._goals_certain(ids)
            self.sudo()._end(reached, "done", "goal_reached", now)
        return super()._on_order(orders, now)

    def _awaited_query(self, orders):
        """Select per campaign the running attempts on the customers of orders."""
        return SQL(
            """
            SELECT r.definition_id, array_agg(DISTINCT r.id) FROM sale_order o
              JOIN res_partner p ON p.id = o.partner_id
              JOIN winback_attempt r ON r.customer_id = p.commercial_partner_id
               AND r.company_id = o.company_id AND r.run_state = 'running'
             WHERE o.id = ANY(%s) AND o.state = 'sale' GROUP BY 1
            """,
            list(orders),
        )
