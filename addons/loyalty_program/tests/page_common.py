from datetime import timedelta

from odoo import Command, fields
from odoo.tests import freeze_time, new_test_user

from odoo.addons.customer_lifecycle.tests.pictures import PageCase

# name: (points, how many days ago they were earned)
MEMBERS = {
    "Gloria Gold": [(3000, 350), (3000, 40)],
    "Paul Platinum": [(16000, 120)],
    "Silvia Silver": [(1100, 200), (250, 20)],
    "Sam Silver": [(1800, 90)],
    "Bruno Bronze": [(320, 341)],
    "Berta Bronze": [(80, 12)],
    "Bela Bronze": [(640, 60)],
    "Vera Velocity": [(10, 2)],
}
GROUPS = {
    "marketer": "customer_lifecycle.group_lifecycle_user",
    "manager": "customer_lifecycle.group_lifecycle_manager",
    "salesperson": "sales_team.group_sale_salesman_all_leads",
}


class LoyaltyPageCase(PageCase):
    """A shop with a program, members in all tiers, codes, and something to review."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company = cls.env["res.company"].create({"name": "Tour Dairy"})
        cls.env = cls.env(
            context=cls.env.context | {"allowed_company_ids": cls.company.ids}
        )
        cls.env["loyalty.program"].search([("company_id", "=", False)]).action_archive()
        cls.now = fields.Datetime.now()
        for name, group in GROUPS.items():
            cls._create_user(f"loyalty_{name}", group)

    @classmethod
    def _create_user(cls, login, group):
        groups = ["base.group_user", group]
        # Standard's form of programs shows the shops of the point of sale to everybody.
        if cls.env.ref("point_of_sale.group_pos_user", raise_if_not_found=False):
            groups.append("point_of_sale.group_pos_user")
        return new_test_user(
            cls.env,
            login=login,
            groups=",".join(groups),
            email=f"{login}@example.com",
            company_id=cls.company.id,
            company_ids=[Command.set(cls.company.ids)],
        )

    @classmethod
    def _create_program(cls):
        programs = cls.env["loyalty.program"]
        action = programs.create_from_template("loyalty_tiers")
        cls.program = programs.browse(action["res_id"])
        cls.program.write(
            {"name": "Dairy Club", "code": "tour_dairy", "company_id": cls.company.id}
        )

    @classmethod
    def _create_members(cls):
        """Accounts with a past, without the bonus of the sign-up."""
        cls.program.earning_rule_ids.filtered(lambda r: r.type == "signup").unlink()
        accounts = cls.env["customer.loyalty"]
        cls.members = {}
        for name, earnings in MEMBERS.items():
            customer = cls.env["res.partner"].create({"name": name})
            account = accounts._enroll(cls.program, customer, cls.now)
            for points, days in earnings:
                with freeze_time(cls.now - timedelta(days=days)):
                    account.earn_points(points, "test", description="Orders of a month")
            cls.members[name] = account

    @classmethod
    def _create_past(cls):
        """Codes, points that wait, and two earnings that tripped a limit."""
        reward = cls.program.reward_ids.sorted("required_points")[:1]
        with freeze_time(cls.now - timedelta(days=45)):
            cls.members["Paul Platinum"]._redeem_reward(reward)
        cls.members["Silvia Silver"]._redeem_reward(reward)
        cls.members["Gloria Gold"]._redeem_reward(reward)
        cls.members["Gloria Gold"].adjust_points(500, "Goodwill for spilt milk")
        cls.program.pending_days = 14
        cls._buy("Sam Silver", 90)
        cls.program.daily_earning_cap = 400
        cls._buy("Vera Velocity", 900)
        cls._buy("Bela Bronze", 500)
        cls.program.write({"pending_days": 0, "daily_earning_cap": 2000})
        cls.env["customer.loyalty"].invalidate_model()
        cls._create_past_orders()
        cls.env["loyalty.referral"].create(
            {
                "loyalty_id": cls.members["Gloria Gold"].id,
                "program_id": cls.program.id,
                "company_id": cls.company.id,
                "friend_id": cls.env["res.partner"].create({"name": "Frida Friend"}).id,
                "joined_at": cls.now,
            }
        )
        # Those who bought elsewhere are customers, too.
        strangers = cls.env["res.partner"].create(
            [{"name": f"Stranger {number}"} for number in range(3)]
        )
        everybody = strangers | cls._customers()
        cls.env["customer.lifecycle"].sudo()._ensure(everybody, cls.company, cls.now)
        cls.env.flush_all()

    @classmethod
    def _create_past_orders(cls):
        """Orders from before the accounts: some credited, some not yet."""
        for days in (500, 400):
            order = cls._quote("Bruno Bronze", 60)
            moment = cls.now - timedelta(days=days)
            order.write({"state": "sale", "date_order": moment})
        backfill = cls.env["loyalty.backfill"].create(
            {
                "program_id": cls.program.id,
                "since": (cls.now - timedelta(days=450)).date(),
            }
        )
        backfill.action_start()
        backfill._run(cls.now)

    @classmethod
    def _customers(cls):
        accounts = cls.env["customer.loyalty"].union(*cls.members.values())
        return accounts.customer_id

    @classmethod
    def _quote(cls, name, amount):
        product = cls.env["product.product"].create(
            {"name": "Milk", "type": "service", "taxes_id": False}
        )
        line = {"product_id": product.id, "price_unit": amount, "tax_ids": False}
        return cls.env["sale.order"].create(
            {
                "partner_id": cls.members[name].customer_id.id,
                "company_id": cls.company.id,
                "order_line": [Command.create(line)],
            }
        )

    @classmethod
    def _buy(cls, name, amount):
        order = cls._quote(name, amount)
        order.action_confirm()
        return order
