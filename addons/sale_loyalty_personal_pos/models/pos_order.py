from odoo import api, models
from odoo.exceptions import ValidationError


class PosOrder(models.Model):
    _inherit = "pos.order"

    def validate_coupon_programs(self, point_changes, new_codes):
        """Also refuse personal codes of others, where the order is known."""
        cards = self.env["loyalty.card"].browse(map(int, point_changes)).exists()
        for order in self:
            if refusals := order._owner_refusals(cards):
                message = "\n".join(refusals)
                return {"successful": False, "payload": {"message": message}}
        return super().validate_coupon_programs(point_changes, new_codes)

    @api.model
    def sync_from_ui(self, orders):
        """Refuse orders that use a code which they may not.

        The till validates codes without saying for whom, and the customer of an order
        may change after its code was accepted. An error here is shown to the cashier
        and leaves the order open.
        """
        uuids = [values.get("uuid") for values in orders]
        paid_before = self.search([("uuid", "in", uuids), ("state", "!=", "draft")])
        result = super().sync_from_ui(orders)
        # Standard also returns the orders that these refund: paid long ago.
        answered = self.browse(values["id"] for values in result["pos.order"])
        now_paid = (answered - paid_before).filtered(lambda o: o.uuid in uuids)
        for order in now_paid.filtered(lambda order: order.state != "draft"):
            if refusals := order._code_refusals():
                raise ValidationError("\n".join(refusals))
        return result

    def _code_refusals(self):
        """Return why this order, just paid, may not use its personal codes."""
        lines = self.lines.filtered(
            lambda line: (
                line.coupon_id.program_id.is_personal and not line.refunded_orderline_id
            )
        )
        refusals = self._owner_refusals(lines.coupon_id)
        for card, used in lines.grouped("coupon_id").items():
            refusals += self._card_refusals(card, used)
        return refusals

    def _card_refusals(self, card, lines):
        """Return why a personal code may not pay reward lines of this order.

        :param card: ``loyalty.card``
        :param lines: its ``pos.order.line`` records
        """
        if card.points < sum(lines.mapped("points_cost")):
            return [self.env._("The code %s has already been used.", card.code)]
        return []

    def _owner_refusals(self, cards):
        refusals = [card._owner_refusal(self.partner_id) for card in cards]
        return list(dict.fromkeys(filter(None, refusals)))
