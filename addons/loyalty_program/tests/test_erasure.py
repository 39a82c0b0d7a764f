from odoo.tests import freeze_time, tagged

from .referral_common import NOW, ReferralCommon

NAME, EMAIL = "Xaverine Quillfeather", "xaverine@example.com"


@freeze_time(NOW)
@tagged("post_install", "-at_install")
class TestErasure(ReferralCommon):
    """Who is erased is named in nobody's ledger; the points stay."""

    def _erase(self, customer):
        self.env.flush_all()
        self.env["lifecycle.engine"].sudo()._anonymize_customer(customer)
        self.env.invalidate_all()

    def _texts(self, account):
        rows = [*account.transaction_ids, *account.pending_ids]
        texts = [row.source_description for row in rows if row.source_description]
        for text in texts:
            for word in (*NAME.split(), EMAIL):
                self.assertNotIn(word, text)
        return texts

    def test_members_who_gave_points_or_got_some(self):
        giver, taker = self._member(100), self._member(name=NAME, email=EMAIL)
        giver.transfer_points(taker.customer_id.id, 30)
        giver._give(EMAIL, 5, "portal:transfer:abcdefghijklmnop")
        taker.transfer_points(giver.customer_id.id, 10)
        other = self._member()
        giver.transfer_points(other.customer_id.id, 1)
        kept = other.customer_id.name
        before = self._rows_of(giver)
        self._erase(taker.customer_id)
        texts = self._texts(giver)
        self._texts(taker)
        self.assertEqual(texts.count("Transfer"), 3)
        self.assertIn(f"Transfer to {kept}", texts)
        self.assertEqual(self._rows_of(giver), before)

    def test_the_member_who_invited(self):
        for pending_days in (0, 14):
            with self.subTest(pending_days=pending_days):
                self.program.pending_days = pending_days
                member = self._member()
                referral = self._follow(member=member, name=NAME, email=EMAIL)
                order = self._buy(None, 100, partner=referral.friend_id)
                self._pay_invoice(self._invoice(order))
                self.env.invalidate_all()
                self.assertEqual(referral.state, "rewarded")
                self._erase(referral.friend_id)
                self.assertEqual(self._texts(member), ["Invitation"])
