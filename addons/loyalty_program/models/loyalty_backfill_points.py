from collections import defaultdict
from functools import cache, partial
from typing import NamedTuple

from odoo import models
from odoo.tools import float_round

from ..tools.movement import refunded_share
from ..tools.replay import replay

# What a rule needs to know of an order: ``_rule_columns``.
WIDTH = 5
# Where its query says that an order was refunded otherwise than by invoices' lines.
APART = 7


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
        rows = self.env.cr.fetchall()
        apart = self._shares_apart([row[1] for row in rows if row[APART]])
        points_of, found = self._counter(), defaultdict(list)
        for row in rows:
            customer, number, name, key, moment, currency, company, *rest = row
            _apart, total, invoiced, refunded, *sums = rest
            points = points_of((currency, company, moment.date()), sums)
            if points > 0:
                share = apart.get(number)
                if share is None:
                    share = refunded_share(total, invoiced or 0, refunded or 0)
                found[customer].append((number, name, key, moment, points, share))
        return found

    def _counter(self):
        """Return a function of an order's (id of the currency, id of the company, day)
        and sums that adds up what the rules give: ``sale_loyalty``'s own counting, of
        sums. Rules and rates are read once, not for each order.
        """
        rules = [
            (
                place * WIDTH,
                cache(partial(self._minimum, rule)),
                rule.minimum_amount_tax_mode == "incl",
                rule.minimum_qty,
                rule.reward_point_mode,
                rule.reward_point_amount,
            )
            for place, rule in enumerate(self._rules())
        ]
        rate = cache(self._rate)

        def count(order, sums):
            points = 0.0
            for start, minimum, with_tax, least, mode, amount in rules:
                lines, quantity, untaxed, tax, paid = sums[start : start + WIDTH]
                if minimum(order[0]) > untaxed + (tax if with_tax else 0):
                    continue
                if lines and quantity >= least:
                    points += _rule_points(mode, amount, quantity, paid * rate(*order))
            return points

        return count

    def _rules(self):
        """Rules with a code earn only where it was entered: not afterwards."""
        return self.program_id.rule_ids.filtered(lambda rule: rule.mode == "auto")

    def _minimum(self, rule, currency):
        """Return what an order must come to, in its currency (an id)."""
        currency = self.env["res.currency"].browse(currency)
        if not rule.minimum_amount or rule.currency_id == currency:
            return rule.minimum_amount
        return rule._compute_amount(currency)

    def _rate(self, currency, company, day):
        """Return what a unit of the order's currency (an id) was in the program's."""
        return self.program_id._rate(
            self.env["res.currency"].browse(currency),
            self.env["res.company"].browse(company),
            day,
        )


def _rule_points(mode, amount, quantity, paid):
    if mode == "order":
        return amount
    if mode == "unit":
        return amount * quantity
    return float_round(amount * paid, precision_digits=2, rounding_method="DOWN")
