"""Order confirmation of members: with accounts, and with Odoo's own cards alone."""

from . import confirmation, databases, loyalty_shop
from .report import Bound

LIMIT = 1.05
EARNED = """
    SELECT count(*) FROM loyalty_transaction
     WHERE source_type = 'sale.order' AND transaction_type = 'earn'
"""


def confirm(template):
    """What a confirmation pays for ledger, lots, tiers and timeline."""
    names = loyalty_shop.pair(template)
    before = databases.execute(names[0], EARNED)[0][0]
    ours, plain = confirmation.in_turns(*names)
    booked = databases.execute(names[0], EARNED)[0][0] - before
    assert booked == len(ours.statements), booked
    row = confirmation.compare(
        "loyalty_confirmation", "Order confirmation with accounts", ours, plain
    )
    row.notes.insert(0, "peer: the same order and card in sale_loyalty alone")
    row.bounds.append(Bound("x peer", row.ratios["peer"], LIMIT))
    return row
