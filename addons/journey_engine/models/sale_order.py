from odoo import models
from odoo.exceptions import ValidationError

QUOTATION = ("draft", "sent")


class Refused(Exception):
    """Takes a reward back that an order may not have."""


class SaleOrder(models.Model):
    _inherit = "sale.order"

    def write(self, vals):
        result = super().write(vals)
        if "partner_id" in vals:
            for order in self:
                order._take_off(order._owner_refusals())
        return result

    def _try_apply_code(self, code):
        card = self.env["loyalty.card"].sudo().search([("code", "=", code)], limit=1)
        refusal = card and card._owner_refusal(self.partner_id)
        return {"error": refusal} if refusal else super()._try_apply_code(code)

    def _apply_program_reward(self, reward, coupon, **kwargs):
        if coupon and (refusal := coupon._owner_refusal(self.partner_id)):
            return {"error": refusal}
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
        for order in self:
            order._take_off(order._owner_refusals())
        result = super()._update_programs_and_rewards()
        for order in self:
            order._take_off(order._margin_refusals())
        return result

    def action_confirm(self):
        if not any(order._personal_codes() for order in self):
            return super().action_confirm()
        strict = self.with_context(journey_offer_strict=True)
        return super(SaleOrder, strict).action_confirm()

    def _action_confirm(self):
        for order in self:
            strict = order.with_context(journey_offer_strict=True)
            strict._take_off(strict._owner_refusals())
            strict._take_off(strict._margin_refusals())
            strict._take_off(strict._spent_refusals())
        return super()._action_confirm()

    # ------------------------------------------------------------ personal codes
    def _personal_codes(self):
        order = self.sudo()
        cards = order.applied_coupon_ids | order.order_line.coupon_id
        return cards.filtered("program_id.is_personal")

    def _owner_refusals(self):
        """Return why codes on this order are not its customer's, by code."""
        partner, cards = self.partner_id, self._personal_codes()
        refusals = {card: card._owner_refusal(partner) for card in cards}
        return {card: refusal for card, refusal in refusals.items() if refusal}

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

    def _spent_refusals(self):
        """Return codes that orders confirmed together would use more than once."""
        return {
            card: self.env._("The code %s has already been used.", card.code)
            for card in self._personal_codes()
            if card.points < 0
        }

    def _take_off(self, refusals):
        """Take refused codes off; who is about to confirm the order hears why instead.

        :param refusals: ``loyalty.card`` -> reason
        """
        if not refusals:
            return
        if self.env.context.get("journey_offer_strict"):
            raise ValidationError("\n".join(dict.fromkeys(refusals.values())))
        if self.state not in QUOTATION:
            return
        cards = self.env["loyalty.card"].union(*refusals)
        self.order_line.filtered(lambda line: line.coupon_id in cards).unlink()
        self.applied_coupon_ids -= cards
        for card, reason in refusals.items():
            message = self.env._("Code %(code)s taken off.", code=card.code)
            self._message_log(body=f"{message} {reason}")
