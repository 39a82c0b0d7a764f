from odoo import api, fields, models
from odoo.tools import SQL

from odoo.addons.journey_engine.const import WENT_OUT

from ..const import COLLEAGUES
from ..tools.figures import no_figures


class EngagementStatistics(models.AbstractModel):
    """What a campaign brought about; read from orders and deliveries as they are now.

    The control group counts in no figure: ``get_lift`` compares with it.
    """

    _name = "engagement.statistics"
    _description = "Statistics of a Campaign"

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

    def _revenue_once(self):
        """Return {company id: (conversions, revenue)}, each order counted once."""
        self.env.flush_all()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT company_id, count(*)::int, sum(value)::float FROM (
                    SELECT DISTINCT ON (coalesce(r.conversion_order_id, -r.id))
                           r.company_id,
                           coalesce(r.conversion_value, 0) - %s AS value
                      FROM campaign_enrollment r
                      LEFT JOIN sale_order o ON o.id = r.conversion_order_id
                     WHERE r.definition_id = ANY(%s) AND r.is_holdout IS NOT TRUE
                       AND r.status = 'converted'
                     ORDER BY coalesce(r.conversion_order_id, -r.id),
                           r.conversion_value DESC NULLS LAST, r.id) k
                 GROUP BY 1 ORDER BY 1
                """,
                self._refunded_sql(),
                self.ids,
            )
        )
        return {company: (count, value) for company, count, value in rows}

    def _message_figures(self):
        """Return {campaign id: (sent, opened, clicked)} of messages to customers."""
        rows = self.env.execute_query(
            SQL(
                """
                SELECT definition_id, sum(sent), sum(opened), sum(clicked) FROM (%s) s
                 WHERE channel IS NULL OR channel <> ALL(%s) GROUP BY 1
                """,
                self._query_steps(),
                list(COLLEAGUES),
            )
        )
        return {number: tuple(map(int, figures)) for number, *figures in rows}

    def _query_steps(self):
        """Select per campaign and step what became of its messages, those that were
        summarised in the meantime included.
        """
        # Grouped first: names of states and reasons are compared per group, and OFFSET
        # keeps PostgreSQL from comparing them a million times all the same.
        return SQL(
            """
            SELECT definition_id, step_code, channel, state, reason, n AS deliveries,
                   CASE WHEN state = ANY(%(went_out)s) OR state = 'bounced'
                        THEN n ELSE 0 END AS sent,
                   opened, clicked
              FROM (
                SELECT definition_id, step_code, channel, state, reason,
                       count(*) AS n,
                       count(*) FILTER (WHERE opened_at IS NOT NULL
                                           OR clicked_at IS NOT NULL) AS opened,
                       count(clicked_at) AS clicked
                  FROM journey_delivery
                 WHERE definition_model = %(model)s AND definition_id = ANY(%(ids)s)
                 GROUP BY 1, 2, 3, 4, 5
                UNION ALL
                SELECT definition_id, step_code, channel, state, reason,
                       sum(deliveries), sum(opened), sum(clicked)
                  FROM journey_delivery_summary
                 WHERE definition_model = %(model)s AND definition_id = ANY(%(ids)s)
                 GROUP BY 1, 2, 3, 4, 5 OFFSET 0) d
             WHERE reason IS DISTINCT FROM 'holdout'
            """,
            went_out=list(WENT_OUT),
            model=self._name,
            ids=self.ids,
        )

    def _offer_costs(self):
        """Return {campaign id: discount given by the codes that it sent, and what
        its offers gave at once}.
        """
        rows = self.env.execute_query(
            SQL(
                """
                SELECT k.journey_id, sum(CASE w.reward_type
                           WHEN 'product' THEN l.price_unit * l.product_uom_qty
                           ELSE -l.price_subtotal END
                           / coalesce(nullif(o.currency_rate, 0), 1))::float
                  FROM loyalty_card k
                  JOIN sale_order_line l ON l.coupon_id = k.id
                  JOIN sale_order o ON o.id = l.order_id AND o.state = 'sale'
                  JOIN loyalty_reward w ON w.id = l.reward_id
                 WHERE k.journey_model = %s AND k.journey_id = ANY(%s)
                 GROUP BY 1
                """,
                self._name,
                self.ids,
            )
        )
        costs = dict(rows)
        given = self.env["journey.offer"]._costs_at_once(self._name, self.ids)
        for campaign, worth in given.items():
            costs[campaign] = costs.get(campaign, 0) + worth
        return costs

    # ------------------------------------------------------------------- statistics
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

    def _step_figures(self):
        """Return the figures per step, in the order of the steps; those of steps that
        are no more come last.
        """
        self.env.flush_all()
        found = {}
        for row in self.env.execute_query_dict(self._query_steps()):
            figures = found.setdefault(row["step_code"], no_figures())
            figures["deliveries"] += int(row["deliveries"])
            for name in ("sent", "opened", "clicked"):
                figures[name] += int(row[name])
            figures["to_colleagues"] = row["channel"] in COLLEAGUES
            if not figures["to_colleagues"]:
                figures["to_customers"] += int(row["sent"])
            if not row["sent"]:
                reason = row["reason"] or row["state"]
                known = figures["not_sent"].get(reason, 0)
                figures["not_sent"][reason] = known + int(row["deliveries"])
        for code, converted, revenue in self.env.execute_query(self._query_earned()):
            figures = found.setdefault(code, no_figures())
            figures |= {"converted": converted, "revenue": revenue}
        names = {step.code: step.name or step.code for step in self.step_ids}
        order = [*names, *sorted(set(found) - set(names))]
        return [
            {"code": code, "name": names.get(code, code), **found[code]}
            for code in order
            if code in found
        ]

    def _query_earned(self):
        """Select per step the conversions that followed its message, net of refunds."""
        return SQL(
            """
            SELECT r.earned_by, count(*)::int,
                   sum(r.conversion_value - %s)::float
              FROM campaign_enrollment r
              LEFT JOIN sale_order o ON o.id = r.conversion_order_id
             WHERE r.definition_id = %s AND r.status = 'converted'
               AND r.is_holdout IS NOT TRUE AND r.earned_by IS NOT NULL
             GROUP BY 1
            """,
            self._refunded_sql(),
            self.id,
        )


def _percent(part, whole):
    return 100 * part / whole if whole else 0.0
