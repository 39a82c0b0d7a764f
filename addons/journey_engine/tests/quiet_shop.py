from odoo.tests import freeze_time

from odoo.addons.customer_preference.tests.common import NOON, PreferenceCommon

BODY = "<p>Dear <t t-out='object.name'>you</t>, <t t-out='offer_code'/></p>"


class QuietShopCommon(PreferenceCommon):
    """A shop that may write at any hour; its own journeys are an addon's to make."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.shop.email = "shop@example.com"
        cls.shop.write({"quiet_hours_start": 0, "quiet_hours_end": 0})
        cls.scheduler = cls.env["journey.scheduler"]
        cls.deliveries = cls.env["journey.delivery"]

    @classmethod
    def _template(cls, **values):
        return cls.env["mail.template"].create(
            {
                "name": f"Template {next(cls.numbers)}",
                "model_id": cls.env["ir.model"]._get_id("res.partner"),
                "subject": "Milk for {{ object.name }}",
                "body_html": BODY,
                **values,
            }
        )

    @classmethod
    def _member(cls, **values):
        """A customer with a row who agreed to everything."""
        person = cls._person(**values)
        cls.lifecycle.sudo()._ensure(person, cls.shop, NOON)
        cls._dispatch()
        return person

    @classmethod
    def _started(cls, journey, start=True):
        if start:
            with freeze_time(NOON):
                journey.action_start()
        return journey
