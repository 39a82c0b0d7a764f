from datetime import timedelta

from odoo import fields
from odoo.http import root
from odoo.tests import HttpCase, tagged


@tagged("post_install", "-at_install")
class TestCheckoutPrompt(HttpCase):
    """The page after checkout asks, and records nothing by being shown."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.website = cls.env["website"].get_current_website()
        cls.company = cls.website.company_id
        cls.person = cls.env["res.partner"].create(
            {"name": "Buyer", "email": "buyer@example.com"}
        )
        product = cls.env["product.product"].create(
            {"name": "Milk", "list_price": 0, "taxes_id": False}
        )
        cls.order = cls.env["sale.order"].create(
            {
                "partner_id": cls.person.id,
                "company_id": cls.company.id,
                "website_id": cls.website.id,
                "order_line": [(0, 0, {"product_id": product.id})],
            }
        )
        cls.order.action_confirm()
        cls.env["nps.survey"].search([("channel", "=", "website")]).active = False
        cls.survey = cls.env["nps.survey"].create(
            {
                "name": "Checkout",
                "code": "checkout_test",
                "company_id": cls.company.id,
                "trigger_type": "post_order",
                "channel": "website",
                "target_domain": "[]",
                "is_active": True,
            }
        )

    def _page(self):
        """The confirmation page, as the shop renders it."""
        session = self.authenticate(None, None)
        session["sale_last_order_id"] = self.order.id
        root.session_store.save(session)
        return self.url_open("/shop/confirmation")

    def _link(self, page):
        return page.text.partition('action="/feedback/')[2].partition('"')[0]

    def _rows(self):
        return self.env["nps.invitation"].search([("survey_id", "=", self.survey.id)])

    def test_the_page_asks_and_a_tap_records_once(self):
        page = self._page()
        self.assertIn(self.survey.question_text, page.text)
        self.assertFalse(self._rows(), "showing the question asks nobody yet")
        path = f"/feedback/{self._link(page)}"
        self.assertEqual(self.url_open(path + "?score=9").status_code, 200)
        self.assertFalse(self._rows())
        self.url_open(path, data={"score": "9"})
        self.url_open(path, data={"score": "8"})
        response = self._rows().response_ids
        self.assertEqual((response.score, response.first_score), (8, 9))
        self.assertEqual(response.order_id, self.order)
        self.assertEqual(response.customer_id, self.person)
        self.assertNotIn("o_feedback_prompt", self._page().text)

    def test_who_was_asked_a_short_while_ago_is_left_alone(self):
        other = self.survey.copy({"is_active": True, "channel": "email"})
        found = self.env["nps.service"].send_survey(other.code, self.person.id)
        invitation = self.env["nps.invitation"].sudo().browse(found["invitation_id"])
        invitation.sent_at = fields.Datetime.now() - timedelta(days=5)
        self.assertNotIn("o_feedback_prompt", self._page().text)

    def test_a_survey_that_is_broken_asks_nobody_and_the_next_one_does(self):
        self.env["customer.lifecycle"].sudo()._ensure(self.person, self.company)
        other = self.survey.copy(
            {"is_active": True, "priority": self.survey.priority + 1}
        )
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE nps_survey SET target_domain = %s WHERE id = %s",
            ["[('no_such_field', '=', 1)]", other.id],
        )
        self.env.invalidate_all()
        with self.assertLogs("odoo.addons.journey_engine", "WARNING"):
            page = self._page()
        self.assertEqual(page.status_code, 200)
        self.assertIn("o_feedback_prompt", page.text)

    def test_a_shopper_who_is_known_is_asked_at_the_first_order(self):
        self.env["customer.lifecycle"].sudo()._ensure(self.person, self.company)
        fresh = self.env["nps.survey"].create(
            {
                "name": "Fresh",
                "code": "checkout_fresh",
                "company_id": self.company.id,
                "trigger_type": "post_order",
                "channel": "website",
                "is_active": True,
            }
        )
        self.survey.is_active = False
        self.assertTrue(self._link(self._page()))
        self.assertEqual(fresh.target_domain, "[]")

    def test_what_waits_gives_way_to_an_answer_at_the_checkout(self):
        path = f"/feedback/{self._link(self._page())}"
        other = self.survey.copy(
            {"is_active": True, "channel": "email", "name": "Other"}
        )
        found = self.env["nps.service"].send_survey(other.code, self.person.id)
        waiting = self.env["nps.invitation"].browse(found["invitation_id"])
        self.assertEqual(waiting.run_state, "running")
        page = self.url_open(path, data={"score": "9"})
        self.assertEqual(page.status_code, 200)
        self.env.invalidate_all()
        self.assertEqual(self._rows().response_ids.score, 9)
        self.assertEqual(waiting.run_state, "cancelled")

    def test_without_a_survey_nobody_is_asked(self):
        self.survey.action_stop()
        self.assertNotIn("o_feedback_prompt", self._page().text)

    def test_a_sample_of_nobody_is_asked_nothing(self):
        self.survey.sample_percent = 0
        self.assertNotIn("o_feedback_prompt", self._page().text)

    def test_a_token_that_was_made_for_another_order_is_none(self):
        token = self.env["nps.link"]._prompt_token(self.survey, self.order)
        self.order.partner_id = self.person.copy()
        self.assertEqual(self.url_open(f"/feedback/{token}").status_code, 404)
