from math import ceil

from odoo import models
from odoo.tools import float_round

PAYMENTS = ("gift_card", "ewallet")


class PosOrderPoints(models.AbstractModel):
    """What an order of the till is worth in points, counted from its lines.

    It counts as the till does, so that the receipt says what the ledger will, and
    rounds as the confirmation of an order does.
    """

    _name = "pos.order.points"
    _description = "Points of a Till's Order"

    def _loyalty_points(self, program):
        """Return what the order earns, before the tier.

        :param program: ``loyalty.program``
        """
        lists = program.pricelist_ids
        if lists and self.pricelist_id not in lists:
            return 0
        # The server does not hear which promotion codes were typed at the till.
        rules = program.rule_ids.filtered(lambda rule: rule.mode == "auto")
        return sum(self._loyalty_rule_points(rule) for rule in rules)

    def _loyalty_rule_points(self, rule):
        sold = self._loyalty_sold(rule)
        others = self._loyalty_rewards(rule, own=False)
        if not self._loyalty_reaches_minimum(rule, sold, others):
            return 0
        given = self._loyalty_rewards(rule, own=True)
        if rule.reward_point_mode == "order":
            return rule.reward_point_amount
        if rule.reward_point_mode == "unit":
            quantity = sum(sold.mapped("qty")) - sum(given.mapped("qty"))
            return rule.reward_point_amount * quantity
        paid = self._loyalty_amount(sold | others | given)
        return float_round(
            rule.reward_point_amount * paid, precision_digits=2, rounding_method="DOWN"
        )

    def _loyalty_reaches_minimum(self, rule, sold, others):
        """Whether the order is large enough for a rule.

        :param sold: lines that the rule counts
        :param others: lines of other programs' rewards that lower what is paid
        """
        if not sold or sum(sold.mapped("qty")) < rule.minimum_qty:
            return False
        counted = sold | others.filtered(
            lambda line: line.reward_id.program_id.trigger != "auto"
        )
        field = "price_subtotal"
        if rule.minimum_amount_tax_mode == "incl":
            field = "price_subtotal_incl"
        amount = self._loyalty_amount(counted, field)
        return self.currency_id.compare_amounts(amount, rule.minimum_amount) >= 0

    # ------------------------------------------------------------------------ lines
    def _loyalty_sold(self, rule):
        """Return the lines that a rule counts: sold here, not refunds, nor orders of
        the office, which earn there. Combinations count as a whole.
        """
        return self.lines.filtered(
            lambda line: (
                not line.is_reward_line
                and not line.refunded_orderline_id
                and not line.combo_parent_id
                and not self._loyalty_is_of_office(line)
                and self._loyalty_counts(rule, line.product_id)
            )
        )

    def _loyalty_rewards(self, rule, own):
        """Return reward lines that lower what counts for a rule.

        :param bool own: free products of the rule's own program; else the rewards of
            others, but for what is a means of payment
        """
        program = rule.program_id

        def lowers(line):
            reward = line.reward_id
            if not reward or line.refunded_orderline_id:
                return False
            is_product = reward.reward_type == "product"
            products = reward.reward_product_ids if is_product else line.product_id
            if not self._loyalty_counts(rule, products):
                return False
            if own:
                return reward.program_id == program and is_product
            others = reward.program_id
            return others != program and others.program_type not in PAYMENTS

        return self.lines.filtered(lowers)

    def _loyalty_counts(self, rule, products):
        return rule.any_product or bool(products & rule.valid_product_ids._origin)

    def _loyalty_is_of_office(self, line):
        origin = "sale_order_origin_id"
        return origin in line._fields and bool(line[origin])

    def _loyalty_parts(self, lines):
        """Return the lines that carry the prices: combinations have them inside."""
        combos = lines.filtered("combo_line_ids")
        return (lines - combos) | combos.combo_line_ids

    def _loyalty_amount(self, lines, field="price_subtotal_incl"):
        return sum(self._loyalty_parts(lines).mapped(field))

    # ------------------------------------------------------------------------ costs
    def _loyalty_cost(self, lines, available):
        """Return what reward lines cost; what the till says is a lower bound only.

        :param lines: ``pos.order.line`` of one program's rewards
        :param float available: points that there are
        """
        cost = 0
        for reward, mine in lines.grouped("reward_id").items():
            for used in mine.grouped("reward_identifier_code").values():
                told = sum(used.mapped("points_cost"))
                cost += max(told, self._loyalty_least_cost(reward, used, available))
        return float_round(cost, precision_digits=2)

    def _loyalty_least_cost(self, reward, lines, available):
        if reward.clear_wallet:
            return max(available, reward.required_points)
        if reward.reward_type == "product":
            times = sum(lines.mapped("qty")) / (reward.reward_product_qty or 1)
            return max(ceil(times), 1) * reward.required_points
        if reward.discount_mode == "per_point":
            # Each line is rounded by itself.
            noise = self.currency_id.rounding * len(lines)
            value = -sum(lines.mapped("price_subtotal_incl")) - noise
            return value / reward.discount
        return reward.required_points
