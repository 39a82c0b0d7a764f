import csv
import io
from datetime import timedelta

from odoo import Command, fields
from odoo.tests import new_test_user, tagged
from odoo.tools import email_normalize

from odoo.addons.customer_lifecycle.tests.pictures import PageCase

WORDS = {
    10: "Lovely milk, and always on time.",
    9: "Lovely people at the door.",
    8: "Good, but the yoghurt is often sold out.",
    7: "=1+1 is what I think",
    5: "Twice the bottle was broken.",
    2: "The milk was sour, and nobody picked up the phone.",
}


class FeedbackPages(PageCase):
    """A shop that has asked for a year, with a marketer and a manager."""

    page_login = "feedback_marketer"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.shop = cls.env["res.company"].create(
            {"name": "Picture Dairy", "email": "shop@example.com"}
        )
        cls.env = cls.env(
            context={**cls.env.context, "allowed_company_ids": cls.shop.ids}
        )
        cls.env["nps.survey"].search([("company_id", "=", cls.shop.id)]).unlink()
        cls.now = fields.Datetime.now()
        cls.marketer = cls._user("feedback_marketer", "group_lifecycle_user")
        cls.manager = cls._user("feedback_manager", "group_lifecycle_manager")
        cls.survey = cls._survey("After the delivery", "after_delivery")
        cls._survey("Every quarter", "quarter", trigger_type="periodic")
        cls.order = cls._order()
        cls._answer_all()
        cls.env.flush_all()

    @classmethod
    def _user(cls, login, group):
        return new_test_user(
            cls.env,
            login,
            f"base.group_user,customer_lifecycle.{group}",
            email=f"{login}@example.com",
            company_id=cls.shop.id,
            company_ids=[Command.set(cls.shop.ids)],
        )

    @classmethod
    def _survey(cls, name, code, **values):
        return cls.env["nps.survey"].create(
            {"name": name, "code": code, "company_id": cls.shop.id, **values}
        )

    @classmethod
    def _order(cls):
        category = cls.env["product.category"].create({"name": "Milk"})
        product = cls.env["product.product"].create(
            {
                "name": "Fresh milk",
                "type": "service",
                "categ_id": category.id,
                "list_price": 5,
            }
        )
        return cls.env["sale.order"].create(
            {
                "partner_id": cls.env["res.partner"].create({"name": "Anis"}).id,
                "company_id": cls.shop.id,
                "order_line": [Command.create({"product_id": product.id})],
            }
        )

    @classmethod
    def _answer_all(cls):
        names = ("Karim", "Rahima", "Salma", "Nadia", "Farid", "Laila", "Omar")
        people = cls.env["res.partner"].create(
            [{"name": f"{names[n % 7]} {n}"} for n in range(90)]
        )
        scores = (10, 9, 10, 8, 9, 7, 10, 5, 9, 2, 10, 6)
        stages = ("active", "engaged", "at_risk", "onboarding")
        tiers = ("bronze", "silver", "gold", False)
        responses = (
            cls.env["nps.response"]
            .sudo()
            .create(
                [
                    {
                        "survey_id": cls.survey.id,
                        "customer_id": person.id,
                        "company_id": cls.shop.id,
                        "score": scores[n % 12],
                        "first_score": scores[n % 12],
                        "responded_at": cls.now - timedelta(days=n * 0.9, hours=1),
                        "followup_response": WORDS.get(scores[n % 12])
                        if n % 5
                        else False,
                        "stage": stages[n % 4],
                        "tier": tiers[n % 4],
                        "order_id": cls.order.id if n % 2 else False,
                    }
                    for n, person in enumerate(people)
                ]
            )
        )
        unhappy = responses.filtered(lambda r: r.category == "detractor")[:5]
        cls.env["nps.case"].sudo()._follow_answers(unhappy, cls.now)
        cls._rate_all(people)

    @classmethod
    def _rate_all(cls, people):
        cls.env["csat.response"].sudo().create(
            [
                {
                    "customer_id": person.id,
                    "company_id": cls.shop.id,
                    "context_type": ("order", "delivery", "product")[n % 3],
                    "context_id": n + 1,
                    "score": (5, 4, 5, 3, 2)[n % 5],
                    "responded_at": cls.now - timedelta(days=n),
                }
                for n, person in enumerate(people[:40])
            ]
        )


@tagged("post_install", "-at_install")
class TestFeedbackPages(FeedbackPages):
    """Every page, opened in a browser by the people whom it is for."""

    browser_size = "1400x1900"

    def test_marketer_sees_the_dashboard(self):
        self._look(
            "feedback-dashboard",
            "/odoo/feedback-dashboard",
            ".o_feedback_trend canvas",
            "feedback_marketer",
        )

    def test_marketer_sees_surveys(self):
        self._look(
            "feedback-surveys", "/odoo/surveys", ".o_data_row", "feedback_marketer"
        )
        page = f"/odoo/surveys/{self.survey.id}"
        ready = ".o_form_view .o_field_widget[name=trigger_sentence]"
        self._look("feedback-survey", page, ready, "feedback_marketer")
        click = ".o_notebook .nav-link[name=messages]"
        self._look_after("feedback-survey-messages", page, ready, click)

    def test_marketer_sees_answers_and_cases(self):
        rows = ".o_data_row"
        for name, path in (
            ("answers", "survey-answers"),
            ("cases", "unhappy-customers"),
            ("satisfaction", "satisfaction"),
        ):
            page = f"/odoo/{path}"
            self._look(f"feedback-{name}", page, rows, "feedback_marketer")
        case = self.env["nps.case"].search([("company_id", "=", self.shop.id)], limit=1)
        page = f"/odoo/unhappy-customers/{case.id}"
        ready = "button[name=action_close]"
        self._look("feedback-case", page, ready, "feedback_marketer")

    def test_an_empty_dashboard_says_what_to_do(self):
        other = self.env["res.company"].create({"name": "New Dairy"})
        self.marketer.write(
            {"company_ids": [Command.set(other.ids)], "company_id": other.id}
        )
        self._look(
            "feedback-dashboard-empty",
            "/odoo/feedback-dashboard",
            ".o_lifecycle_message button",
            "feedback_marketer",
        )


@tagged("post_install", "-at_install")
class TestFeedbackPagesPhone(TestFeedbackPages):
    browser_size = "375x812"
    suffix = "-phone"
    allow_inherited_tests_method = True


@tagged("post_install", "-at_install")
class TestFeedbackTours(FeedbackPages):
    """What marketers do."""

    def test_the_dashboard(self):
        self.start_tour(
            "/odoo/feedback-dashboard", "feedback_dashboard", login="feedback_marketer"
        )

    def test_a_survey_of_ones_own(self):
        self.start_tour("/odoo/surveys", "feedback_survey", login="feedback_marketer")
        survey = self.env["nps.survey"].search([("code", "=", "tour_survey")])
        self.assertTrue(survey.is_active)
        self.assertEqual(
            survey.trigger_config, {"order_count": 3, "sample_percent": 50}
        )

    def test_the_guide_for_marketers_leads_to_a_survey_that_asks(self):
        self.env["res.partner"].create(
            {"name": "Guide Rahima", "email": "rahima@example.com"}
        )
        before = self.env["mail.mail"].sudo().search([]).ids
        self.start_tour(
            "/odoo/lifecycle-dashboard", "feedback_guide", login="feedback_marketer"
        )
        survey = self.env["nps.survey"].search(
            [("company_id", "=", self.shop.id), ("name", "=", "After the third order")]
        )
        self.assertTrue(survey.is_active)
        self.assertEqual(survey.trigger_config, {"order_count": 3})
        self.assertEqual(survey.cooldown_days, 60)
        sent = self.env["mail.mail"].sudo().search([("id", "not in", before)])
        addresses = {email_normalize(mail.email_to) for mail in sent}
        self.assertEqual(addresses, {"feedback_marketer@example.com"})


@tagged("post_install", "-at_install")
class TestFeedbackExport(FeedbackPages):
    """The dashboard as a file."""

    def _download(self, kind, login="feedback_manager", **values):
        self.authenticate(login, login)
        query = "&".join(f"{name}={value}" for name, value in values.items())
        return self.url_open(f"/nps_feedback/dashboard/export/{kind}?{query}")

    def test_csv_has_every_table_and_no_formula(self):
        found = self._download("csv", companies=self.shop.id)
        self.assertEqual(found.status_code, 200)
        rows = list(csv.reader(io.StringIO(found.content.decode("utf-8-sig"))))
        titles = {row[0] for row in rows if len(row) == 1}
        self.assertEqual(len(titles), 10)
        cells = {cell for row in rows for cell in row}
        self.assertIn("'=1+1 is what I think", cells)
        self.assertFalse([c for c in cells if c.startswith(("=", "@"))])

    def test_xlsx_opens(self):
        found = self._download("xlsx", survey=self.survey.id)
        self.assertEqual(found.status_code, 200)
        self.assertTrue(found.content.startswith(b"PK"))

    def test_for_managers_alone(self):
        self.assertEqual(self._download("csv", "feedback_marketer").status_code, 403)
        other = self.env["res.company"].create({"name": "Foreign Dairy"})
        self.assertEqual(self._download("csv", companies=other.id).status_code, 403)

    def test_nonsense_is_refused(self):
        self.assertEqual(self._download("pdf").status_code, 404)
        for values in ({"survey": "x"}, {"date_from": "x"}, {"companies": "x"}):
            self.assertGreaterEqual(self._download("csv", **values).status_code, 400)
