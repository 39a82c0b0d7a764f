from odoo import models
from odoo.exceptions import ValidationError

QUOTATION = ("draft", "sent")


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
        return super()._apply_program_reward(reward, coupon, **kwargs)

    def _update_programs_and_rewards(self):
        for order in self:
            order._take_off(order._owner_refusals())
        return super()._update_programs_and_rewards()

    def action_confirm(self):
        if not any(order._personal_codes() for order in self):
            return super().action_confirm()
        strict = self.with_context(sale_loyalty_personal_strict=True)
        return super(SaleOrder, strict).action_confirm()

    def _action_confirm(self):
        for order in self.filtered(lambda order: order._personal_codes()):
            strict = order.with_context(sale_loyalty_personal_strict=True)
            strict._take_off(strict._code_refusals())
        return super()._action_confirm()

    # ------------------------------------------------------------ personal codes
    def _personal_codes(self):
        order = self.sudo()
        cards = order.applied_coupon_ids | order.order_line.coupon_id
        return cards and cards.filtered("program_id.is_personal")

    def _code_refusals(self):
        """Return why codes may not pay this order, which is about to be confirmed, by
        code.
        """
        return {**self._spent_refusals(), **self._owner_refusals()}

    def _owner_refusals(self):
        """Return why codes on this order are not its customer's, by code."""
        partner, cards = self.partner_id, self._personal_codes()
        refusals = {card: card._owner_refusal(partner) for card in cards}
        return {card: refusal for card, refusal in refusals.items() if refusal}

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
        if self.env.context.get("sale_loyalty_personal_strict"):
            raise ValidationError("\n".join(dict.fromkeys(refusals.values())))
        if self.state not in QUOTATION:
            return
        cards = self.env["loyalty.card"].union(*refusals)
        self.order_line.filtered(lambda line: line.coupon_id in cards).unlink()
        self.applied_coupon_ids -= cards
        for card, reason in refusals.items():
            message = self.env._("Code %(code)s taken off.", code=card.code)
            self._message_log(body=f"{message} {reason}")
