from datetime import datetime, timedelta
from random import Random
from types import SimpleNamespace

from odoo import fields
from odoo.tests import freeze_time, tagged

from odoo.addons.loyalty_program.tests.common import LoyaltyCommon

from ..models.lifecycle_demo import TODAY
from ..models.lifecycle_demo_loyalty import DAILY_CAP, POINTS
from .loyalty_recount import expiring, recount

NOW = datetime(2040, 6, 15, 12)
DAY = timedelta(days=1)
# What customers spent: some of each tier, most of them gold.
SPENT = (50, 60, 150, 160, *range(601, 609), 2000)


@freeze_time(NOW)
@tagged("post_install", "-at_install")
class TestDemoLoyalty(LoyaltyCommon):
    """The club of the demo: all tiers, and figures that an auditor finds again."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["ir.config_parameter"].set_param(TODAY, "2040-06-15")
        for number, spent in enumerate(SPENT):
            customer = cls._create_customer(email=f"demo{number}@example.com")
            for ago in (380, 350):
                moment = NOW - timedelta(days=ago)
                with freeze_time(moment):
                    cls._order(customer, moment, spent / 2)
        demo = cls.env["lifecycle.demo"]
        demo._tell_loyalty(None, SimpleNamespace(show=lambda share: None))
        cls.club = cls.env["loyalty.program"].search([("code", "=", "dairy_club")])
        cls._live(demo)
        cls._dispatch()
        cls.members = cls.accounts.search([("program_id", "=", cls.club.id)])

    @classmethod
    def _live(cls, demo):
        """What members do in a year, on one day."""
        dice = Random("club")
        for _time in range(12):
            demo._redeem_points(cls.club, dice)
        for number in range(1, 10):
            demo._invite_a_friend(cls.club, NOW.date() - number * DAY, dice)
            # Friends order a week after they came.
            demo._let_friends_order(cls.club, NOW.date() - (number - 7) * DAY)
        demo._buy_too_much(cls.club)

    def _rows(self):
        self.env.flush_all()
        return [
            {
                "id": row.id,
                "account": row.loyalty_id.id,
                "type": row.transaction_type,
                "points": row.points,
                "source": (row.source_type, row.source_id, row.redemption_code),
                "expires": row.expires_at or None,
                "at": row.created_at,
            }
            for row in self.transactions.search(
                [("program_id", "=", self.club.id)], order="id"
            )
        ]

    def test_all_tiers_have_members(self):
        tiers = set(self.members.mapped("current_tier"))
        self.assertEqual(tiers, {"bronze", "silver", "gold", "platinum"})

    def test_members_redeem_and_pay_with_their_codes(self):
        codes = self.transactions.search(
            [("program_id", "=", self.club.id), ("redemption_code", "!=", False)]
        )
        self.assertEqual(set(codes.mapped("code_state")), {"open", "used"})

    def test_friends_are_at_every_stage(self):
        states = self.env["loyalty.referral"].search(
            [("program_id", "=", self.club.id)]
        )
        self.assertLessEqual(
            {"pending", "joined", "rewarded"}, set(states.mapped("state"))
        )

    def test_something_is_held_for_review(self):
        held = self.env["loyalty.pending"].search(
            [("program_id", "=", self.club.id), ("state", "=", "held")]
        )
        self.assertEqual(len(held), 1)
        self.assertGreater(held.points, DAILY_CAP)
        self.assertGreater(POINTS, 0)

    def test_figures_agree_with_a_recount_in_plain_python(self):
        found = recount(self._rows())
        self.assertEqual(set(found), set(self.members.ids))
        until = NOW + timedelta(days=30)
        soon = 0
        for member in self.members:
            account = found[member.id]
            self.assertAlmostEqual(account.balance, member.points_balance, 2)
            self.assertAlmostEqual(account.debt, member.points_debt, 2)
            self.assertAlmostEqual(
                expiring(account, until), member.points_expiring, 2, member.id
            )
            soon += member.points_expiring
        self.assertGreater(soon, 0)
        self.assertGreater(sum(self.members.mapped("points_expired")), 0)

    def test_the_liability_agrees_with_a_recount_in_plain_python(self):
        held = sum(max(a.balance, 0) for a in recount(self._rows()).values())
        best = max(
            reward.discount
            / (reward.required_points if reward.discount_mode == "per_order" else 1)
            for reward in self.club.reward_ids
        )
        mine = [
            entry
            for entry in self.service.liability(fields.Date.to_string(NOW))
            if entry["program"] == "dairy_club"
        ]
        codes = self._points_of_codes()
        self.assertGreater(codes, 0)
        self.assertAlmostEqual(mine[0]["points"], held, 2)
        self.assertAlmostEqual(mine[0]["code_points"], codes, 2)
        self.assertAlmostEqual(mine[0]["liability"], (held + codes) * best, 2)

    def _points_of_codes(self):
        """What codes cost that nobody used, and that did not come back."""
        history = self.env["loyalty.history"].search([("used", ">", 0)])
        used = set(history.card_id.mapped("code"))
        return -sum(
            row["points"]
            for row in self._rows()
            if row["type"] == "redeem" and row["source"][2] not in {None, False, *used}
        )

    def test_nothing_differs(self):
        self._assert_sound(*self.members)
