from odoo import Command, fields
from odoo.tests import new_test_user

ADDRESS = {
    "street": "Lake Road 7",
    "city": "Dhaka",
    "zip": "1212",
    "email": "nadia@example.com",
    "phone": "+880 1712 345678",
}
TIERS = [
    {"name": "Bronze", "code": "bronze", "min_points": 0, "benefits": []},
    {
        "name": "Silver",
        "code": "silver",
        "min_points": 200,
        "benefits": [{"type": "points_multiplier", "value": 1.5}],
    },
    {"name": "Gold", "code": "gold", "min_points": 5000, "benefits": []},
]


class ShopCommon:
    """A shop with a program, and Nadia, a member with 250 points."""

    @classmethod
    def _set_up_shop(cls):
        cls.env.user.group_ids += cls.env.ref(
            "customer_lifecycle.group_lifecycle_manager"
        )
        cls.env["loyalty.program"].search([]).action_archive()
        cls.site = cls.env["website"].get_current_website()
        cls.shop = cls.site.company_id
        cls.env = cls.env(
            context={**cls.env.context, "allowed_company_ids": cls.shop.ids}
        )
        cls.program = cls.env["loyalty.program"].create(
            {
                "name": "Milk Club",
                "program_type": "loyalty",
                "company_id": cls.shop.id,
                "is_active": True,
                "portal_point_name": "Points",
                "tiers": TIERS,
                "earning_rules": [{"type": "purchase", "points_per_unit": 1}],
                "redemption_rules": [{"points": 100, "value": 10, "type": "discount"}],
            }
        )
        cls.reward = cls.program.reward_ids
        cls.golden = cls.env["loyalty.reward"].create(
            {
                "program_id": cls.program.id,
                "discount": 50,
                "required_points": 50,
                "min_tier": "gold",
            }
        )
        cls.milk = cls._milk()
        cls._set_up_customer()

    @classmethod
    def _set_up_customer(cls):
        cls.user = new_test_user(
            cls.env,
            "nadia",
            "base.group_portal",
            name="Nadia Akter",
            company_id=cls.shop.id,
            company_ids=[Command.set(cls.shop.ids)],
        )
        cls.customer = cls.user.partner_id
        cls.customer.write({**ADDRESS, "country_id": cls.env.ref("base.bd").id})
        cls.account = cls._enrol(cls.customer, 250)

    @classmethod
    def _milk(cls):
        return cls.env["product.product"].create(
            {
                "name": "Fresh milk, a month",
                "type": "service",
                "list_price": 80,
                "taxes_id": False,
                "website_published": True,
            }
        )

    @classmethod
    def _enrol(cls, customer, points=0):
        accounts = cls.env["customer.loyalty"].sudo()
        account = accounts._enroll(cls.program, customer, fields.Datetime.now())
        account.earn_points(points, "test")
        return account

    @classmethod
    def _cart(cls, partner=None, quantity=1, **values):
        """A cart of the website."""
        line = {"product_id": cls.milk.id, "product_uom_qty": quantity}
        return cls.env["sale.order"].create(
            {
                "partner_id": (partner or cls.customer).id,
                "company_id": cls.shop.id,
                "website_id": cls.site.id,
                "order_line": [Command.create(line)],
                **values,
            }
        )
