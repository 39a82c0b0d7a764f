from odoo.http import Request
from odoo.tests import HttpCase, new_test_user, tagged

from .shop_common import ADDRESS, ShopCommon

# What standard gives users of tests whose login is shorter than a password may be.
PASSWORD = "nadiaxxx"


@tagged("post_install", "-at_install")
class TestCartOwners(ShopCommon, HttpCase):
    """Carts are paid with the points of whoever they belong to in the end."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._set_up_shop()
        cls.other = cls.env["res.partner"].create({"name": "Omar", **ADDRESS})
        cls.others = cls._enrol(cls.other, 500)

    def _claimed_cart(self):
        """A cart of another member, who claimed a reward."""
        cart = self._cart(self.other)
        cart._update_programs_and_rewards()
        self.assertEqual(
            cart._apply_program_reward(self.reward, self.others.card_id), {}
        )
        cart._portal_ensure_token()
        self.env.flush_all()
        return cart

    def _revive(self, cart, how):
        address = f"/shop/cart?id={cart.id}&access_token={cart.access_token}"
        self.url_open(f"{address}&revive_method={how}").raise_for_status()
        self.url_open("/shop/cart").raise_for_status()
        self.env.invalidate_all()

    def _claim(self):
        self.url_open(f"/shop/claimreward?reward_id={self.reward.id}")
        self.env.invalidate_all()

    def _assert_paid(self, cart, used):
        """Nadia alone pays for what her cart claims."""
        cards = cart.order_line.coupon_id | cart.applied_coupon_ids
        self.assertLessEqual(cards, self.account.card_id)
        before = self.account.points_balance
        cart.action_confirm()
        self.env.flush_all()
        self.env.invalidate_all()
        self.assertEqual(self.others.points_balance, 500)
        earned = cart._loyalty_points()
        self.assertEqual(self.account.points_balance, before - used + earned)
        audit = self.env["loyalty.audit"]
        self.assertFalse(audit._differences(self.program.account_ids))

    def _sign_in(self):
        """Sign in as Nadia, in the session of the guest."""
        token = Request.csrf_token(self)
        login = {"login": "nadia", "password": PASSWORD, "csrf_token": token}
        self.assertNotIn("/web/login", self.url_open("/web/login", data=login).url)
        self.url_open("/shop/cart").raise_for_status()
        self.env.invalidate_all()

    def _guests_cart(self):
        """What somebody put into the cart before signing in."""
        self.authenticate(None, None)
        self.make_jsonrpc_request(
            "/shop/cart/add",
            {
                "product_template_id": self.milk.product_tmpl_id.id,
                "product_id": self.milk.id,
                "quantity": 2,
            },
        )
        return self._carts()

    def _carts(self):
        return self.env["sale.order"].search([("website_id", "=", self.site.id)])

    def test_a_guests_cart_is_the_members_who_signs_in(self):
        before = self._carts()
        cart = self._guests_cart() - before
        self.assertTrue(cart.partner_id.is_public)
        self.assertIn('data-state="guest"', self.url_open("/shop/cart").text)
        self._claim()
        self.assertFalse(cart.order_line.reward_id)
        self._sign_in()
        self.assertEqual(self._carts() - before, cart)
        self.assertEqual(cart.partner_id, self.customer)
        self.assertIn('data-state="cart"', self.url_open("/shop/cart").text)
        (entry,) = cart._loyalty_summary()
        self.assertEqual((entry["state"], entry["points"]), ("cart", "240"))
        self._claim()
        self.assertEqual(cart.order_line.coupon_id, self.account.card_id)
        self._assert_paid(cart, 100)
        self.assertEqual(self._earned_by(cart), [(self.account, 240)])
        self.env["loyalty.service"].process_order(cart.id)
        self.assertEqual(self._earned_by(cart), [(self.account, 240)])

    def _earned_by(self, order):
        """[(account, points)] of the ledger's rows of what an order earned."""
        self.env.flush_all()
        mine = [("source_type", "=", "sale.order"), ("source_id", "=", order.id)]
        rows = self.env["loyalty.transaction"].search(
            [*mine, ("transaction_type", "=", "earn")]
        )
        return [(row.loyalty_id, row.points) for row in rows]

    def test_a_cart_that_another_member_left_is_not_paid_by_that_member(self):
        cart = self._claimed_cart()
        self.authenticate("nadia", "nadia")
        self._revive(cart, "squash")
        self.assertEqual(cart.partner_id, self.customer)
        self.assertFalse(cart.order_line.reward_id)
        self._claim()
        self.assertEqual(cart.order_line.coupon_id, self.account.card_id)
        self._assert_paid(cart, 100)

    def test_a_cart_that_is_added_to_the_own_brings_no_points_of_others(self):
        own, cart = self._cart(), self._claimed_cart()
        self.authenticate("nadia", "nadia")
        self.url_open("/shop/cart").raise_for_status()
        self._revive(cart, "merge")
        self.assertEqual(cart.state, "cancel")
        self.assertEqual(len(own.order_line), 2)
        self.assertFalse(own.order_line.reward_id)
        self._assert_paid(own, 0)

    def test_who_signs_in_after_another_takes_the_cart_without_the_points(self):
        new_test_user(
            self.env,
            "omar",
            "base.group_portal",
            partner_id=self.other.id,
            company_id=self.shop.id,
            company_ids=self.shop.ids,
        )
        cart = self._claimed_cart()
        self.authenticate("omar", "omar")
        self.url_open("/shop/cart").raise_for_status()
        self.env.invalidate_all()
        self.assertEqual(cart.order_line.coupon_id, self.others.card_id)
        cart.partner_id = self.customer
        self.assertFalse(cart.order_line.reward_id)
        self._assert_paid(cart, 0)

    def test_a_card_of_another_member_pays_for_nothing(self):
        cart = self._cart()
        cart._update_programs_and_rewards()
        found = cart._apply_program_reward(self.reward, self.others.card_id)
        self.assertIn("another", found["error"])
        self.assertFalse(cart.order_line.reward_id)
        cart.applied_coupon_ids += self.others.card_id
        self.assertNotIn(
            self.others.card_id, cart._get_claimable_and_showable_rewards()
        )
        self.assertIn("error", cart._try_apply_code(self.others.card_id.code))
        cart._update_programs_and_rewards()
        self._assert_paid(cart, 0)
