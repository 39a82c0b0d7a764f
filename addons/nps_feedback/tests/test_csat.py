from datetime import timedelta

from psycopg2.errors import CheckViolation

from odoo import http
from odoo.exceptions import AccessError, ValidationError
from odoo.tests import HttpCase, freeze_time, new_test_user, tagged
from odoo.tools import mute_logger

from .common import NOON, FeedbackCommon


@tagged("post_install", "-at_install")
class TestCsat(FeedbackCommon):
    """How content customers are with single things."""

    def setUp(self):
        super().setUp()
        self.user = self._user_of(
            self.shop, f"csat{next(self.numbers)}", "base.group_portal"
        )
        self.person = self.user.partner_id
        self.order = self._buys(self.person)
        self.csat = self.env["csat.response"].sudo()

    def _rates(self, *arguments, user=None, now=NOON, **values):
        service = self.feedback.with_user(user or self.user)
        with freeze_time(now):
            return service.submit_csat(*arguments, **values)

    def _marketer(self):
        return self._user_of(
            self.shop,
            f"csat_marketer{next(self.numbers)}",
            "customer_lifecycle.group_lifecycle_user",
        )

    def _refused(self, word, *arguments, error=ValidationError, **values):
        with self.assertRaises(error) as caught, self.cr.savepoint():
            self._rates(*arguments, **values)
        self.assertIn(word, str(caught.exception))

    def test_a_customer_rates_an_order_and_thinks_again(self):
        found = self._rates("order", self.order.id, 5, "Lovely")
        again = self._rates("order", self.order.id, 3)
        self.assertEqual((found["result"], again["result"]), ("recorded", "changed"))
        self.assertEqual(found["csat_id"], again["csat_id"])
        rating = self.csat.browse(found["csat_id"])
        self.assertEqual((rating.score, rating.comment), (3, "Lovely"))
        self.assertEqual(rating.company_id, self.shop)
        self._settle(NOON)
        self.assertEqual(self._row(self.person, self.shop).csat_score, 3)
        self.assertIn("csat_answered", self._types(self.person))

    def test_a_colleague_takes_over_nobodys_words(self):
        firm = self._member(is_company=True)
        first, second = (
            self._user_of(self.shop, f"firm{next(self.numbers)}", "base.group_portal")
            for _each in range(2)
        )
        (first | second).partner_id.parent_id = firm
        order = self._buys(first.partner_id)
        found = self._rates("order", order.id, 5, "Mine", user=first)
        self._refused("context_id", "order", order.id, 1, user=second)
        rating = self.csat.browse(found["csat_id"])
        said = (rating.score, rating.comment, rating.addressee_id)
        self.assertEqual(said, (5, "Mine", first.partner_id))
        self.assertFalse(self.csat.with_user(second).sudo(False).search([]))
        marketer = self._marketer()
        told = {"user": marketer, "customer_id": second.partner_id.id}
        self.assertEqual(self._rates("order", order.id, 4, **told)["result"], "changed")

    def test_who_makes_up_requests_says_one_thing_a_day(self):
        found = [self._rates("support", n, 1 + n % 5, f"No. {n}") for n in range(1, 9)]
        self.assertEqual(
            [row["result"] for row in found], ["recorded"] + ["changed"] * 7
        )
        rating = self.csat.search([("customer_id", "=", self.person.id)])
        self.assertEqual({row["csat_id"] for row in found}, set(rating.ids))
        self.assertRecordValues(
            rating, [{"context_id": 8, "score": 4, "comment": "No. 8"}]
        )
        self.assertEqual(self._types(self.person).count("csat_answered"), 1)
        # The day is that of the first word: the last one begins no new day.
        self._rates("support", 9, 1, now=NOON + timedelta(hours=23))
        later = self._rates("support", 10, 5, now=NOON + timedelta(hours=25))
        self.assertEqual(later["result"], "recorded")
        # A request that is known is no other one.
        again = self._rates("support", 9, 2, now=NOON + timedelta(hours=26))
        self.assertEqual((again["result"], again["csat_id"]), ("changed", rating.id))

    def test_requests_that_a_marketer_tells_of_are_real(self):
        values = {"customer_id": self.person.id, "user": self._marketer()}
        for number in (1, 2):
            found = self._rates("support", number, 4, **values)
            self.assertEqual(found["result"], "recorded")
        found = self._rates("support", 3, 1)
        self.assertEqual(found["result"], "recorded")

    def test_the_row_shows_the_mean(self):
        self._rates("order", self.order.id, 5)
        self._rates("product", self.product.id, 4)
        self._rates("support", 77, 3)
        self._settle(NOON)
        self.assertEqual(self._row(self.person, self.shop).csat_score, 4)

    def test_scores_that_are_none(self):
        for score in (0, 6, -1, "5", "", None, True, 4.5):
            with self.subTest(score=score):
                self._refused("score", "order", self.order.id, score)
        self._refused("context_type", "cow", 1, 5)
        for number in ("1", -1, 0, None, True, 2**31):
            with self.subTest(number=number):
                self._refused("context_id", "order", number, 5)
        # Zero is nobody, not "me".
        self._refused("customer_id", "order", self.order.id, 5, customer_id=0)

    def test_only_what_is_ones_own(self):
        other = self._buys(self._member())
        milk = self.env["product.product"].create({"name": "Never bought"})
        self._refused("order", "order", other.id, 5)
        self._refused("order", "order", 2**30, 5)
        self._refused("product", "product", milk.id, 5)
        person = self._member()
        self._refused(
            "marketer", "support", 1, 5, customer_id=person.id, error=AccessError
        )

    def test_a_marketer_speaks_for_customers_of_the_own_company(self):
        values = {"customer_id": self.person.id, "user": self._marketer()}
        found = self._rates("order", self.order.id, 4, **values)
        self.assertEqual(found["result"], "recorded")
        foreign = self._create_company()
        with freeze_time(NOON):
            order = self._order(self.person, NOON, 10.0, foreign)
        self._refused("order", "order", order.id, 4, **values)

    def test_the_database_knows_the_range(self):
        found = self._rates("order", self.order.id, 5)
        for score in (0, 6):
            with (
                mute_logger("odoo.sql_db"),
                self.assertRaises(CheckViolation),
                self.cr.savepoint(),
            ):
                self.cr.execute(
                    "UPDATE csat_response SET score = %s WHERE id = %s",
                    [score, found["csat_id"]],
                )

    def test_figures_by_context(self):
        self._rates("order", self.order.id, 5)
        marketer = {"user": self._marketer(), "customer_id": self.person.id}
        self._rates("support", 7, 2, **marketer)
        self._rates("support", 8, 4, **marketer)
        with freeze_time(NOON):
            rows = {r["context_type"]: r for r in self.feedback.get_dashboard()["csat"]}
        self.assertEqual(set(rows), {"order", "support"})
        support = rows["support"]
        self.assertEqual(
            (support["responses"], support["average"], support["satisfied"]),
            (2, 3, 50),
        )


@tagged("post_install", "-at_install")
class TestFeedbackPortal(HttpCase):
    """The customer's own page."""

    def setUp(self):
        super().setUp()
        self.user = new_test_user(
            self.env, "feedback_portal", "base.group_portal", password="feedback_portal"
        )
        product = self.env["product.product"].create({"name": "Milk", "list_price": 9})
        self.order = self.env["sale.order"].create(
            {
                "partner_id": self.user.partner_id.id,
                "order_line": [(0, 0, {"product_id": product.id})],
            }
        )
        self.order.action_confirm()

    def _rate(self, **values):
        token = http.Request.csrf_token(self)
        return self.url_open("/my/feedback/rate", data={"csrf_token": token, **values})

    def test_strangers_sign_in(self):
        self.assertIn("/web/login", self.url_open("/my/feedback").url)

    def test_orders_are_rated(self):
        self.authenticate("feedback_portal", "feedback_portal")
        self.assertIn(self.order.name, self.url_open("/my/feedback").text)
        page = self._rate(order=self.order.id, score="4", comment="Good")
        self.assertIn("Thank you", page.text)
        rating = self.env["csat.response"].search([("context_id", "=", self.order.id)])
        self.assertEqual((rating.score, rating.comment), (4, "Good"))
        self.assertIn("Good", self.url_open("/my/feedback").text)

    def test_nonsense_is_refused(self):
        self.authenticate("feedback_portal", "feedback_portal")
        other = self.order.copy({"partner_id": self.env.user.partner_id.id})
        other.action_confirm()
        for order, score in (
            (other.id, "4"),
            (self.order.id, "6"),
            (self.order.id, ""),
            ("x", "4"),
            (2**40, "4"),
            ("²", "4"),
        ):
            with self.subTest(order=order, score=score):
                self.assertEqual(self._rate(order=order, score=score).status_code, 422)
        self.assertFalse(
            self.env["csat.response"]
            .search([])
            .filtered(lambda r: r.context_id in (self.order.id, other.id))
        )

    def test_open_questions_and_answers_show(self):
        person = self.user.partner_id
        survey = self.env["nps.survey"].create(
            {
                "name": "Portal",
                "code": "portal_page",
                "question_text": "Would you really?",
                "target_domain": "[]",
                "is_active": True,
            }
        )
        found = self.env["nps.service"].send_survey("portal_page", person.id)
        invitation = self.env["nps.invitation"].sudo().browse(found["invitation_id"])
        self.authenticate("feedback_portal", "feedback_portal")
        self.assertNotIn("Would you really?", self.url_open("/my/feedback").text)
        invitation.sent_at = invitation.started_at
        text = self.url_open("/my/feedback").text
        self.assertIn("Would you really?", text)
        token = self.env["nps.link"]._token(invitation)
        self.assertIn(f"/feedback/{token}", text)
        self.env["nps.service"].submit_response(token, 8, "Fine")
        text = self.url_open("/my/feedback").text
        self.assertNotIn(f"/feedback/{token}", text)
        self.assertIn("Fine", text)
        self.assertEqual(invitation.survey_id, survey)

    def test_others_see_nothing_of_it(self):
        new_test_user(
            self.env, "feedback_other", "base.group_portal", password="feedback_other"
        )
        self.authenticate("feedback_other", "feedback_other")
        text = self.url_open("/my/feedback").text
        self.assertNotIn(self.order.name, text)
        self.assertIn("nothing to answer", text)
