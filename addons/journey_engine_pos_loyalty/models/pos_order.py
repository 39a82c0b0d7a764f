from odoo import models


class PosOrder(models.Model):
    _inherit = "pos.order"

    def _card_refusals(self, card, lines):
        refusals = super()._card_refusals(card, lines)
        if self._is_below_floor(card.sudo().program_id.offer_ids.margin_floor):
            refusals.append(
                self.env._(
                    "This code cannot be used: with it, the order's margin would "
                    "fall below what the offer allows."
                )
            )
        return refusals

    def _is_below_floor(self, floor):
        if not floor:
            return False
        # Where stock moves at the close of the session, no cost is known before.
        lines = self.sudo().with_company(self.company_id).lines
        amount = sum(lines.mapped("price_subtotal"))
        cost = sum(line.qty * line.product_id.standard_price for line in lines)
        # The cost is the company's money, the amount the till's.
        cost *= self.currency_rate or 1
        return self.currency_id.compare_amounts(amount - cost, amount * floor / 100) < 0
