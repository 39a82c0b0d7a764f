from odoo.tests import tagged

from odoo.addons.customer_lifecycle.tests.pictures import PageCase

from .shop_common import ShopCommon


@tagged("post_install", "-at_install")
class TestShopPages(ShopCommon, PageCase):
    """Cart and checkout, opened in a browser by those who buy."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._set_up_shop()
        cls.cart = cls._cart()

    def _see(self, name, address):
        self._look(f"shop-{name}", address, ".o_loyalty_summary", "nadia")

    def test_a_member_sees_points_on_the_way_to_the_payment(self):
        self._see("cart", "/shop/cart")
        self.cart._apply_program_reward(self.reward, self.account.card_id)
        self._see("cart-claimed", "/shop/cart")
        self._see("checkout", "/shop/checkout")
        self._see("payment", "/shop/payment")

    def test_a_member_claims_a_reward(self):
        self.start_tour("/shop/cart", "loyalty_claim", login="nadia")
        self.assertEqual(self.cart.amount_total, 70)
        self.cart.action_confirm()
        self.assertEqual(self.account.points_balance, 250 - 100 + 120)

    def test_a_member_pays_with_a_code(self):
        self.account._redeem_reward(self.reward)
        self.start_tour("/shop/cart", "loyalty_code", login="nadia")
        self.assertEqual(self.cart.amount_total, 70)
        self.cart.action_confirm()
        self.assertEqual(self.account.points_balance, 250 - 100 + 105)


@tagged("post_install", "-at_install")
class TestShopPagesPhone(TestShopPages):
    """The same on a phone."""

    browser_size = "390x1100"
    touch_enabled = True
    suffix = "-phone"
    allow_inherited_tests_method = True


@tagged("post_install", "-at_install")
class TestGuestPages(ShopCommon, PageCase):
    """Who has not signed in."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._set_up_shop()

    def test_a_guest_reads_that_points_need_an_account(self):
        address = f"/shop/{self.milk.product_tmpl_id.id}"
        with self._pictured("shop-cart-guest"):
            self.start_tour(address, "loyalty_guest")
        self.assertFalse(self.program.account_ids - self.account)


@tagged("post_install", "-at_install")
class TestGuestPagesPhone(TestGuestPages):
    browser_size = "390x1100"
    touch_enabled = True
    suffix = "-phone"
    allow_inherited_tests_method = True
