from datetime import date, datetime, time, timedelta

from dateutil.relativedelta import relativedelta

from odoo import Command, api, models

from odoo.addons.customer_lifecycle.wizard.lifecycle_import_customer import SILENT

from ..tools.demo_names import person
from ..tools.demo_plan import customers
from .lifecycle_demo import FIRST_GENERATED

CATEGORY = "Demo: generated"
QUIET = {**SILENT, "no_reset_password": True}
# Login (also the password), name, groups.
USERS = (
    ("marketer", "Mahbuba Karim", ("customer_lifecycle.group_lifecycle_user",)),
    ("salesperson", "Rafiq Hossain", ("sales_team.group_sale_salesman",)),
    ("salesperson2", "Anika Das", ("sales_team.group_sale_salesman",)),
    ("teamleader", "Shirin Akter", ("sales_team.group_sale_salesman_all_leads",)),
)
PORTAL = "portal"


class LifecycleDemoPeople(models.AbstractModel):
    """The shop, who works there, and the customers that the history lacks."""

    _inherit = "lifecycle.demo"

    @api.model
    def _tell_shop(self, open_history, bar):
        """Before any order: the currency of a company cannot change later."""
        currency = self.env.ref("base.BDT")
        currency.active = True
        self.env.company.write(
            {
                "name": "Smart Dairy",
                "country_id": self.env.ref("base.bd").id,
                "currency_id": currency.id,
            }
        )
        self.env.company.partner_id.tz = "Asia/Dhaka"
        self.env["res.users"].search([("share", "=", False)]).tz = "Asia/Dhaka"
        self._today()

    # ------------------------------------------------------------------------ team
    @api.model
    def _tell_team(self, open_history, bar):
        users = self.env["res.users"].with_context(**QUIET)
        made = users.create([self._user_values(*user) for user in USERS])
        _marketer, *sellers, leader = made
        team = self.env["crm.team"].with_context(**QUIET).search([], limit=1)
        if not team:
            team = team.create({"name": "Sales"})
        team.user_id = leader
        # Through the membership model, which keeps one active team per person.
        self.env["crm.team.member"].with_context(**QUIET).create(
            [
                {"crm_team_id": team.id, "user_id": user.id}
                for user in (*sellers, leader)
                if user not in team.member_ids
            ]
        )

    @api.model
    def _user_values(self, login, name, groups):
        return {
            "login": login,
            "password": login,
            "name": name,
            "email": f"{login}@example.com",
            "tz": "Asia/Dhaka",
            "group_ids": [
                Command.set(
                    [self.env.ref(group).id for group in ("base.group_user", *groups)]
                )
            ],
        }

    # ---------------------------------------------------------------------- people
    @api.model
    def _tell_people(self, open_history, bar):
        """Create those who signed up before the first day; the import finds them by
        their e-mail.
        """
        category = self._generated_category()
        plan = {
            number: customer.signed_up
            for number, customer in enumerate(customers())
            if self._day_of(customer.signed_up) < self._first_day()
        }
        partners = self.env["res.partner"].with_context(**QUIET)
        partners = partners.create(
            [self._partner_values(number, category) for number in plan]
        )
        noon = datetime.combine(self._today(), time(6))
        partners._become_past_customers(
            [noon - timedelta(days=ago) for ago in plan.values()]
        )

    @api.model
    def _generated_category(self):
        categories = self.env["res.partner.category"]
        found = categories.search([("name", "=", CATEGORY)], limit=1)
        return found or categories.create({"name": CATEGORY})

    @api.model
    def _day_of(self, ago):
        return self._today() - timedelta(days=ago)

    @api.model
    def _partner_values(self, number, category):
        name, email = person(FIRST_GENERATED + number)
        return {
            "name": name,
            "email": email,
            "ref": f"G{number:05}",
            "city": ("Dhaka", "Chattogram", "Sylhet", "Khulna", "Rajshahi")[number % 5],
            "country_id": self.env.company.country_id.id,
            "tz": "Asia/Dhaka",
            "category_id": [Command.link(category.id)],
        }

    @api.model
    def _create_portal_user(self):
        """Let the first of the fans have a login, unless there is one."""
        if self.env["res.users"].search_count([("login", "=", PORTAL)]):
            return
        plan = list(enumerate(customers()))
        fan = next(f"G{number:05}" for number, c in plan if c.kind == "fan")
        partner = self.env["res.partner"].search([("ref", "=", fan)], limit=1)
        self.env["res.users"].with_context(**QUIET).create(
            {
                "login": PORTAL,
                "password": PORTAL,
                "partner_id": partner.id,
                "group_ids": [Command.set([self.env.ref("base.group_portal").id])],
            }
        )

    # --------------------------------------------------------------- subscriptions
    @api.model
    def _tell_subscriptions(self, open_history, bar):
        """Those that began before the first day."""
        before = self._first_day() - timedelta(days=1)
        self._subscribe(date.min, before)

    @api.model
    def _subscribe(self, first, last):
        """Create the subscriptions that began between two days."""
        if "sale.subscription" not in self.env:
            return
        refs = {
            f"G{number:05}": customer
            for number, customer in enumerate(customers())
            if customer.subscribed
            and first <= self._day_of(customer.subscribed) <= last
        }
        partners = self.env["res.partner"].search([("ref", "in", list(refs))])
        subscriptions = self.env["sale.subscription"].with_context(**QUIET)
        made = subscriptions.create(
            [
                self._subscription_values(partner, refs[partner.ref])
                for partner in partners.sorted("id")
            ]
        )
        for subscription in made:
            # Later than its creation: with both dates told it begins as a draft.
            subscription.recurring_next_date = self._next_month(subscription.date_start)

    @api.model
    def _subscription_values(self, partner, customer):
        return {
            "partner_id": partner.id,
            "template_id": self._subscription_template().id,
            "pricelist_id": self._pricelist().id,
            "date_start": self._today() - timedelta(days=customer.subscribed),
            "stage_id": self.env.ref(
                "subscription_oca.subscription_stage_in_progress"
            ).id,
            "in_progress": True,
            "user_id": False,
            "sale_subscription_line_ids": [
                Command.create(
                    {
                        "product_id": self._milk().id,
                        "name": "Fresh milk, a litre every morning",
                        "product_uom_qty": 30,
                        "price_unit": 95,
                    }
                )
            ],
        }

    @api.model
    def _next_month(self, start):
        """Return the first monthly day after ``start`` that is still to come."""
        months = relativedelta(self._today(), start)
        return start + relativedelta(months=months.years * 12 + months.months + 1)

    @api.model
    def _subscription_template(self):
        templates = self.env["sale.subscription.template"]
        values = {"name": "Fresh Milk, monthly", "recurring_rule_type": "months"}
        found = templates.search([("name", "=", values["name"])], limit=1)
        return found or templates.create(values)

    @api.model
    def _pricelist(self):
        found = self.env["product.pricelist"].search(
            [("currency_id", "=", self.env.company.currency_id.id)], limit=1
        )
        return found or found.create({"name": "Shop"})

    @api.model
    def _milk(self):
        products = self.env["product.product"]
        values = {"name": "Fresh Milk 1 l", "type": "service", "list_price": 95}
        found = products.search([("name", "=", values["name"])], limit=1)
        return found or products.create(values | {"taxes_id": [Command.clear()]})

    # ------------------------------------------------------------------ assignment
    @api.model
    def _tell_assignment(self, open_history, bar):
        """Give the better customers a salesperson, as shops do."""
        sellers = self.env["res.users"].search(
            [("login", "in", ("salesperson", "salesperson2"))], order="id"
        )
        rows = self.env["customer.lifecycle"].search([("total_orders", ">=", 3)])
        for place, seller in enumerate(sellers):
            mine = rows.customer_id.filtered(
                lambda c, p=place: c.id % (len(sellers) + 1) == p
            )
            mine.with_context(**QUIET).user_id = seller
