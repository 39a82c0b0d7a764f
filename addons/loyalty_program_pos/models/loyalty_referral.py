from odoo import fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from .pos_order_loyalty import PAID


class LoyaltyReferral(models.Model):
    """A friend who pays at the till has paid."""

    _inherit = "loyalty.referral"

    pos_order_id = fields.Many2one(
        "pos.order",
        "Paid at the till",
        ondelete="set null",
        readonly=True,
        index="btree_not_null",
    )

    def _rewarded_order(self):
        return self.pos_order_id or super()._rewarded_order()

    def _order_values(self, order):
        at_till = order._name == "pos.order"
        values = super()._order_values(order.browse() if at_till else order)
        return {**values, "pos_order_id": order.id if at_till else False}

    def _same_order(self):
        mine = Domain("pos_order_id", "=", self.pos_order_id.id)
        return mine if self.pos_order_id else super()._same_order()

    def _payments(self):
        found = super()._payments()
        rows = self.env.execute_query_dict(self._till_payments_query())
        orders = self.env["pos.order"].sudo().browse(row["id"] for row in rows)
        for row, order in zip(rows, orders, strict=True):
            found.setdefault(row["friend"], []).append((order, row))
        for pairs in found.values():
            pairs.sort(key=lambda pair: (pair[0].date_order, pair[0].id))
        return found

    def _till_payments_query(self):
        """What was paid and refunded per sale at the till; what a customer owes is not
        paid before its invoice is.
        """
        return SQL(
            """
            SELECT o.id, p.commercial_partner_id AS friend, FALSE AS is_unpaid,
                   (o.amount_total - CASE WHEN m.payment_state IN
                        ('paid', 'in_payment', 'reversed') THEN 0
                        ELSE coalesce(owed.amount, 0) END)::float8 AS paid,
                   coalesce(greatest(back.amount, noted.amount), 0)::float8 AS refunded
              FROM pos_order o JOIN res_partner p ON p.id = o.partner_id
              LEFT JOIN account_move m ON m.id = o.account_move
              LEFT JOIN LATERAL (
                SELECT sum(y.amount) AS amount FROM pos_payment y
                  JOIN pos_payment_method w ON w.id = y.payment_method_id
                 WHERE y.pos_order_id = o.id AND w.journal_id IS NULL) owed ON TRUE
              LEFT JOIN LATERAL (
                SELECT -sum(r.price_subtotal_incl) AS amount FROM pos_order_line l
                  JOIN pos_order_line r ON r.refunded_orderline_id = l.id
                  JOIN pos_order b ON b.id = r.order_id AND b.state = ANY(%(paid)s)
                 WHERE l.order_id = o.id) back ON TRUE
              LEFT JOIN LATERAL (
                SELECT sum(c.amount_total) AS amount FROM account_move c
                 WHERE c.reversed_entry_id = m.id AND c.state = 'posted'
                   AND c.move_type = 'out_refund') noted ON TRUE
             WHERE o.state = ANY(%(paid)s) AND o.amount_total > 0
               AND p.commercial_partner_id = ANY(%(friends)s)
             ORDER BY o.date_order, o.id
            """,
            paid=list(PAID),
            friends=self.friend_id.commercial_partner_id.ids,
        )
