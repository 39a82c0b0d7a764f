from odoo.exceptions import AccessError
from odoo.tests import freeze_time, tagged

from .common import NOW
from .refund_common import RefundCommon


@freeze_time(NOW)
@tagged("post_install", "-at_install")
class TestRolesOfOrders(RefundCommon):
    """People who look after orders and invoices have no rights on points, and need
    none.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.seller = cls._user("roles_seller", "sales_team.group_sale_salesman")
        cls.account = cls._member(100)

    def _figures(self):
        self.env.invalidate_all()
        return self.account.points_balance, self.account.points_redeemed

    def _order(self):
        """An order of the seller, which claims a reward."""
        order = self._create_order(self.account.customer_id, None, 50)
        order.user_id = self.seller
        mine = order.with_user(self.seller)
        mine._update_programs_and_rewards()
        card = self.account.card_id.with_user(self.seller)
        mine._apply_program_reward(self.program.reward_ids[:1], card)
        return mine

    def test_a_salesperson_confirms_and_cancels(self):
        order = self._order()
        order.action_confirm()
        self.assertEqual(self._figures(), (50, 100))
        order._action_cancel()
        self.assertEqual((order.state, self._figures()), ("cancel", (100, 0)))
        order.action_draft()
        order.action_confirm()
        self.assertEqual(self._figures(), (150, 0))
        self._assert_sound(self.account)

    def test_a_salesperson_cancels_a_quotation(self):
        order = self._order()
        order._action_cancel()
        self.assertEqual((order.state, self._figures()), ("cancel", (100, 0)))

    def test_what_an_order_notes_of_cards_stays_otherwise(self):
        order = self._order()
        for state in ("sale", "cancel"):
            with self.subTest(state=state):
                order.sudo().state = state
                with self.assertRaises(AccessError), self.env.cr.savepoint():
                    order.coupon_point_ids.unlink()

    def test_an_accountant_refunds(self):
        order = self._order()
        order.action_confirm()
        accountant = self._user("roles_accountant", "account.group_account_invoice")
        invoice = self._invoice(order.sudo())
        refund = invoice._reverse_moves([{"date": invoice.date}]).with_user(accountant)
        refund.action_post()
        self.assertEqual(self._figures(), (100, 0))
        refund.button_draft()
        self.assertEqual(self._figures(), (50, 100))
        self._assert_sound(self.account)
