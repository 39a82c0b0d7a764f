from odoo import Command, fields
from odoo.tests import new_test_user

from odoo.addons.customer_lifecycle.tests.pictures import PageCase

NAMES = ("Karim", "Rahima", "Salma", "Anis", "Nadia", "Farid", "Laila", "Omar")
LAST = ("Hossain", "Akter", "Rahman", "Begum", "Chowdhury", "Khan", "Sarker", "Das")


class JourneyPageCase(PageCase):
    """A shop of its own, with a marketer and a manager; it may write at any hour."""

    page_login = "tour_marketer"
    # The model of what is shipped with an addon: gone, so that pages begin empty.
    shipped = None

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company = cls.env["res.company"].create(
            {"name": "Tour Dairy", "email": "shop@example.com"}
        )
        cls.company.write({"quiet_hours_start": 0, "quiet_hours_end": 0})
        cls.env = cls.env(
            context=cls.env.context | {"allowed_company_ids": cls.company.ids}
        )
        cls.now = fields.Datetime.now()
        cls.marketer = cls._create_user("tour_marketer", "group_lifecycle_user")
        cls.manager = cls._create_user("tour_manager", "group_lifecycle_manager")
        if cls.shipped:
            mine = [("company_id", "=", cls.company.id)]
            cls.env[cls.shipped].search(mine).unlink()

    @classmethod
    def _create_user(cls, login, group):
        return new_test_user(
            cls.env,
            login=login,
            groups=f"base.group_user,customer_lifecycle.{group}",
            email=f"{login}@example.com",
            company_id=cls.company.id,
            company_ids=[Command.set(cls.company.ids)],
        )

    @classmethod
    def _create_contacts(cls, count):
        return cls.env["res.partner"].create(
            [
                {
                    "name": f"{NAMES[i % 8]} {LAST[(i // 8 + i) % 8]}",
                    "email": f"tour{i}@example.com",
                }
                for i in range(count)
            ]
        )
