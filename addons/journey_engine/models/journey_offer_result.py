from collections import defaultdict
from typing import NamedTuple

from odoo import api, fields, models
from odoo.tools import SQL

from odoo.addons.customer_lifecycle.tools.clock import Clock


class Result(NamedTuple):
    orders: int = 0
    revenue: float = 0.0
    cost: float = 0.0


class JourneyOffer(models.Model):
    """What became of the codes, read back from the orders, and what is left to give."""

    _inherit = "journey.offer"

    issued_count = fields.Integer("Codes", compute="_compute_results")
    redeemed_count = fields.Integer("Orders", compute="_compute_results")
    revenue = fields.Monetary(
        compute="_compute_results",
        help="Of confirmed orders that used a code, before taxes.",
    )
    cost = fields.Monetary(
        "Discount given",
        compute="_compute_results",
        help="Of confirmed orders; free products at their sales price. Before taxes.",
    )
    committed_amount = fields.Monetary(
        "Committed",
        compute="_compute_budget",
        help="Discount given, and what open codes are expected to cost.",
    )
    budget_progress = fields.Float("Budget used (%)", compute="_compute_budget")

    @api.depends("program_id")
    def _compute_results(self):
        results, issued = self._results(), self._issued()
        for offer in self:
            result = results[offer.sudo().program_id.id]
            offer.issued_count = issued.get(offer.sudo().program_id.id, 0)
            offer.redeemed_count = result.orders
            offer.revenue = result.revenue
            offer.cost = result.cost

    @api.depends("budget_count", "budget_amount", "issued_count", "cost")
    def _compute_budget(self):
        now = fields.Datetime.now()
        for offer in self:
            spent = offer.sudo()._committed(now) if offer.budget_amount else 0.0
            count, amount = offer.budget_count, offer.budget_amount
            shares = [
                offer.issued_count / count if count else 0.0,
                spent / amount if amount else 0.0,
            ]
            offer.committed_amount = spent
            offer.budget_progress = 100 * max(shares)

    # ---------------------------------------------------------------- what was used
    def _issued(self):
        """Return the number of codes of each program, used and archived included."""
        cards = self.env["loyalty.card"].sudo().with_context(active_test=False)
        programs = [("program_id", "in", self.sudo().program_id.ids)]
        rows = cards._read_group(programs, ["program_id"], ["__count"])
        return {program.id: count for program, count in rows}

    def _results(self):
        """Return program id -> ``Result``, in the currency of the offer's company."""
        results = defaultdict(Result)
        programs = self.sudo().program_id
        if not programs.ids:
            return results
        for name in ("sale.order", "sale.order.line", "loyalty.reward"):
            self.env[name].flush_model()
        query = SQL(
            "SELECT program_id, count(*), sum(revenue), sum(cost)"
            " FROM (%s) x GROUP BY 1",
            self._query_redemptions(programs.ids),
        )
        for program, *figures in self.env.execute_query(query):
            results[program] = Result(*figures)
        return results

    def _query_redemptions(self, programs) -> SQL:
        """Return a row for each program and order: program_id, revenue, cost.

        Bridges add the orders of other channels (``UNION ALL``).
        """
        return SQL(
            """
            SELECT r.program_id,
                   o.amount_untaxed
                   / coalesce(nullif(o.currency_rate, 0), 1) AS revenue,
                   sum(CASE r.reward_type
                            WHEN 'product' THEN l.price_unit * l.product_uom_qty
                            ELSE -l.price_subtotal END)
                   / coalesce(nullif(o.currency_rate, 0), 1) AS cost
              FROM loyalty_reward r
              JOIN sale_order_line l ON l.reward_id = r.id
              JOIN sale_order o ON o.id = l.order_id
             WHERE r.program_id = ANY(%s) AND o.state = 'sale'
             GROUP BY r.program_id, o.id
            """,
            list(programs),
        )

    @api.model
    def _costs_query(self, model, journeys):
        """Select journey_id, run_id and cost of what offers gave on confirmed orders.

        A bridge whose offers give something at once adds what it cost (``UNION ALL``).

        :param str model: of the journeys' definitions
        :param list journeys: their ids
        """
        return SQL(
            """
            SELECT k.journey_id, k.journey_run_id AS run_id,
                   CASE w.reward_type
                        WHEN 'product' THEN l.price_unit * l.product_uom_qty
                        ELSE -l.price_subtotal END
                   / coalesce(nullif(o.currency_rate, 0), 1) AS cost
              FROM loyalty_card k
              JOIN sale_order_line l ON l.coupon_id = k.id
              JOIN sale_order o ON o.id = l.order_id AND o.state = 'sale'
              JOIN loyalty_reward w ON w.id = l.reward_id
             WHERE k.journey_model = %s AND k.journey_id = ANY(%s)
            """,
            model,
            list(journeys),
        )

    # ---------------------------------------------------------------- what is left
    def _room(self, now):
        """Return how many codes the budget still pays; None for any number."""
        rooms = []
        if self.budget_count:
            rooms.append(self.budget_count - self._issued().get(self.program_id.id, 0))
        if self.budget_amount:
            left = self.budget_amount - self._committed(now)
            expected = self._expected_cost(now)
            if left <= 0:
                rooms.append(0)
            elif expected > 0:
                # What remains of binary fractions must not cost a code.
                rooms.append(int(left / expected + 1e-6))
        return max(0, min(rooms)) if rooms else None

    def _committed(self, now):
        """Return what was given, and what the codes still open may cost."""
        spent = self._results()[self.program_id.id].cost
        today = Clock(now).today(self.company_id)
        still_open = self.env["loyalty.card"].search_count(
            [
                ("program_id", "=", self.program_id.id),
                ("points", ">", 0),
                ("expiration_date", ">=", today),
            ]
        )
        return spent + (still_open * self._expected_cost(now) if still_open else 0.0)

    def _expected_cost(self, now):
        """Return what a code costs when used; a bridge adds ``_cost_<offer_type>``."""
        return getattr(self, f"_cost_{self.offer_type}")(now)

    def _cost_discount_fixed(self, now):
        return self.value

    def _cost_product(self, now):
        product = self.product_id.with_company(self.company_id)
        price, company = product.lst_price, self.company_id
        return product.currency_id._convert(price, self.currency_id, company, now)

    def _cost_discount_percent(self, now):
        """What codes cost so far; before the first, a share of the usual order."""
        result = self._results()[self.program_id.id]
        if result.orders:
            return result.cost / result.orders
        return max(self.minimum_amount, self._usual_order(now)) * self.value / 100

    def _usual_order(self, now):
        self.env["sale.order"].flush_model()
        query = SQL(
            """
            SELECT avg(amount_untaxed / coalesce(nullif(currency_rate, 0), 1))
              FROM sale_order
             WHERE company_id = %s AND state = 'sale'
               AND date_order > %s::timestamp - interval '1 year'
            """,
            self.company_id.id,
            now,
        )
        return self.env.execute_query(query)[0][0] or 0.0
