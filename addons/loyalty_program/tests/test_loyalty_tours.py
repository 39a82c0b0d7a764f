from odoo.tests import tagged

from .page_common import LoyaltyPageCase


@tagged("post_install", "-at_install")
class TestLoyaltyTours(LoyaltyPageCase):
    """What people do in the backend, click by click."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._create_program()
        cls._create_members()
        cls._create_past()

    def _tour(self, address, name, login):
        self.start_tour(f"/odoo/{address}", name, login=f"loyalty_{login}", timeout=120)

    def test_marketer_walks_from_the_figures_to_the_members(self):
        self._tour("loyalty-dashboard", "loyalty_dashboard", "marketer")

    def test_marketer_sees_every_page(self):
        self._tour("loyalty-members", "loyalty_members", "marketer")

    def test_manager_adjusts_points(self):
        account = self.members["Gloria Gold"]
        self._tour(f"loyalty-members/{account.id}", "loyalty_adjust", "manager")
        self.assertEqual(account.transaction_ids[0].source_description, "Late delivery")
        self.assertEqual(account.points_balance, 6025)

    def test_manager_reviews_what_is_held(self):
        held = self.env["loyalty.pending"].search(
            [("program_id", "=", self.program.id), ("state", "=", "held")]
        )
        self._tour("loyalty-review", "loyalty_review", "manager")
        by_name = held.grouped(lambda pending: pending.customer_id.name)
        rejected = by_name["Vera Velocity"]
        self.assertEqual(rejected.state, "rejected")
        self.assertEqual(rejected.decision, "Three cards, one address")
        # These wait as all points of their order do.
        self.assertEqual(by_name["Bela Bronze"].state, "waiting")

    def test_salesperson_comes_from_the_contact(self):
        customer = self.members["Gloria Gold"].customer_id
        self._tour(f"contacts/{customer.id}", "loyalty_contact", "salesperson")

    def test_salesperson_comes_from_the_card(self):
        card = self.members["Gloria Gold"].card_id
        address = f"m-loyalty.card/{card.id}"
        self._tour(address, "loyalty_standard_card", "salesperson")

    def test_manager_credits_past_orders(self):
        bruno = self.members["Bruno Bronze"]
        before = bruno.points_lifetime
        self._tour("loyalty-backfill", "loyalty_backfill", "manager")
        backfills = self.env["loyalty.backfill"]
        backfill = backfills.search([("state", "=", "running")])
        self.assertEqual(backfill.user_id.login, "loyalty_manager")
        backfills._next()._run(self.now)
        self.assertEqual(backfill.order_count, 1)
        self.assertEqual(bruno.points_lifetime, before + 60)

    def test_the_dashboard_is_not_for_salespersons(self):
        self._tour("loyalty-dashboard", "loyalty_dashboard_denied", "salesperson")


@tagged("post_install", "-at_install")
class TestNewShopTours(LoyaltyPageCase):
    """A shop that has no program yet."""

    def test_manager_makes_a_program(self):
        self.start_tour(
            "/odoo/loyalty-programs", "loyalty_program_new", login="loyalty_manager"
        )
        program = self.env["loyalty.program"].search([("code", "=", "tour_club")])
        self.assertEqual(program.daily_earning_cap, 2000)
        self.assertIn(6000, program.tier_ids.mapped("min_points"))
        self.assertTrue(program.is_active)

    def test_the_empty_dashboard_leads_to_the_programs(self):
        self.start_tour(
            "/odoo/loyalty-dashboard",
            "loyalty_dashboard_empty",
            login="loyalty_marketer",
        )
