from collections import defaultdict
from typing import NamedTuple

from odoo import models
from odoo.tools import float_compare, float_round

from ..tools.replay import replay

# What a rule needs to know of an order: ``_rule_columns``.
WIDTH = 5


class Earning(NamedTuple):
    """What a past order earned; ``back`` of the points are taken back by refunds."""

    order: int
    name: str
    key: str
    moment: object
    points: int
    back: int


class LoyaltyBackfillPoints(models.AbstractModel):
    """What past orders earn by the program's rules, as an order that is confirmed
    today does.
    """

    _name = "loyalty.backfill.points"
    _description = "Points of past Orders"
    _inherit = ["loyalty.backfill.orders"]

    def _earnings(self, customers):
        """Return {customer id: [Earning]}.

        :param list customers: ids of ``res.partner``
        """
        table = self.program_id._tier_table(self.program_id.id)
        starts = self._window_starts()
        found = {}
        for customer, orders in self._base_points(customers).items():
            earned = replay([order[3:] for order in orders], table, starts)
            found[customer] = [
                Earning(*order[:4], *points)
                for order, points in zip(orders, earned, strict=True)
            ]
        return found

    def _window_starts(self):
        evaluation = self.env["loyalty.tier.evaluation"]
        return lambda moment: evaluation._window_start(self.program_id, moment)

    def _base_points(self, customers):
        """Return {customer id: [(order id, name, key, moment, points before the tier,
        share that was refunded)]}, the oldest order first.
        """
        self.env.flush_all()
        self.env.cr.execute(self._orders_query(customers))
        found = defaultdict(list)
        for row in self.env.cr.fetchall():
            customer, number, name, key, moment, currency, company, *rest = row
            total, invoiced, refunded, *sums = rest
            order = (self.env["res.currency"].browse(currency), company, moment)
            points = self._points_of(order, sums)
            if points > 0:
                share = _refunded_share(total, invoiced, refunded)
                found[customer].append((number, name, key, moment, points, share))
        return found

    def _points_of(self, order, sums):
        """Add up what the rules give: ``sale_loyalty``'s own counting, of sums.

        :param tuple order: (currency, id of the company, moment)
        """
        points = 0.0
        for place, rule in enumerate(self._rules()):
            lines, quantity, untaxed, tax, paid = sums[place * WIDTH :][:WIDTH]
            with_tax = rule.minimum_amount_tax_mode == "incl"
            amount = untaxed + (tax if with_tax else 0)
            if self._minimum(rule, order[0]) > amount:
                continue
            if not lines or quantity < rule.minimum_qty:
                continue
            points += self._rule_points(rule, quantity, paid * self._rate(*order))
        return points

    def _rule_points(self, rule, quantity, paid):
        if rule.reward_point_mode == "order":
            return rule.reward_point_amount
        if rule.reward_point_mode == "unit":
            return rule.reward_point_amount * quantity
        return float_round(
            rule.reward_point_amount * paid, precision_digits=2, rounding_method="DOWN"
        )

    def _rules(self):
        """Rules with a code earn only where it was entered: not afterwards."""
        return self.program_id.rule_ids.filtered(lambda rule: rule.mode == "auto")

    def _minimum(self, rule, currency):
        """Return what an order must come to, in its currency."""
        if not rule.minimum_amount or rule.currency_id == currency:
            return rule.minimum_amount
        return rule._compute_amount(currency)

    def _rate(self, currency, company, moment):
        """Return what a unit of the order's currency was in the program's."""
        if currency == self.program_id.currency_id or not currency:
            return 1
        return self.env["res.currency"]._get_conversion_rate(
            currency,
            self.program_id.currency_id,
            self.env["res.company"].browse(company),
            moment.date(),
        )


def _refunded_share(total, invoiced, refunded):
    """Return how much of an order was refunded, 0 to 1; as ``sale.order.refund``."""
    if not refunded or float_compare(total, 0, precision_digits=2) <= 0:
        return 0.0
    gone = (min(invoiced, total) - (invoiced - refunded)) / total
    return min(max(gone, 0.0), 1.0)
