import re
from datetime import timedelta
from unittest.mock import patch

from odoo import Command, fields
from odoo.exceptions import AccessError
from odoo.tests import HttpCase, new_test_user, tagged

from odoo.addons.loyalty_program.tools import invitation as invitations

from .referral_common import Invitation, ReferralCommon

PAGES = ("", "/history", "/rewards", "/codes", "/transfer", "/invite")
TABLES = (
    "customer_loyalty",
    "loyalty_transaction",
    "loyalty_referral",
    "loyalty_pending",
    "loyalty_card",
    "loyalty_program",
    "lifecycle_event",
    "res_partner",
    "res_users",
)


class PortalCase(ReferralCommon, HttpCase):
    """A member, and others, in front of a browser."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._let_sign_up("b2c")
        cls.program.redemption_rules = [
            {"points": 100, "value": 10, "type": "discount"},
            {"points": 5000, "value": 700, "type": "discount"},
        ]
        cls.user = cls._portal_user("loyal_mina", name="Mina Member")
        cls.account = cls._account_for(cls.user, 350)
        cls.other = cls._portal_user("loyal_omar", name="Omar Other")
        cls.other_account = cls._account_for(cls.other, 1234)
        cls.stranger = cls._portal_user("loyal_sara", name="Sara Stranger")

    @classmethod
    def _let_sign_up(cls, scope):
        """Let everybody sign up (b2c), or nobody (b2b)."""
        settings = cls.env["ir.config_parameter"].sudo()
        settings.set_param("auth_signup.invitation_scope", scope)
        # With the website module, each website says so for itself.
        if "website" in cls.env:
            cls.env["website"].search([]).auth_signup_uninvited = scope

    @classmethod
    def _portal_user(cls, login, **values):
        return new_test_user(
            cls.env,
            login,
            "base.group_portal",
            email=f"{login}@example.com",
            company_id=cls.shop.id,
            company_ids=[Command.set(cls.shop.ids)],
            **values,
        )

    @classmethod
    def _account_for(cls, user, points=0):
        now = fields.Datetime.now()
        partner = user.partner_id.commercial_partner_id
        account = cls.accounts.sudo()._enroll(cls.program, partner, now)
        if points:
            account.earn_points(points, "test", description="A gift")
        return account

    def _login(self, user):
        self.authenticate(user.login, user.login)

    def _get(self, page="", **params):
        return self.url_open(f"/my/loyalty{page}", params=params).text

    def _hidden(self, text, name):
        return re.search(rf'name="{name}" value="([^"]*)"', text)[1]

    def _send(self, page, source=None, **values):
        """Fill in the form of a page and send it."""
        text = self._get(source or page)
        values.setdefault("once", self._hidden(text, "once"))
        values["csrf_token"] = self._hidden(text, "csrf_token")
        found = self.url_open(f"/my/loyalty{page}", data=values)
        self.env.invalidate_all()
        return found

    def _redeem(self, reward=None, **values):
        reward = reward or self.program.reward_ids.sorted("required_points")[0]
        return self._send("/redeem", "/rewards", reward_id=reward.id, **values)

    def _codes(self, account=None):
        return [code["state"] for code in (account or self.account)._codes()]


@tagged("post_install", "-at_install")
class TestPortal(PortalCase):
    # -------------------------------------------------------------------------- show
    def test_a_member_reads_where_the_account_stands(self):
        self._login(self.user)
        text = self._get()
        for part in ("350", "Bronze", "650", "Silver", "A gift"):
            self.assertIn(part, text)

    def test_what_pends_and_expires_is_told(self):
        soon = fields.Datetime.now() + timedelta(days=5)
        self.account.lot_ids.flush_recordset()
        self.env.cr.execute(
            "UPDATE loyalty_point_lot SET expires_at = %s WHERE loyalty_id = %s",
            [soon, self.account.id],
        )
        self.program.pending_days = 14
        self._buy(self.account, 77)
        self._login(self.user)
        text = self._get()
        self.assertRegex(text, r"o_loyalty_pending(.|\s)*?>77<")
        self.assertRegex(text, r"o_loyalty_expiring(.|\s)*?>350<")
        self.assertNotIn("o_loyalty_held", text)

    def test_what_is_held_for_review_is_told(self):
        self.program.daily_earning_cap = 50
        self._buy(self.account, 77)
        self.assertEqual(
            (self.account.points_held, self.account.points_pending), (77, 0)
        )
        self._login(self.user)
        self.assertRegex(self._get(), r"o_loyalty_held(.|\s)*?>77<")

    def test_the_history_is_filtered_and_paged(self):
        for number in range(100):
            self.account.earn_points(1, "test", description=f"Visit {number:03}.")
        self.account.adjust_points(-3, "Corrected by hand")
        self._login(self.user)
        text = self._get("/history")
        self.assertIn("Visit 099.", text)
        self.assertNotIn("Visit 000.", text)
        self.assertIn("Visit 000.", self._get("/history/page/2"))
        text = self._get("/history", filterby="adjust")
        self.assertIn("Corrected by hand", text)
        self.assertNotIn("Visit", text)
        self.assertIn("nothing of this kind", self._get("/history", filterby="expire"))
        self.assertIn("Visit 099.", self._get("/history", filterby="nonsense"))

    def test_the_catalogue_says_what_is_in_reach(self):
        self.program.reward_ids[0].copy(
            {
                "program_id": self.program.id,
                "required_points": 50,
                "min_tier": "gold",
            }
        )
        self._login(self.user)
        text = self._get("/rewards")
        self.assertEqual(text.count('action="/my/loyalty/redeem"'), 1)
        self.assertIn("4,650", text)
        self.assertRegex(text, r"From\s+Gold")

    def test_a_get_changes_nothing(self):
        # Logging in is written down, once a day: not by a GET.
        self._login(self.stranger)
        self._redeem_as(self.user)
        before = self._fingerprint()
        code = self.account.referral_code
        # The pages have a cursor that cannot write: who tries is told of in the log.
        with self.assertNoLogs("odoo.http", "WARNING"):
            for user in (self.user, self.stranger):
                self._login(user)
                for page in PAGES:
                    for params in ({}, {"account": self.account.id, "confirmed": 1}):
                        found = self.url_open(f"/my/loyalty{page}", params=params)
                        self.assertEqual(found.status_code, 200)
                self.assertEqual(self.url_open(f"/refer/{code}").status_code, 200)
            self.logout()
            self.url_open(f"/refer/{code}")
        for page in ("/redeem", "/join"):
            found = self.url_open(f"/my/loyalty{page}")
            self.assertIn(found.status_code, (404, 405))
        self.assertEqual(self._fingerprint(), before)

    def _redeem_as(self, user):
        self._login(user)
        self._redeem()

    def _fingerprint(self):
        self.env.flush_all()
        found = {}
        for table in TABLES:
            self.env.cr.execute(
                f"SELECT md5(string_agg(t::text, '|' ORDER BY id)) FROM {table} t"
            )
            found[table] = self.env.cr.fetchone()
        # Logging in is written down with the user.
        found.pop("res_users")
        return found

    # ------------------------------------------------------------------------ redeem
    def test_points_become_a_code_that_pays(self):
        self._login(self.user)
        page = self._redeem()
        self.assertIn("border-success", page.text)
        self.assertEqual(self.account.points_balance, 250)
        self.assertEqual(self._codes(), ["open"])
        card = self.account._codes()[0]["card"]
        self.assertIn(card.code, page.text)
        order = self._create_order(self.user.partner_id, None, 90)
        rewards = order._try_apply_code(card.code)
        self.assertNotIn("error", rewards)
        for coupon, found in rewards.items():
            order._apply_program_reward(found, coupon)
        self.assertEqual(order.amount_total, 80)
        order.action_confirm()
        self.assertEqual(self._codes(), ["used"])
        self.assertIn('data-state="used"', self._get("/codes"))

    def test_a_double_click_gives_one_code(self):
        self._login(self.user)
        once = self._hidden(self._get("/rewards"), "once")
        pages = [self._redeem(once=once) for _twice in range(2)]
        self.assertEqual(pages[0].url, pages[1].url)
        self.assertEqual(self._codes(), ["open"])
        self.assertEqual(self.account.points_balance, 250)
        self._redeem()
        self.assertEqual(self._codes(), ["open", "open"])
        self._assert_sound(self.account)

    def test_what_cannot_be_redeemed_is_not(self):
        self._login(self.user)
        dear = self.program.reward_ids.sorted("required_points")[1]
        foreign = self._program().reward_ids
        for reward in (dear, foreign):
            self.assertIn("alert-danger", self._redeem(reward).text)
        for once in ("", "short", "x" * 65):
            self._redeem(once=once)
        self.program.is_active = False
        self._send("/redeem", "/transfer", reward_id=self.program.reward_ids[0].id)
        self.assertFalse(self._codes())
        self.assertEqual(self.account.points_balance, 350)

    def test_codes_that_ran_out_are_told_from_open_ones(self):
        self._login(self.user)
        for _each in range(2):
            self._redeem()
        open_code, old = (code["card"] for code in self.account._codes())
        past = fields.Date.today() - timedelta(days=3)
        old.sudo().expiration_date = past
        self.assertEqual(self._codes(), ["open", "expired"])
        self.account._return_codes(fields.Datetime.now(), 10)
        self.assertEqual(self._codes(), ["open", "returned"])
        self.assertEqual(self.account.points_balance, 250)
        text = self._get("/codes")
        self.assertIn("Points returned", text)
        self.assertIn(open_code.code, text)

    def test_forms_need_their_token(self):
        self._login(self.user)
        once = self._hidden(self._get("/rewards"), "once")
        reward = self.program.reward_ids[0].id
        with self.assertLogs("odoo.http", "WARNING"):
            found = self.url_open(
                "/my/loyalty/redeem", data={"reward_id": reward, "once": once}
            )
        self.assertEqual(found.status_code, 400)
        self.assertFalse(self._codes())

    # ---------------------------------------------------------------------- transfer
    def test_points_go_to_another_member_after_a_second_look(self):
        for to in ("LOYAL_omar@example.com ", self.other_account.referral_code.lower()):
            with self.subTest(to=to):
                before = self.other_account.points_balance
                self._login(self.user)
                page = self._send("/transfer", to=to, number="40")
                self.assertIn("Is that right?", page.text)
                self.assertEqual(self.other_account.points_balance, before)
                once = self._hidden(page.text, "once")
                for _twice in range(2):
                    page = self._send(
                        "/transfer", to=to, number="40", once=once, confirmed=1
                    )
                    self.assertIn("were sent", page.text)
                self.assertEqual(self.other_account.points_balance, before + 40)
                self.assertNotIn("Omar", self._get("/history"))
        self.assertEqual(self.account.points_balance, 270)
        self._login(self.other)
        self.assertIn("Transfer from Mina Member", self._get("/history"))
        self._assert_sound(self.account, self.other_account)

    def test_the_form_tells_nobody_who_is_a_member(self):
        self._login(self.user)
        asked, refused = set(), set()
        self._create_customer(email="twin@example.com")
        for name in ("twin_1", "twin_2"):
            twin = self._portal_user(name, name=name)
            twin.partner_id.email = "twins@example.com"
            self._account_for(twin)
        for to in (
            "nobody@example.com",
            "loyal_sara@example.com",
            "loyal_mina@example.com",
            "twins@example.com",
            "%",
            self.account.referral_code,
        ):
            page = self._send("/transfer", to=to, number="5")
            asked.add("Is that right?" in page.text)
            once = self._hidden(page.text, "once")
            page = self._send("/transfer", to=to, number="5", once=once, confirmed=1)
            refused.add(re.search('role="alert">([^<]*)<', page.text)[1])
        page = self._send("/transfer", to="loyal_omar@example.com", number="5")
        asked.add("Is that right?" in page.text)
        self.assertEqual(asked, {True})
        self.assertEqual(len(refused), 1)
        self.assertEqual(self.account.points_balance, 350)

    def test_impossible_numbers_are_refused(self):
        self._login(self.user)
        for number in ("0", "-5", "1.5", "", "x", "351", "9" * 30, "٣"):
            page = self._send(
                "/transfer", to="loyal_omar@example.com", number=number, confirmed=1
            )
            self.assertIn("alert-danger", page.text, number)
        page = self._send("/transfer", to=" ", number="5", confirmed=1)
        self.assertIn("alert-danger", page.text)
        self.assertEqual(self.account.points_balance, 350)

    def test_points_of_the_firm_are_redeemed_but_not_sent(self):
        firm = self._create_customer(is_company=True, name="Firm")
        theirs = self.accounts.sudo()._enroll(self.program, firm, fields.Datetime.now())
        theirs.earn_points(1000, "test")
        self.user.partner_id.parent_id = firm
        self._login(self.user)
        firms = {"account": theirs.id}
        reward = self.program.reward_ids.sorted("required_points")[0]
        self.assertNotIn("/transfer?account", self._get(**firms))
        self.assertNotIn('name="number"', self._get("/transfer", **firms))
        self.assertIn("/transfer?account", self._get())
        page = self._send(
            "/transfer",
            **firms,
            to="loyal_omar@example.com",
            number="40",
            confirmed=1,
        )
        self.assertIn("not sent to others", page.text)
        self.assertEqual(
            (theirs.points_balance, self.account.points_balance), (1000, 350)
        )
        page = self._send("/redeem", "/rewards", **firms, reward_id=reward.id)
        self.assertEqual(theirs.points_balance, 900)

    # ---------------------------------------------------------------------- security
    def test_nobody_reads_anothers_account(self):
        self._login(self.user)
        for page in PAGES:
            text = self._get(page, account=self.other_account.id)
            self.assertNotIn("1,234", text)
            self.assertNotIn(self.other_account.referral_code, text)
        self._redeem(account=self.other_account.id)
        self.assertEqual(self.other_account.points_balance, 1234)
        self.assertEqual(self._codes(self.other_account), [])

    def test_a_firms_contacts_see_the_firms_account(self):
        firm = self._member(500, is_company=True)
        contact = self._portal_user("loyal_contact", name="Cleo Contact")
        contact.partner_id.parent_id = firm.customer_id
        self._login(contact)
        self.assertIn("500", self._get())
        self._redeem()
        self.assertEqual(firm.points_balance, 400)

    def test_a_firms_contact_may_have_an_account_of_the_own(self):
        firm = self._member(500, is_company=True)
        contact = self._portal_user("loyal_own", name="Cleo Contact")
        contact.partner_id.parent_id = firm.customer_id
        self._login(contact)
        self.assertIn("o_loyalty_joinable", self._get())
        self._send("/join", "/rewards", program_id=str(self.program.id))
        account = self.accounts._account_of(self.program, contact.partner_id)
        self.assertTrue(account)
        page = self._get()
        self.assertNotIn("o_loyalty_joinable", page)
        self.assertIn("500", self._get(account=firm.id))

    def test_visitors_are_sent_to_the_login(self):
        for page in PAGES:
            found = self.url_open(f"/my/loyalty{page}", allow_redirects=False)
            self.assertEqual(found.status_code, 303)
            self.assertIn("/web/login", found.headers["Location"])

    def test_portal_users_call_nothing_of_it(self):
        for model in ("customer.loyalty", "loyalty.referral", "loyalty.pending"):
            with self.assertRaises(AccessError):
                self.env[model].with_user(self.user).search([])
        service = self.service.with_user(self.user)
        with self.assertRaises(AccessError):
            service.get_referrals(self.user.partner_id.id)

    def test_marketers_read_referrals_of_their_companies_and_write_none(self):
        referral = self._follow(moment=fields.Datetime.now(), now=fields.Datetime.now())
        marketer = self._user(
            "referral_marketer",
            "base.group_user,customer_lifecycle.group_lifecycle_user",
        )
        mine = referral.with_user(marketer)
        self.assertEqual(mine.state, "pending")
        with self.assertRaises(AccessError):
            mine.state = "rewarded"
        elsewhere = self._create_company()
        other = self._user(
            "referral_elsewhere",
            "base.group_user,customer_lifecycle.group_lifecycle_user",
            elsewhere,
        )
        self.assertFalse(self.referrals.with_user(other).search([]))

    # -------------------------------------------------------------------------- join
    def _join(self, **values):
        text = self._get()
        values["csrf_token"] = self._hidden(text, "csrf_token")
        values.setdefault("program_id", self.program.id)
        found = self.url_open("/my/loyalty/join", data=values)
        self.env.invalidate_all()
        return found

    def _account_of(self, user):
        return self.accounts._account_of(self.program, user.partner_id)

    def test_who_is_no_member_joins(self):
        self._login(self.stranger)
        for page in PAGES:
            self.assertIn("/my/loyalty/join", self._get(page))
        self.assertFalse(self._account_of(self.stranger))
        self.assertIn("You are a member now", self._join().text)
        self.assertTrue(self._account_of(self.stranger))
        self.assertFalse(self.referrals.search([]))

    def test_who_joins_tells_the_code_of_the_invitation(self):
        self._login(self.stranger)
        self._join(code=f" {self.account.referral_code.lower()} ")
        referral = self.account.referral_ids
        self.assertEqual(referral.friend_id, self.stranger.partner_id)

    def test_programs_that_are_off_or_elsewhere_cannot_be_joined(self):
        elsewhere = self._create_company()
        hidden = self._program(portal_visible=False)
        foreign = self._program(company_id=elsewhere.id)
        off = self._program(is_active=False)
        self._login(self.stranger)
        for program in (hidden, foreign, off):
            self._join(program_id=program.id)
            found = self.accounts._account_of(program, self.stranger.partner_id)
            self.assertFalse(found)
        self.program.is_active = False
        self.assertIn("There is no loyalty program yet", self._get())

    def test_the_portal_shows_the_way(self):
        self._login(self.user)
        text = self.url_open("/my").text
        self.assertRegex(text, r"350\s+points,\s+Bronze")
        self._login(self.stranger)
        self.assertIn("Join, collect points", self.url_open("/my").text)
        self.program.is_active = False
        self.assertNotIn('href="/my/loyalty"', self.url_open("/my").text)

    def test_two_programs_are_two_accounts(self):
        second = self._program(name="Second Circle")
        partner = self.user.partner_id
        account = self.accounts.sudo()._enroll(second, partner, fields.Datetime.now())
        self._login(self.user)
        self.assertIn(f"account={account.id}", self._get())
        self.assertIn("Second Circle</h1>", self._get(account=account.id))

    # ---------------------------------------------------------------------- referral
    def _sign_up(self, login="loyal_new@example.com"):
        text = self.url_open("/web/signup").text
        token = re.search(r'csrf_token" value="([^"]*)"', text)[1]
        password = "loyal-new-1!"
        self.url_open(
            "/web/signup",
            data={
                "csrf_token": token,
                "login": login,
                "name": "Nadia New",
                "password": password,
                "confirm_password": password,
            },
        )
        self.env.invalidate_all()
        return self.env["res.users"].search([("login", "=", login)])

    def test_who_signs_up_by_the_link_is_the_members_friend(self):
        code = self.account.referral_code
        page = self.url_open(f"/refer/{code.lower()}")
        self.assertIn("A friend has invited you", page.text)
        self.assertFalse(self.referrals.search([]))
        user = self._sign_up()
        self.assertEqual(self.account.referral_ids.friend_id, user.partner_id)
        self.assertTrue(self._account_of(user))

    def test_who_signs_up_without_a_link_is_nobodys_friend(self):
        self.assertTrue(self._sign_up())
        self.assertFalse(self.referrals.search([]))

    def test_forged_and_stale_cookies_say_nothing(self):
        code = self.account.referral_code
        now = fields.Datetime.now()
        good = invitations.sign(self.env, Invitation(code, now))
        stale = invitations.sign(self.env, Invitation(code, now - timedelta(days=31)))
        forged = good[:-6] + ("AAAAAA" if good[-6:] != "AAAAAA" else "BBBBBB")
        for number, value in enumerate((stale, forged, "x", "é", "AQ", "")):
            self.authenticate(None, None)
            self.opener.cookies[invitations.COOKIE] = value.encode().decode("latin-1")
            self.assertTrue(self._sign_up(f"loyal_{number}@example.com"))
        self.assertFalse(self.referrals.search([]))
        self.assertEqual(invitations.read(self.env, good), Invitation(code, now))

    def test_links_that_lead_nowhere_and_own_ones_say_so(self):
        found = self.url_open("/refer/NOBODY")
        self.assertEqual(found.status_code, 404)
        self.assertIn("does not work", found.text)
        self.assertNotIn(invitations.COOKIE, self.opener.cookies)
        self._login(self.user)
        found = self.url_open(f"/refer/{self.account.referral_code}")
        self.assertIn("your own link", found.text)
        self.assertNotIn(invitations.COOKIE, self.opener.cookies)
        self.logout()
        found = self.url_open(f"/refer/{self.account.referral_code}")
        self.assertNotIn("Mina", found.text)
        self.assertIn(invitations.COOKIE, self.opener.cookies)

    def test_a_cart_and_a_payment_remember_the_link(self):
        friend = self._create_customer()
        now = fields.Datetime.now()
        followed = Invitation(self.account.referral_code, now)
        target = "odoo.addons.loyalty_program.models.sale_order_referral.followed"
        with patch(target, return_value=followed):
            cart = self._create_order(friend, None, 50)
        self.assertEqual(cart.referral_code, followed.code)
        other = self._create_order(self._create_customer(), None, 50)
        self.assertFalse(other.referral_code)
        with patch(target, return_value=followed):
            self._transaction(other, 50)
        self.assertEqual((other.referral_code, other.invited_at), followed)
        (cart | other).action_confirm()
        self.assertEqual(len(self.account.referral_ids), 2)

    def test_the_page_of_invitations_shows_what_became_of_them(self):
        now = fields.Datetime.now()
        referral = self._follow(
            member=self.account, moment=now, now=now, name="Farid Friend"
        )
        self._pay(self._buy(self.accounts, partner=referral.friend_id))
        self._follow(member=self.account, moment=now, now=now, name="Pia Pending")
        self._login(self.user)
        text = self._get("/invite")
        self.assertIn(f"/refer/{self.account.referral_code}", text)
        self.assertIn("https://wa.me/?text=", text)
        self.assertIn("mailto:?subject=", text)
        for part in ("Farid F.", "Pia P.", "Rewarded", "Signed up", "+200"):
            self.assertIn(part, text)
        self.assertNotIn("Friend<", text.replace("<th>Friend</th>", ""))
        self.assertRegex(text, r"Rewarded this year:\s+1")
