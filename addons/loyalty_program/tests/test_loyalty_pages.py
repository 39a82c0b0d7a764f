from odoo.tests import tagged

from .page_common import LoyaltyPageCase

# name: (address, what must be there before the picture is taken)
PAGES = {
    "dashboard": ("loyalty-dashboard", ".o_loyalty_chart canvas"),
    "members": ("loyalty-members", ".o_data_row, .o_kanban_record"),
    "members-kanban": ("loyalty-members?view_type=kanban", ".o_kanban_record"),
    "ledger": ("loyalty-ledger", ".o_data_row, .o_kanban_record"),
    "pending": ("loyalty-pending", ".o_data_row, .o_kanban_record"),
    "review": ("loyalty-review", ".o_data_row, .o_kanban_record"),
    "review-kanban": ("loyalty-review?view_type=kanban", ".o_kanban_record"),
    "tiers": ("loyalty-tiers", ".o_kanban_record"),
    "rewards": ("loyalty-rewards", ".o_data_row, .o_kanban_record"),
    "programs": ("loyalty-programs", ".o_data_row"),
    "backfills": ("loyalty-backfill", ".o_data_row"),
}
# view: (its icon, what must be there)
FIGURES = {
    "pivot": ("oi-view-pivot", ".o_pivot table"),
    "graph": ("fa-area-chart", ".o_graph_view canvas"),
}
TAB = ".o_notebook .nav-link[name={}]"


@tagged("post_install", "-at_install")
class TestLoyaltyPages(LoyaltyPageCase):
    """Every page, opened in a browser, looked at and kept as a picture."""

    browser_size = "1400x1300"
    page_login = "loyalty_manager"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._create_program()
        cls._create_members()
        cls._create_past()

    def _look_after(self, name, address, ready, *clicks):
        return super()._look_after(
            f"loyalty-{name}", f"/odoo/{address}", ready, *clicks
        )

    def test_every_page_opens_and_fits_the_window(self):
        for name, (address, ready) in PAGES.items():
            with self.subTest(page=name):
                self._look_after(name, address, ready)

    def test_the_figures_of_the_ledger(self):
        for view, (icon, ready) in FIGURES.items():
            with self.subTest(view=view):
                self._look_at_figures(view, icon, ready)

    def _look_at_figures(self, view, icon, ready):
        page = f"loyalty-ledger?view_type={view}"
        self._look_after(f"ledger-{view}", page, ready)

    def test_the_member_card(self):
        account = self.members["Gloria Gold"]
        page, ready = f"loyalty-members/{account.id}", ".o_loyalty_card"
        self._look_after("member", page, ready)
        for tab in ("lots", "codes"):
            self._look_after(f"member-{tab}", page, ready, TAB.format(tab))
        self._look_after("adjust", page, ready, "button[name=action_adjust]")
        other = self.members["Vera Velocity"]
        page = f"loyalty-members/{other.id}"
        self._look_after("member-pending", page, ready, TAB.format("pending"))

    def test_the_card_of_standard(self):
        card = self.members["Gloria Gold"].card_id
        page = f"m-loyalty.card/{card.id}"
        self._look_after("standard-card", page, ".o_form_view [role=status]")

    def test_one_of_the_others(self):
        row = self.members["Gloria Gold"].transaction_ids[:1]
        page = f"loyalty-ledger/{row.id}"
        self._look_after("transaction", page, "[name=balance_after]")
        tier = self.program.tier_ids[2:3]
        page = f"loyalty-tiers/{tier.id}"
        self._look_after("tier", page, "[name=benefit_ids] .o_data_row")
        reward = self.program.reward_ids[:1]
        page = f"loyalty-rewards/{reward.id}"
        self._look_after("reward", page, "[name=reward_type]")
        backfill = self.env["loyalty.backfill"].search([], limit=1)
        page = f"loyalty-backfill/{backfill.id}"
        self._look_after("backfill", page, ".o_progressbar")
        page = f"loyalty-programs/{self.program.id}"
        ready = TAB.format("loyalty_accounts")
        self._look_after("program", page, ready, ready)

    def test_the_decision(self):
        button = "button[name=action_review]"
        page = "loyalty-review"
        if self.suffix:
            page += "?view_type=kanban"
        ready = f".o_data_row {button}, .o_kanban_record {button}"
        self._look_after("decision", page, ready, ready)


@tagged("post_install", "-at_install")
class TestLoyaltyPagesPhone(TestLoyaltyPages):
    """The same pages on a phone."""

    browser_size = "390x1800"
    touch_enabled = True
    suffix = "-phone"
    allow_inherited_tests_method = True

    def _look_at_figures(self, view, icon, ready):
        """Odoo opens neither by itself on a phone: they are one choice away."""
        switch = ".o_cp_switch_buttons"
        clicks = (f"{switch} button", f"{switch} .dropdown-item:has(.{icon})", ready)
        rows = ".o_data_row, .o_kanban_record"
        self._look_after(f"ledger-{view}", "loyalty-ledger", rows, *clicks)


@tagged("post_install", "-at_install")
class TestEmptyLoyaltyPages(LoyaltyPageCase):
    """A shop that has none yet."""

    def test_the_pages_lead_on(self):
        for name, address, ready in (
            ("programs-empty", "loyalty-programs", ".loyalty-template"),
            ("dashboard-empty", "loyalty-dashboard", ".o_lifecycle_message"),
            ("backfill-empty", "loyalty-backfill", ".o_view_nocontent"),
            ("review-empty", "loyalty-review", ".o_view_nocontent"),
        ):
            with self.subTest(page=name):
                page = f"/odoo/{address}"
                self._look(f"loyalty-{name}", page, ready, "loyalty_manager")
