from datetime import timedelta

from odoo import fields
from odoo.exceptions import ValidationError
from odoo.tests import tagged

from .till_common import TillCommon


@tagged("post_install", "-at_install")
class TestTillMerges(TillCommon):
    """What a contact bought at the till goes on where the contact's points went."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.heir = cls.env["res.partner"].create({"name": "Nadia Akter"})

    def _merge(self):
        wizard = self.env["base.partner.merge.automatic.wizard"].create({})
        wizard._merge((self.nadia | self.heir).ids, self.heir)
        self.env.flush_all()
        self.env.invalidate_all()

    def _assert_stands(self, account, balance):
        self.env.flush_all()
        self.env.invalidate_all()
        every = account._with_merged()
        found = {one: one.points_balance for one in every}
        self.assertEqual(found, {**dict.fromkeys(every, 0), account: balance})
        audit = self.env["loyalty.audit"]
        self.assertFalse(audit._differences(every))

    def test_refunds_take_back_and_give_back_at_the_new_account(self):
        account, heir = self._member(points=150), self._member(self.heir, 7)
        line = self._discount(account.card_id)
        order = self._sell((self.milk, 2), line, customer=self.nadia)
        self._merge()
        self._assert_stands(heir, 257)
        order.sudo()._loyalty_book()
        self._assert_stands(heir, 257)
        milk, reward = order.lines
        self._refund(order, (milk, 1))
        self._assert_stands(heir, 157)
        self._refund(order, (milk, 1), (reward, 1))
        self._assert_stands(heir, 157)
        self.assertEqual(heir.points_lifetime, 157)

    def test_points_that_pend_are_taken_back_after_a_merge(self):
        self.program.pending_days = 7
        self._member()
        heir = self._member(self.heir)
        order = self._sell((self.milk, 4), customer=self.nadia)
        self._refund(order, (order.lines, 1))
        self._merge()
        self._refund(order, (order.lines, 1))
        self.assertEqual(heir.points_pending, 200)
        later = fields.Datetime.now() + timedelta(days=8)
        self.env["loyalty.pending"]._release_due(later, 10)
        self._assert_stands(heir, 200)
        self._refund(order, (order.lines, 1))
        self._assert_stands(heir, 100)
        self._refund(order, (order.lines, 1))
        self._assert_stands(heir, 0)

    def test_what_was_released_loses_no_more_than_the_part(self):
        self.program.pending_days = 7
        account = self._member()
        order = self._sell((self.milk, 4), customer=self.nadia)
        self._refund(order, (order.lines, 1))
        later = fields.Datetime.now() + timedelta(days=8)
        self.env["loyalty.pending"]._release_due(later, 10)
        self._assert_stands(account, 300)
        self._refund(order, (order.lines, 1))
        self._assert_stands(account, 200)

    def test_a_till_that_knows_the_former_card_pays_from_the_new_account(self):
        account, heir = self._member(points=150), self._member(self.heir)
        other = self._member(self.contact, 150)
        former = account.card_id
        self._merge()
        order = self._sell((self.milk, 1), self._discount(former), customer=self.heir)
        self._assert_stands(heir, 150)
        self.assertEqual(order.lines.coupon_id, heir.card_id)
        with self.assertRaises(ValidationError), self.env.cr.savepoint():
            line = self._discount(former)
            self._sell((self.milk, 1), line, customer=self.contact)
        self._assert_stands(other, 150)

    def test_the_former_card_is_scanned_as_the_new_one(self):
        account, heir = self._member(points=150), self._member(self.heir)
        code = account.card_id.code
        self._merge()
        config = self.config.with_user(self.cashier)
        asked = config.use_coupon_code(code, "2040-01-01 10:00:00", self.heir.id, False)
        self.assertTrue(asked["successful"], asked)
        self.assertEqual(asked["payload"]["coupon_id"], heir.card_id.id)
        asked = config.use_coupon_code(
            code, "2040-01-01 10:00:00", self.contact.id, False
        )
        self.assertFalse(asked["successful"])
