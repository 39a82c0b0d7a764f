from odoo import models


class Refused(Exception):
    """Takes a reward back that an order may not have."""


class SaleOrder(models.Model):
    _inherit = "sale.order"

    def _apply_program_reward(self, reward, coupon, **kwargs):
        if not coupon.sudo().program_id.offer_ids.margin_floor:
            return super()._apply_program_reward(reward, coupon, **kwargs)
        try:
            # Only the order with its discount tells its margin.
            with self.env.cr.savepoint():
                result = super()._apply_program_reward(reward, coupon, **kwargs)
                if refusal := self._margin_refusals().get(coupon):
                    raise Refused(refusal)
        except Refused as error:
            return {"error": str(error)}
        return result

    def _update_programs_and_rewards(self):
        result = super()._update_programs_and_rewards()
        for order in self:
            order._take_off(order._margin_refusals())
        return result

    def _code_refusals(self):
        return {**self._margin_refusals(), **super()._code_refusals()}

    def _margin_refusals(self):
        """Return why codes in use leave too little of this order, by code."""
        order = self.sudo()
        margin, amount = order.margin, order.amount_untaxed
        return {
            card: self.env._(
                "This code cannot be used: with it, the order's margin would fall "
                "below what the offer allows."
            )
            for card in order._personal_codes() & order.order_line.coupon_id
            if (floor := card.program_id.offer_ids.margin_floor)
            and order.currency_id.compare_amounts(margin, amount * floor / 100) < 0
        }
