"""What orders, invitations and the back-fill ask of credit notes alike."""

from odoo.tools import SQL


def own_lines(invoice):
    """Return a join: posted credit notes ``note`` over an invoice, and lines ``own`` on
    them that are of no order.

    :param SQL invoice: id of the invoice
    """
    # That there is an invoice at all is said for the index, which has these alone.
    return SQL(
        """
        JOIN account_move note
          ON note.reversed_entry_id = %s AND note.reversed_entry_id IS NOT NULL
         AND note.state = 'posted' AND note.move_type = 'out_refund'
        JOIN account_move_line own
          ON own.move_id = note.id AND own.display_type = 'product' AND NOT EXISTS (
             SELECT FROM sale_order_line_invoice_rel r WHERE r.invoice_line_id = own.id)
        """,
        invoice,
    )
