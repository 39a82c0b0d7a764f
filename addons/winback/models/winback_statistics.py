from odoo import api, fields, models
from odoo.tools import SQL

from ..const import STATUS_KEYS, TARGET_RATE

# Sums over alias ``a``, rows of ``_attempts_query``.
SUMS = SQL(
    """
    count(*)::int AS targeted,
    count(*) FILTER (WHERE a.status <> 'active')::int AS ended,
    count(*) FILTER (WHERE a.status = 'won_back')::int AS won_back,
    coalesce(sum(a.value), 0)::float AS revenue
    """
)


class WinbackStatistics(models.AbstractModel):
    """What a campaign brought back; read from orders and deliveries as they are now.

    The control group counts in no figure: ``get_lift`` compares with it.
    """

    _name = "winback.statistics"
    _description = "Statistics of a Win-back Campaign"
    _inherit = ["journey.course"]

    currency_id = fields.Many2one("res.currency")
    total_targeted = fields.Integer("Targeted", compute="_compute_totals")
    total_active = fields.Integer("Under way", compute="_compute_totals")
    total_ended = fields.Integer("Ended", compute="_compute_totals")
    total_won_back = fields.Integer("Won back", compute="_compute_totals")
    won_back_rate = fields.Float(
        "Win-back rate (%)",
        compute="_compute_totals",
        help="Of the attempts that have ended, those that brought an order.",
    )
    target_rate = fields.Float(
        "Target (%)", default=TARGET_RATE, help="The win-back rate that you hope for."
    )
    is_on_target = fields.Boolean("On target", compute="_compute_totals")
    total_revenue_recovered = fields.Monetary(
        "Revenue recovered",
        compute="_compute_totals",
        help="Of the orders that won customers back, untaxed and net of refunds.",
    )
    offer_cost = fields.Monetary(
        "Cost of offers",
        compute="_compute_totals",
        help="Discount given on confirmed orders by codes of the campaign, and what "
        "points were worth.",
    )
    sent_count = fields.Integer("Sent", compute="_compute_totals")
    opened_rate = fields.Float("Opened (%)", compute="_compute_totals")
    clicked_rate = fields.Float("Clicked (%)", compute="_compute_totals")

    def _compute_totals(self):
        totals = self._totals()
        nothing = self._total({}, 0, 0, 0, 0)
        for campaign in self:
            campaign.update(totals.get(campaign._origin.id, nothing))

    def _totals(self):
        """Return {campaign id: {field: figure}}."""
        attempts, costs = self._attempt_figures(), self._offer_costs()
        messages = self._message_figures()
        return {
            campaign.id: campaign._total(
                attempts.get(campaign.id, {}),
                costs.get(campaign.id, 0),
                *messages.get(campaign.id, (0, 0, 0)),
            )
            for campaign in self._origin
        }

    def _total(self, found, cost, sent, opened, clicked):
        target = self.target_rate if len(self) == 1 else TARGET_RATE
        ended, won = found.get("ended", 0), found.get("won_back", 0)
        rate = percent(won, ended)
        return {
            "total_targeted": found.get("targeted", 0),
            "total_active": found.get("targeted", 0) - ended,
            "total_ended": ended,
            "total_won_back": won,
            "won_back_rate": rate,
            "is_on_target": bool(ended) and rate >= target,
            "total_revenue_recovered": found.get("revenue", 0),
            "offer_cost": cost,
            "sent_count": sent,
            "opened_rate": percent(opened, sent),
            "clicked_rate": percent(clicked, sent),
        }

    def _attempt_figures(self):
        """Return {campaign id: figures of its attempts}."""
        self.env.flush_all()
        rows = self.env.execute_query_dict(
            SQL(
                "SELECT a.definition_id, %s FROM (%s) a GROUP BY 1",
                SUMS,
                self._attempts_query(),
            )
        )
        return {row.pop("definition_id"): row for row in rows}

    def _attempts_query(self):
        """Select a row for each attempt that counts: definition_id, company_id, run_id,
        started_at, status and value (net of refunds, of those won back). Of customers
        who became one, the attempt that goes on counts.
        """
        return SQL(
            """
            SELECT r.definition_id, r.company_id, r.id AS run_id, r.started_at,
                   r.status, CASE WHEN r.status = 'won_back'
                             THEN coalesce(r.conversion_value, 0) - %s END AS value
              FROM winback_attempt r
              LEFT JOIN sale_order o ON o.id = r.conversion_order_id
             WHERE r.definition_id = ANY(%s) AND r.is_holdout IS NOT TRUE
               AND r.exit_reason IS DISTINCT FROM 'merged'
            """,
            self._refunded_sql(),
            self.ids,
        )

    @api.readonly
    def get_statistics(self):
        """Return the campaign's figures, those of each step included.

        :return: dict with the totals (``total_targeted``, ``total_active``,
            ``total_ended``, ``total_won_back``, ``won_back_rate``, ``opened_rate`` and
            ``clicked_rate`` in percent, ``is_on_target``, ``total_revenue_recovered``
            and ``offer_cost`` in the company's currency, ``sent_count``), the
            ``target_rate``, ``statuses`` ({status: attempts}) and ``steps``: list of
            dicts with code, name, deliveries, sent, to_customers, to_colleagues,
            opened, clicked, converted, revenue, and ``not_sent``: {reason: count}; and
            ``reasons``: {code: label} of why messages stay away
        :raises AccessError: the user is no marketer
        """
        self._check_one()
        self._check_figures()
        return {
            **self._totals()[self.id],
            "target_rate": self.target_rate,
            "statuses": self._status_figures(),
            "steps": self._step_figures(),
            "reasons": self._stay_away_labels(),
        }

    def _status_figures(self):
        rows = self.env.execute_query(
            SQL(
                "SELECT a.status, count(*)::int FROM (%s) a GROUP BY 1",
                self._attempts_query(),
            )
        )
        return dict.fromkeys(STATUS_KEYS, 0) | dict(rows)


def percent(part, whole):
    """Return a share in percent, 0 of nothing."""
    return 100 * part / whole if whole else 0.0
