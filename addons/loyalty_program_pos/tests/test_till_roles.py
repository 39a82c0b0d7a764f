from lxml import etree

from odoo.tests import Form, new_test_user, tagged

from .till_common import TillCommon

ROLES = {
    "salesperson": "sales_team.group_sale_salesman",
    "marketer": "customer_lifecycle.group_lifecycle_user",
    "manager": "customer_lifecycle.group_lifecycle_manager",
    "cashier": "sales_team.group_sale_salesman,point_of_sale.group_pos_user",
    "till manager": "customer_lifecycle.group_lifecycle_manager,"
    "point_of_sale.group_pos_manager",
}
WITH_TILLS = ("cashier", "till manager")
FORM = "loyalty.loyalty_program_view_form"
LISTS = (
    "loyalty.loyalty_program_view_tree",
    "loyalty_program.loyalty_program_view_list",
)


@tagged("post_install", "-at_install")
class TestTillRoles(TillCommon):
    """Programs open for whoever may read them, also without a role at the till."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.program.pos_config_ids = cls.config
        cls.users = {
            role: new_test_user(cls.env, f"role_{number}", f"base.group_user,{groups}")
            for number, (role, groups) in enumerate(ROLES.items())
        }

    def _program_of(self, role):
        self.env.invalidate_all()
        return self.program.with_user(self.users[role])

    def test_the_form_opens_for_every_role(self):
        for role in ROLES:
            with self.subTest(role=role):
                form = Form(self._program_of(role), FORM)
                self.assertEqual(form.name, "Milk Club")
                shows = "pos_config_ids" in form._view["fields"]
                self.assertEqual(shows, role in WITH_TILLS)

    def test_a_card_opens_for_whoever_may_read_it(self):
        groups = "base.group_user,point_of_sale.group_pos_user"
        users = {**self.users, "till": new_test_user(self.env, "role_till", groups)}
        card = self._member(points=50).card_id
        seen = {}
        for role, user in users.items():
            self.env.invalidate_all()
            mine = card.with_user(user)
            if mine.has_access("read"):
                form = Form(mine, "loyalty.loyalty_card_view_form")
                buttons = form._view["tree"].xpath("//button/@name")
                seen[role] = "action_open_ledger" in buttons
        self.assertEqual(seen.pop("till"), False)
        self.assertEqual(set(seen.values()), {True})
        self.assertIn("salesperson", seen)

    def test_the_lists_open_for_every_role(self):
        for role in ROLES:
            for name in LISTS:
                with self.subTest(role=role, view=name):
                    program = self._program_of(role)
                    view = program.get_view(self.env.ref(name).id, "list")
                    nodes = etree.fromstring(view["arch"]).iter("field")
                    (row,) = program.web_read({node.get("name"): {} for node in nodes})
                    self.assertEqual(row["name"], "Milk Club")

    def test_a_manager_changes_a_program_and_leaves_its_tills(self):
        with Form(self._program_of("manager"), FORM) as form:
            form.name = "Cream Club"
            form.pending_days = 3
        self.assertRecordValues(
            self.program, [{"name": "Cream Club", "pending_days": 3}]
        )
        self.assertEqual(self.program.pos_config_ids, self.config)

    def test_a_manager_makes_a_program(self):
        programs = self.env["loyalty.program"].with_user(self.users["manager"])
        action = programs.create_from_template("loyalty_tiers")
        program = programs.browse(action["res_id"])
        with Form(program, FORM) as form:
            form.pos_ok = False
            form.name = "Cream Club"
        self.assertFalse(program.sudo().pos_config_ids)
