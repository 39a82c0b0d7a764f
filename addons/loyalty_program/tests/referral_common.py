from odoo.addons.loyalty_program.tools.invitation import Invitation

from .common import NOW, RULES
from .payment_common import PaymentCommon

REFERRAL = {"type": "referral", "points": 200, "friend_points": 50}


class ReferralCommon(PaymentCommon):
    """A program that rewards invitations, and a member who invites."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.program.earning_rules = [*RULES, REFERRAL]
        cls.referrals = cls.env["loyalty.referral"]
        cls.member = cls._member(name="Mina Member", email="mina@example.com")

    def _follow(self, friend=None, member=None, moment=NOW, now=NOW, **values):
        """A friend who followed a member's link and signed up."""
        friend = friend or self._create_customer(**values)
        invitation = Invitation((member or self.member).referral_code, moment)
        return self.referrals._attribute(invitation, friend, now)

    def _invoice(self, order):
        order.order_line.product_id.invoice_policy = "order"
        invoice = order._create_invoices()
        invoice.action_post()
        return invoice

    def _refund(self, invoice, lines=None):
        """A credit note over an invoice, posted."""
        refund = invoice._reverse_moves([{"date": invoice.date}])
        if lines:
            refund.invoice_line_ids.price_unit = lines
        refund.action_post()
        self._dispatch()
        return refund

    def _friend_account(self, referral):
        return self.accounts._account_of(self.program, referral.friend_id)

    def _points(self, referral):
        """(points of the member, points of the friend) that the invitation earned."""
        self.env.flush_all()
        found = []
        for account in (referral.loyalty_id, self._friend_account(referral)):
            rows = self.transactions.search(
                [
                    ("loyalty_id", "=", account.id),
                    ("source_type", "=", "loyalty.referral"),
                ]
            )
            found.append(sum(rows.mapped("points")))
        return tuple(found)


__all__ = ["NOW", "Invitation", "ReferralCommon"]
