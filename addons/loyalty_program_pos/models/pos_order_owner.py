from odoo import fields, models
from odoo.exceptions import UserError

from odoo.addons.loyalty_program.tools.movement import rounded

from .pos_order_loyalty import PAID


class PosOrderOwner(models.AbstractModel):
    """A paid order that gets another customer in the office: points are those of whose
    order it is.
    """

    _name = "pos.order.owner"
    _description = "Owner of a Till's Points"

    def _loyalty_moved(self, vals):
        """Return the paid orders that get another customer by some values.

        :param dict vals: as for ``write``
        """
        if "partner_id" not in vals:
            return self.browse()
        return self.sudo().filtered(
            lambda order: (
                order.state in PAID
                and order.partner_id.id != (vals["partner_id"] or False)
            )
        )

    def _loyalty_hand_over(self):
        """Take back what orders earned that get another customer.

        :raises UserError: points paid for a part of them, some of it was refunded, or
            the points were spent and the program wants them covered
        """
        ledger, now = self.env["loyalty.ledger"].sudo(), fields.Datetime.now()
        for order in self:
            name = order.pos_reference or order.name
            for account in order._loyalty_accounts():
                order._loyalty_check_whole(name)
                self.env["loyalty.pending"]._cancel_of(order._name, order.id)
                standing = account._locked()
                net = ledger._net(standing, "earn", order._name, order.ids)
                points, transactions = net.get(order.id, (0, ()))
                if points > 0:
                    text = self.env._("%s is another customer's", name)
                    movement = order._loyalty_movement(
                        "earn", -points, text, undoes=transactions
                    )
                    ledger._take_back(standing, movement, name, now)
                    order._loyalty_tell(account, -points)

    def _loyalty_book_anew(self):
        """Credit the customers whose orders these are now, by the rules of today."""
        for order in self:
            order.loyalty_terms = False
            order._loyalty_book()

    def _loyalty_check_whole(self, name):
        if self._loyalty_claims() or self.lines.refund_orderline_ids:
            raise UserError(
                self.env._(
                    "partner_id: points paid for a part of %s, or a part of it was "
                    "refunded: its customer stays. Refund it at a till, and sell it "
                    "again.",
                    name,
                )
            )

    def _loyalty_earn_again(self, standing, movement, now):
        """Give points back to whom the order belonged before: it is theirs after all.

        :param Standing standing: of the account, locked
        :param Movement movement: what the order earns
        :return: whether it had been theirs
        """
        account = self.env["customer.loyalty"].sudo().browse(standing.id)
        mine = [
            ("loyalty_id", "in", account._with_merged().ids),
            ("idempotency_key", "=", movement.key),
        ]
        pending = self.env["loyalty.pending"].sudo().search(mine)
        if pending.filtered(lambda row: row.state != "done"):
            pending._keep(movement.points)
            return True
        if self._loyalty_row(standing, movement.key) is None:
            return False
        ledger = self.env["loyalty.ledger"].sudo()
        net = ledger._net(standing, "earn", self._name, self.ids)
        points, transactions = net.get(self.id, (0, ()))
        missing = rounded(movement.points - points)
        if missing > 0:
            back = movement._replace(points=missing, key=None, undoes=transactions)
            ledger._move(standing, [back], now)
        return True
