from odoo.tests import HttpCase, tagged

from .shop_common import ShopCommon


@tagged("post_install", "-at_install")
class TestCartPoints(ShopCommon, HttpCase):
    """What the shop tells about points, and what it lets customers do with them."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._set_up_shop()

    def _assert_sound(self):
        self.env.invalidate_all()
        audit = self.env["loyalty.audit"]
        self.assertFalse(audit._differences(self.program.account_ids))

    # ---------------------------------------------------------------------- summary
    def test_a_cart_tells_what_it_earns_with_the_tier_and_what_there_is(self):
        cart = self._cart()
        (entry,) = cart._loyalty_summary()
        self.assertEqual(
            entry,
            {
                "state": "cart",
                "points": "120",
                "name": "Points",
                "tier": "Silver",
                "multiplier": "1.5",
                "balance": "250",
            },
        )
        cart.order_line.product_uom_qty = 2
        self.assertEqual(cart._loyalty_summary()[0]["points"], "240")
        cart.action_confirm()
        self.assertEqual(self.account.points_balance, 490)
        (entry,) = cart._loyalty_summary()
        self.assertEqual((entry["state"], entry["points"]), ("earned", "240"))
        self._assert_sound()

    def test_points_that_pend_are_on_their_way(self):
        self.program.pending_days = 14
        cart = self._cart()
        cart.action_confirm()
        (entry,) = cart._loyalty_summary()
        self.assertEqual((entry["state"], entry["points"]), ("pending", "120"))

    def test_a_claimed_reward_is_told(self):
        cart = self._cart()
        cart._update_programs_and_rewards()
        self.assertEqual(
            cart._apply_program_reward(self.reward, self.account.card_id), {}
        )
        (entry,) = cart._loyalty_summary()
        self.assertEqual((entry["used"], entry["points"]), ("100", "120"))

    def test_who_is_no_member_yet_reads_what_joining_earns(self):
        stranger = self.env["res.partner"].create({"name": "New"})
        (entry,) = self._cart(stranger)._loyalty_summary()
        self.assertEqual((entry["points"], entry["balance"]), ("80", "0"))
        self.assertNotIn("multiplier", entry)
        self.assertFalse(self.program.account_ids - self.account)
        self.program.is_open = False
        self.assertFalse(self._cart(stranger)._loyalty_summary())

    def test_a_colleague_has_an_account_of_the_own_wherever_one_looks(self):
        firm = self.env["res.partner"].create({"name": "Firm", "is_company": True})
        firms = self._enrol(firm, 320)
        colleague = firm.create({"name": "Colleague", "parent_id": firm.id})
        (entry,) = self._cart(colleague)._loyalty_summary()
        self.assertEqual((entry["balance"], entry["points"]), ("0", "80"))
        own = self._enrol(colleague, 150)
        cart = self._cart(colleague)
        cart._update_programs_and_rewards()
        (entry,) = cart._loyalty_summary()
        self.assertEqual((entry["balance"], entry["points"]), ("150", "80"))
        self.assertEqual([*cart._get_claimable_rewards()], [own.card_id])
        cart._apply_program_reward(self.reward, own.card_id)
        self.assertEqual(cart._loyalty_summary()[0]["used"], "100")
        cart.action_confirm()
        self.assertEqual((own.points_balance, firms.points_balance), (130, 320))
        self._assert_sound()

    def test_a_guest_of_a_member_firm_is_no_member(self):
        firm = self.env["res.partner"].create({"name": "Firm", "is_company": True})
        firms = self._enrol(firm, 20)
        guest = firm.create({"name": "Guest", "parent_id": firm.id})
        cart = self._cart(guest)
        cart.action_confirm()
        cart.order_line.price_unit = 500
        self.assertEqual(self.program.account_ids, self.account | firms)

    def test_what_is_owed_is_no_balance(self):
        with self.env.cr.savepoint():
            cart = self._cart()
            cart.action_confirm()
            self.account.redeem_points(370, "discount", 37)
            cart._action_cancel()
        self.assertEqual(self.account.points_balance, -120)
        (entry,) = self._cart()._loyalty_summary()
        self.assertEqual(entry["balance"], "0")
        self._assert_sound()

    def test_a_program_that_is_switched_off_tells_nothing(self):
        self.program.is_active = False
        self.assertFalse(self._cart()._loyalty_summary())

    # ----------------------------------------------------------------------- guests
    def test_guests_earn_nothing_whenever_the_payment_arrives(self):
        guest = self.env["res.partner"].create({"name": "Guest"})
        self._cart(guest).action_confirm()
        self.assertFalse(self.program.account_ids - self.account)
        # In the office, who orders first joins.
        self._cart(guest, website_id=False).action_confirm()
        account = self.program.account_ids - self.account
        self.assertEqual(account.points_balance, 80)
        # A member whom the office enrolled needs no login.
        self._cart(guest).action_confirm()
        self.assertEqual(account.points_balance, 160)
        self._assert_sound()

    def test_a_guests_cart_says_that_points_need_an_account(self):
        self.authenticate(None, None)
        self.make_jsonrpc_request(
            "/shop/cart/add",
            {
                "product_template_id": self.milk.product_tmpl_id.id,
                "product_id": self.milk.id,
                "quantity": 1,
            },
        )
        page = self.url_open("/shop/cart").text
        self.assertIn("Points need an account", page)
        self.assertIn('data-state="guest"', page)
        self.assertFalse(self.program.account_ids - self.account)

    # ---------------------------------------------------------------------- rewards
    def test_rewards_of_higher_tiers_are_not_shown(self):
        cart = self._cart()
        cart._update_programs_and_rewards()
        card = self.account.card_id
        self.assertEqual(cart._get_claimable_and_showable_rewards()[card], self.reward)
        # The shop lists the rewards of such programs by itself.
        self.program.trigger = "with_code"
        cart.applied_coupon_ids = False
        self.assertEqual(cart._get_claimable_and_showable_rewards()[card], self.reward)

    def _claim(self, reward, code=""):
        page = self.url_open("/shop/cart").text
        token = page.split('csrf_token" value="')[1].split('"')[0]
        values = {"reward_id": reward.id, "code": code, "csrf_token": token}
        return self.url_open("/shop/claimreward", data=values)

    def test_rewards_are_claimed_in_the_cart(self):
        cart = self._cart()
        self.authenticate("nadia", "nadia")
        self._claim(self.golden)
        self.assertEqual(cart.amount_total, 80)
        page = self._claim(self.reward).text
        self.assertEqual(cart.amount_total, 70)
        self.assertIn("This order uses", page)
        cart.action_confirm()
        rows = self.account.transaction_ids.sorted("id")
        self.assertEqual(rows.mapped("points"), [250, -100, 120])
        self._assert_sound()

    def test_a_code_of_the_portal_pays_in_the_cart(self):
        code = self.account._redeem_reward(self.reward)["code"]
        cart = self._cart()
        self.authenticate("nadia", "nadia")
        self.url_open("/shop/cart")
        self.url_open(f"/shop/pricelist?promo={code}")
        self.assertEqual(cart.amount_total, 70)
        cart.action_confirm()
        self.assertEqual(self.account.points_balance, 250 - 100 + 105)
        self._assert_sound()

    def test_anothers_code_does_not(self):
        other = self.env["res.partner"].create({"name": "Other"})
        code = self._enrol(other, 100)._redeem_reward(self.reward)["code"]
        cart = self._cart()
        self.authenticate("nadia", "nadia")
        page = self.url_open(f"/shop/pricelist?promo={code}")
        self.assertIn("This code is personal", page.text)
        self.assertEqual(cart.amount_total, 80)
