from odoo import api, fields, models
from odoo.tools import SQL


class EngagementStatistics(models.AbstractModel):
    """What a campaign brought about; read from orders and deliveries as they are now.

    The control group counts in no figure: ``get_lift`` compares with it.
    """

    _name = "engagement.statistics"
    _description = "Statistics of a Campaign"
    _inherit = ["journey.course"]

    currency_id = fields.Many2one("res.currency")
    total_enrolled = fields.Integer("Enrolled", compute="_compute_totals")
    total_active = fields.Integer("Under way", compute="_compute_totals")
    total_completed = fields.Integer("Completed", compute="_compute_totals")
    total_converted = fields.Integer("Converted", compute="_compute_totals")
    conversion_rate = fields.Float("Conversion (%)", compute="_compute_totals")
    revenue = fields.Monetary(
        compute="_compute_totals",
        help="Of the orders that enrolments converted to, untaxed and net of refunds.",
    )
    offer_cost = fields.Monetary(
        "Cost of offers",
        compute="_compute_totals",
        help="Discount given on confirmed orders by codes of the campaign.",
    )
    sent_count = fields.Integer("Sent", compute="_compute_totals")
    opened_rate = fields.Float("Opened (%)", compute="_compute_totals")
    clicked_rate = fields.Float("Clicked (%)", compute="_compute_totals")

    def _compute_totals(self):
        totals = self._totals(self._message_figures())
        for campaign in self:
            campaign.update(totals[campaign.id or campaign._origin.id])

    def _totals(self, messages):
        """Return {campaign id: {field: figure}}.

        :param dict messages: {campaign id: (sent, opened, clicked)}
        """
        passes, costs = self._pass_figures(), self._offer_costs()
        return {
            number: self._total(
                passes.get(number, {}),
                costs.get(number, 0),
                *messages.get(number, (0, 0, 0)),
            )
            for number in [campaign.id or campaign._origin.id for campaign in self]
        }

    @api.model
    def _total(self, found, cost, sent, opened, clicked):
        enrolled, converted = found.get("enrolled", 0), found.get("converted", 0)
        return {
            "total_enrolled": enrolled,
            "total_active": found.get("active", 0),
            "total_completed": found.get("completed", 0),
            "total_converted": converted,
            "conversion_rate": _percent(converted, enrolled),
            "revenue": found.get("revenue", 0),
            "offer_cost": cost,
            "sent_count": sent,
            "opened_rate": _percent(opened, sent),
            "clicked_rate": _percent(clicked, sent),
        }

    def _pass_figures(self):
        """Return {campaign id: figures of its enrolments}."""
        self.env.flush_all()
        rows = self.env.execute_query_dict(
            SQL(
                """
                SELECT r.definition_id, count(*) AS enrolled,
                       count(*) FILTER (WHERE r.run_state = 'running') AS active,
                       count(*) FILTER (WHERE r.status = 'completed') AS completed,
                       count(*) FILTER (WHERE r.status = 'converted') AS converted,
                       coalesce(sum(r.conversion_value - %(refunded)s)
                           FILTER (WHERE r.status = 'converted'), 0)::float AS revenue
                  FROM campaign_enrollment r
                  LEFT JOIN sale_order o ON o.id = r.conversion_order_id
                 WHERE r.definition_id = ANY(%(ids)s) AND r.is_holdout IS NOT TRUE
                 GROUP BY 1
                """,
                refunded=self._refunded_sql(),
                ids=self.ids,
            )
        )
        return {row.pop("definition_id"): row for row in rows}

    @api.readonly
    @api.model
    def get_total_revenue(self):
        """Return what all campaigns that the user sees brought in together.

        An order that several campaigns converted to counts once; see ``revenue``.

        :return: list of dicts with company_id, currency_id, conversions (orders, and
            what was reached without one) and revenue (in that currency)
        :raises AccessError: the user is no marketer
        """
        self.env["lifecycle.engine"]._check_marketer()
        found = self.with_context(active_test=False)
        found = found.search([("company_id", "in", self.env.companies.ids)])
        found = found._revenue_once()
        companies = self.env["res.company"].sudo().browse(found)
        return [
            {
                "company_id": company.id,
                "currency_id": company.currency_id.id,
                "conversions": found[company.id][0],
                "revenue": found[company.id][1],
            }
            for company in companies
        ]

    @api.readonly
    def get_statistics(self):
        """Return the campaign's figures, those of each step included.

        :return: dict with the totals (``total_enrolled``, ``total_active``,
            ``total_completed``, ``total_converted``, ``conversion_rate`` and the two
            rates in percent, ``revenue`` and ``offer_cost`` in the company's currency)
            and ``steps``: list of dicts with code, name, deliveries, sent,
            to_customers (sent, but for messages to colleagues), to_colleagues (whether
            it speaks to them), opened, clicked, converted, revenue, and ``not_sent``:
            {reason: count}; and ``reasons``: {code: label} of why messages stay away
        :raises AccessError: the user is no marketer
        """
        self._check_one()
        self._check_figures()
        steps = self._step_figures()
        # A million deliveries are looked through once.
        names = ("to_customers", "opened", "clicked")
        sums = tuple(sum(step[name] for step in steps) for name in names)
        return {
            **self._totals({self.id: sums})[self.id],
            "steps": steps,
            "reasons": self._stay_away_labels(),
        }


def _percent(part, whole):
    return 100 * part / whole if whole else 0.0
