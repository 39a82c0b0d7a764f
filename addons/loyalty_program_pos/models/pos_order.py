from odoo import api, fields, models

from .pos_order_loyalty import PAID


class PosOrder(models.Model):
    """Paid orders move points by the server's own count; what the till says that they
    earn or cost moves nothing.
    """

    _name = "pos.order"
    _inherit = [
        "pos.order",
        "pos.order.points",
        "pos.order.loyalty",
        "pos.order.owner",
    ]

    @api.model_create_multi
    def create(self, vals_list):
        self._check_not_given(vals_list)
        return super().create(vals_list)

    def write(self, vals):
        self._check_not_changed(vals)
        moved = self._loyalty_moved(vals)
        moved._loyalty_hand_over()
        result = super().write(vals)
        moved._loyalty_book_anew()
        return result

    def _kept_fields(self):
        return super()._kept_fields() | {"loyalty_terms"}

    def action_pos_order_paid(self):
        result = super().action_pos_order_paid()
        order = self.sudo()
        order._loyalty_book()
        for origin in order._loyalty_refunded_of_office()._loyalty_credited():
            origin._loyalty_settle_refunds()
        people = (
            order.partner_id | order.lines.refunded_orderline_id.order_id.partner_id
        )
        order.env["loyalty.referral"]._payment_changed(people, order)
        return result

    def _loyalty_refunded_of_office(self):
        """Return the orders of the office that were paid at a till and come back."""
        lines = self.lines.refunded_orderline_id
        if "sale_order_line_id" not in lines._fields:
            return self.env["sale.order"]
        return lines.sale_order_line_id.order_id

    def validate_coupon_programs(self, point_changes, new_codes):
        """What is due expires before the till asks whether there are enough points."""
        cards = self.env["loyalty.card"].browse(map(int, point_changes)).exists()
        cards.check_access("read")
        cards.sudo().account_ids._expire_due(fields.Datetime.now())
        return super().validate_coupon_programs(point_changes, new_codes)

    def confirm_coupon_programs(self, coupon_data):
        """Answer for programs with accounts from the ledger, for others as before."""
        asked = {int(key): values for key, values in coupon_data.items()}
        named = self._loyalty_named(asked)
        kept = self._loyalty_of_accounts(asked, named)
        rest = {key: values for key, values in asked.items() if key not in kept}
        order = self.sudo()
        if order.state in PAID:
            order._loyalty_book()
        result = super().confirm_coupon_programs(_only_used(rest, named))
        for key, program in kept.items():
            result["coupon_updates"] += order._loyalty_answer(key, program)
        result["program_updates"] += [
            {"program_id": program.id, "usages": program.total_order_count}
            for program in self.env["loyalty.program"].sudo().union(*kept.values())
        ]
        return result

    def _loyalty_of_accounts(self, asked, named):
        """Return {number: program with accounts} of what standard must not move: a card
        is of its own program, whatever the till says.

        :param dict asked: {id of a card: values}
        :param dict named: as of ``_loyalty_named``
        """
        told = {number: values.get("program_id") for number, values in asked.items()}
        programs = self.env["loyalty.program"].sudo()
        programs = programs.browse(filter(None, told.values())).exists()
        found = {}
        for number, cards in named.items():
            meant = programs.filtered(lambda p, n=number: p.id == told[n])
            kept = (cards.program_id | meant).filtered("accounts_since")
            if kept:
                found[number] = kept[:1]
        return found

    def _loyalty_named(self, asked):
        """Return {number: cards} that standard would take for those of the till: by
        number, or by code.

        :param dict asked: {id of a card: values}
        """
        cards = self.env["loyalty.card"].sudo().with_context(active_test=False)
        numbers = {key: {key, values.get("coupon_id")} for key, values in asked.items()}
        known = cards.browse({n for pair in numbers.values() for n in pair if n})
        codes = [values["code"] for values in asked.values() if values.get("code")]
        known = known.exists() | cards.search([("code", "in", codes)])
        return {
            key: known.filtered(
                lambda card, key=key, values=values: (
                    card.id in numbers[key] or card.code == values.get("code")
                )
            )
            for key, values in asked.items()
        }

    def _loyalty_answer(self, key, program):
        """Return what the till is told of the customer's card; nothing without one.

        :param int key: number of the card at the till, below 0 for one that was new
        """
        if not program or not self.partner_id:
            return []
        account = self._loyalty_account(program)
        if not account:
            return []
        card = account.card_id
        return [
            {
                "old_id": key,
                "id": card.id,
                "points": card.points,
                "code": card.code,
                "program_id": program.id,
                "partner_id": card.partner_id.id,
            }
        ]


def _only_used(asked, named):
    """Let the till use codes that were bought with points, and never fill them: refunds
    give the points back themselves.

    :param dict asked: {id of a card: values}
    :param dict named: as of ``_loyalty_named``
    """
    return {
        number: {**values, "points": min(values.get("points", 0), 0)}
        if named[number].redemption_id
        else values
        for number, values in asked.items()
    }
