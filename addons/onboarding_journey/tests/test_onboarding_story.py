from datetime import timedelta
from unittest import SkipTest
from unittest.mock import patch

from odoo import SUPERUSER_ID, fields
from odoo.http import request
from odoo.tests import HttpCase, tagged

LOGIN = "nora.new@example.com"


def run_jobs(env):
    """What the scheduled actions do every minute."""
    # As a commit would: confirmed orders are written down when they are flushed.
    env.flush_all()
    events = env["lifecycle.event"]
    while pending := events.search([("is_pending", "=", True)], order="id"):
        env["lifecycle.event.retry"]._dispatch(pending)
    # What begins a moment ahead of this clock is due, too.
    soon = fields.Datetime.now() + timedelta(seconds=2)
    env["journey.scheduler"].process_due(soon)


@tagged("post_install", "-at_install")
class TestOnboardingStory(HttpCase):
    """From the sign-up on the website to the second order, in one browser."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        if "website_id" not in cls.env["sale.order"]._fields:
            raise SkipTest("needs a shop: website_sale")
        cls.site = cls.env["website"].get_current_website()
        cls.site.auth_signup_uninvited = "b2c"
        settings = cls.env["ir.config_parameter"].sudo()
        settings.set_param("auth_signup.invitation_scope", "b2c")
        cls.shop = cls.site.company_id
        cls.shop.write(
            {
                "onboarding_on_signup": True,
                "quiet_hours_start": 0,
                "quiet_hours_end": 0,
                "email": "shop@example.com",
            }
        )
        cls.journeys = cls.env["onboarding.journey"]
        cls.journeys.search([("company_id", "=", cls.shop.id)]).action_stop()
        shipped = cls.journeys._shipped()
        cls.journey = shipped.filtered(lambda j: j.company_id == cls.shop)
        cls.journey.active = True
        cls.journey.action_start()
        cls.milk = cls.env["product.product"].create(
            {
                "name": "First glass of milk",
                "type": "service",
                # Nothing to pay: the shop confirms the order at once.
                "list_price": 0,
                "taxes_id": False,
                "website_published": True,
            }
        )

    def _with_jobs(self):
        """Have the scheduled actions run whenever the browser has sent something."""
        http = self.env.registry["ir.http"]
        original = http._post_dispatch

        def after(response):
            original(response)
            if request.httprequest.method == "POST" and not request.env.cr.readonly:
                run_jobs(request.env(user=SUPERUSER_ID, su=True, context={}))

        return patch.object(http, "_post_dispatch", after)

    def test_from_sign_up_to_the_second_order(self):
        with self._with_jobs():
            self.start_tour("/web/signup", "onboarding_story", login=None, timeout=240)
        self.env.invalidate_all()
        user = self.env["res.users"].search([("login", "=", LOGIN)])
        customer = user.partner_id
        run = self.env["customer.onboarding"].search(
            [("customer_id", "=", customer.id)]
        )
        self.assertEqual((run.journey_id, run.status), (self.journey, "completed"))
        self.assertEqual(
            run.completed_steps,
            ["welcome", "profile", "tutorial", "first_order", "second_order"],
        )
        self.assertEqual(run.completion_rate, 100)
        views = run.completion_ids.filtered(lambda row: row.step_id == "tutorial")
        self.assertEqual(views.content_viewed, 1)
        orders = self.env["sale.order"].search([("partner_id", "=", customer.id)])
        self.assertEqual(orders.mapped("state"), ["sale", "sale"])
        self._check_records(customer, run)

    def _check_records(self, customer, run):
        """The lifecycle, the timeline and the queue tell the same."""
        row = self.env["customer.lifecycle"].search([("customer_id", "=", customer.id)])
        self.assertEqual(row.onboarding_status, "completed")
        self.assertEqual(row.onboarding_completion_rate, 100)
        self.assertEqual(row.onboarding_completed_at, run.completed_at)
        events = self.env["lifecycle.event"].search(
            [("customer_id", "=", customer.id), ("event_type", "=like", "onboarding%")]
        )
        self.assertEqual(
            sorted(events.mapped("event_type")),
            ["onboarding_completed", "onboarding_started"],
        )
        run_jobs(self.env)
        sent = self.env["journey.delivery"].search(
            [("run_model", "=", run._name), ("run_id", "=", run.id)]
        )
        self.assertEqual(set(sent.mapped("step_code")), {"welcome", "_closing"})
        self.assertEqual(set(sent.mapped("state")), {"queued"})
