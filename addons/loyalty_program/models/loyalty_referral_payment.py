from odoo import api, fields, models
from odoo.tools import SQL

from ..tools.refund import own_lines


class LoyaltyReferralPayment(models.AbstractModel):
    """Which orders of invited friends were paid, and kept."""

    _name = "loyalty.referral.payment"
    _description = "Payments of Invited Friends"

    @api.model
    def _payment_changed(self, partners, record):
        """Note that a payment or refund of a customer may change a referral.

        A row in the timeline and nothing else: this runs inside payments.

        :param partners: ``res.partner`` who paid
        :param record: invoice or payment transaction
        """
        owners = partners.commercial_partner_id
        domain = [("friend_id.commercial_partner_id", "in", owners.ids)]
        every = self.env["loyalty.referral"].sudo().with_context(active_test=False)
        referrals = every.search(domain)
        now = fields.Datetime.now()
        self.env["lifecycle.event"].sudo()._record(
            [
                {
                    "customer_id": referral.friend_id.commercial_partner_id.id,
                    "company_id": (referral.company_id or self.env.company).id,
                    "event_type": "payment_changed",
                    "event_key": f"payment_changed:{record}:{referral.id}:{now}",
                    "occurred_at": now,
                    "res_model": record._name,
                    "res_id": record.id,
                }
                for referral in referrals
            ]
        )

    def _payments(self):
        """Return {id of a commercial partner: [(order, row of figures), ...]} of
        confirmed orders, the first first.
        """
        self.env.flush_all()
        owners = self.friend_id.commercial_partner_id
        rows = self.env.execute_query_dict(self._payments_query(owners.ids))
        orders = self.env["sale.order"].sudo().browse(row["id"] for row in rows)
        found = {}
        for row, order in zip(rows, orders, strict=True):
            found.setdefault(row["friend"], []).append((order, row))
        return found

    def _is_kept(self, order, row):
        """Whether an order was paid in full, and enough of it was kept."""
        currency, program = order.currency_id, self.program_id
        kept = row["paid"] - row["refunded"]
        if currency.compare_amounts(kept, 0) <= 0:
            return False
        is_covered = currency.compare_amounts(row["paid"], order.amount_total) >= 0
        is_settled = order.invoice_status == "invoiced" and not row["is_unpaid"]
        date = order.date_order.date()
        kept = currency._convert(kept, program.currency_id, order.company_id, date)
        return (is_covered or is_settled) and kept >= program.referral_min_amount

    def _payments_query(self, friends):
        """What was invoiced and paid, or paid at once, per confirmed order.

        _read_group cannot follow an order through the lines of its invoices.
        """
        return SQL(
            """
            WITH o AS (
                SELECT so.id, p.commercial_partner_id AS friend, so.date_order
                  FROM sale_order so JOIN res_partner p ON p.id = so.partner_id
                 WHERE so.state = 'sale' AND p.commercial_partner_id = ANY(%s)
            ), %s, invoiced AS (%s), online AS (%s), bill AS (%s), apart AS (%s),
            back AS (%s)
            SELECT o.id, o.friend, coalesce(i.is_unpaid, TRUE) AS is_unpaid,
                   coalesce(greatest(i.paid, n.paid), 0)::float8 AS paid,
                   coalesce(greatest(
                       coalesce(i.refunded, 0) + coalesce(a.refunded, 0),
                       n.refunded, b.refunded), 0)::float8 AS refunded
              FROM o LEFT JOIN invoiced i ON i.order_id = o.id
              LEFT JOIN online n ON n.order_id = o.id
              LEFT JOIN apart a ON a.order_id = o.id
              LEFT JOIN back b ON b.order_id = o.id
             ORDER BY o.date_order, o.id
            """,
            friends,
            self._lines_query(),
            self._invoiced_query(),
            self._online_query(),
            self._bills_query(),
            self._apart_query(),
            self._back_query(),
        )

    def _lines_query(self):
        """Table ``line``: what is invoiced and refunded of orders ``o``."""
        return SQL(
            """
            line AS (
                SELECT DISTINCT sol.order_id, aml.id, aml.move_id,
                       aml.price_total AS amount,
                       am.move_type = 'out_refund' AS is_refund,
                       am.payment_state IN ('paid', 'in_payment', 'reversed') AS is_paid
                  FROM o JOIN sale_order_line sol ON sol.order_id = o.id
                  JOIN sale_order_line_invoice_rel r ON r.order_line_id = sol.id
                  JOIN account_move_line aml ON aml.id = r.invoice_line_id
                  JOIN account_move am ON am.id = aml.move_id AND am.state = 'posted'
                   AND am.move_type IN ('out_invoice', 'out_refund'))
            """
        )

    def _invoiced_query(self):
        """What invoices and credit notes say of orders ``o``."""
        return SQL(
            """
            SELECT order_id, sum(amount) FILTER (WHERE is_paid AND NOT is_refund) paid,
                   sum(amount) FILTER (WHERE is_refund) AS refunded,
                   bool_or(NOT is_paid AND NOT is_refund) AS is_unpaid
              FROM line GROUP BY 1
            """
        )

    def _bills_query(self):
        """Which part of an invoice is an order's."""
        return SQL(
            """
            SELECT line.order_id, line.move_id,
                   sum(line.amount) / m.amount_total AS part
              FROM line JOIN account_move m ON m.id = line.move_id
             WHERE NOT line.is_refund AND m.amount_total > 0
             GROUP BY 1, 2, m.amount_total
            """
        )

    def _apart_query(self):
        """What credit notes refund of an order's invoices by lines of their own."""
        return SQL(
            """
            SELECT bill.order_id, sum(own.price_total * bill.part) AS refunded
              FROM bill %s GROUP BY 1
            """,
            own_lines(SQL("bill.move_id")),
        )

    def _back_query(self):
        """What payment providers gave back of an order's invoices, or of what they had
        captured in parts.
        """
        return SQL(
            """
            SELECT bill.order_id, -sum(c.amount * bill.part) AS refunded
              FROM bill
              JOIN account_invoice_transaction_rel r ON r.invoice_id = bill.move_id
              JOIN (%s) c ON c.paid_id = r.transaction_id
             GROUP BY 1
            """,
            self._given_back_query(),
        )

    def _online_query(self):
        """What payment transactions say of orders ``o``."""
        return SQL(
            """
            SELECT r.sale_order_id AS order_id, sum(t.amount) AS paid,
                   -sum(back.amount) AS refunded
              FROM o JOIN sale_order_transaction_rel r ON r.sale_order_id = o.id
              JOIN payment_transaction t ON t.id = r.transaction_id
               AND t.state = 'done' AND t.operation NOT IN ('validation', 'refund')
              LEFT JOIN (%s) back ON back.paid_id = t.id
             GROUP BY 1
            """,
            self._given_back_query(),
        )

    def _given_back_query(self):
        """What was given back of each payment, or of what was captured of it in parts:
        from the refunds, which are few, to what they refund.
        """
        return SQL(
            """
            SELECT coalesce(s.source_transaction_id, s.id) AS paid_id,
                   sum(c.amount) AS amount
              FROM payment_transaction c
              JOIN payment_transaction s ON s.id = c.source_transaction_id
             WHERE c.state = 'done' AND c.operation = 'refund'
             GROUP BY 1
            """
        )
