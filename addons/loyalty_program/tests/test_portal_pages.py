from datetime import timedelta

from odoo import fields
from odoo.tests import tagged

from odoo.addons.customer_lifecycle.tests.pictures import PageCase

from .test_portal import PortalCase
from .test_portal_tours import TIERS


class LoyaltyPageCase(PortalCase, PageCase):
    """Members with a past, so that there is something to look at."""

    browser_size = "1400x1100"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.program.write(
            {
                "name": "Dairy Circle",
                "tiers": TIERS,
                "referral_min_amount": 20,
                "earning_rules": [
                    {"type": "purchase", "points_per_unit": 1},
                    {"type": "signup", "points": 25},
                    {"type": "birthday", "points": 50},
                    {"type": "referral", "points": 200, "friend_points": 50},
                ],
                "pending_days": 14,
            }
        )
        cls._create_rewards()
        cls._create_past()
        cls._create_friends()
        cls.env.flush_all()

    @classmethod
    def _create_rewards(cls):
        reward = cls.program.reward_ids[0]
        for points, tier in ((150, False), (900, False), (250, "gold")):
            reward.copy(
                {
                    "program_id": cls.program.id,
                    "required_points": points,
                    "discount": points / 10,
                    "description": f"$ {points // 10} on your order",
                    "min_tier": tier,
                }
            )

    @classmethod
    def _create_past(cls):
        now = fields.Datetime.now()
        cls._buy(cls.account, 77)
        cls.account.earn_points(64, "test", description="Order S00042 with a long name")
        rewards = cls.program.reward_ids.sorted("required_points")
        for _each in range(3):
            cls.account._redeem_reward(rewards[0])
        cards = [code["card"] for code in cls.account._codes()]
        cards[1].sudo().points = 0
        cards[2].sudo().expiration_date = fields.Date.today() - timedelta(days=4)
        cls.account._return_codes(now, 10)
        cls.env.flush_all()
        cls.env.cr.execute(
            "UPDATE loyalty_point_lot SET expires_at = %s"
            " WHERE loyalty_id = %s AND remaining > 0",
            [now + timedelta(days=12), cls.account.id],
        )

    @classmethod
    def _create_friends(cls):
        states = ("pending", "joined", "held", "rewarded", "reversed")
        names = (
            "Karim Hossain",
            "Salma Akter",
            "Anis Rahman",
            "Nadia Das",
            "Omar Khan",
        )
        now = fields.Datetime.now()
        for state, name in zip(states, names, strict=True):
            cls.referrals.create(
                {
                    "loyalty_id": cls.account.id,
                    "program_id": cls.program.id,
                    "company_id": cls.shop.id,
                    "friend_id": cls._create_customer(name=name).id,
                    "state": state,
                    "joined_at": now,
                    "rewarded_at": now if state == "rewarded" else False,
                    "points": 200,
                }
            )


@tagged("post_install", "-at_install")
class TestLoyaltyPages(LoyaltyPageCase):
    """Every page, opened in a browser by the people whom it is for."""

    def _page(self, name, address, ready=".o_my_loyalty", login="loyal_mina"):
        self._look(f"loyalty-{name}", address, ready, login)

    def test_a_member_sees_the_portal(self):
        self._page("home", "/my", 'a[href="/my/loyalty"]')

    def test_a_member_sees_the_account(self):
        self._page("overview", "/my/loyalty", ".o_loyalty_expiring")

    def test_a_member_sees_the_history(self):
        self._page("history", "/my/loyalty/history", ".o_loyalty_rows")
        self._page(
            "history-none",
            "/my/loyalty/history?filterby=transfer",
            ".o_loyalty_empty",
        )

    def test_a_member_sees_the_rewards(self):
        self._page("rewards", "/my/loyalty/rewards", ".o_loyalty_reward")

    def test_a_member_sees_the_codes(self):
        code = self.account._codes()[0]["card"].code
        self._page("codes", f"/my/loyalty/codes?fresh={code}", ".border-success")

    def test_a_member_sees_the_transfer(self):
        self._page("transfer", "/my/loyalty/transfer", "#number")

    def test_a_member_sees_the_invitations(self):
        self._page("invite", "/my/loyalty/invite", ".o_loyalty_referrals")

    def test_a_new_member_sees_where_to_begin(self):
        fresh = self._portal_user("loyal_fresh", name="Fresh")
        account = self._account_for(fresh)
        account.adjust_points(-account.points_balance, "Begins with nothing")
        self.env.flush_all()
        for page in ("overview", "codes", "invite", "history", "rewards"):
            path = "" if page == "overview" else f"/{page}"
            self._page(f"{page}-new", f"/my/loyalty{path}", login="loyal_fresh")

    def test_a_stranger_sees_how_to_join(self):
        self._page("join", "/my/loyalty", "form", login="loyal_sara")

    def test_a_stranger_sees_that_there_is_nothing_to_join(self):
        self.program.is_active = False
        self.env.flush_all()
        self._page("join-none", "/my/loyalty", login="loyal_sara")

    def test_friends_see_where_they_arrive(self):
        code = self.account.referral_code
        self._page("refer", f"/refer/{code}", ".o_loyalty_refer", None)
        self._page("refer-wrong", "/refer/NOBODY", ".o_loyalty_refer", None)
        self._page("refer-own", f"/refer/{code}", ".o_loyalty_refer")
        self._let_sign_up("b2b")
        self.env.flush_all()
        self._page("refer-order", f"/refer/{code}", ".o_loyalty_refer_code", None)


@tagged("post_install", "-at_install")
class TestLoyaltyPagesPhone(TestLoyaltyPages):
    """The same pages on a phone."""

    browser_size = "390x1500"
    touch_enabled = True
    suffix = "-phone"
    allow_inherited_tests_method = True
