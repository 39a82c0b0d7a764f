import doctest
import random
from collections import Counter, defaultdict
from datetime import date, datetime, timedelta
from math import sqrt
from zoneinfo import ZoneInfo

from odoo import Command
from odoo.exceptions import AccessError, ValidationError
from odoo.tests import freeze_time, new_test_user, tagged

from ..tools import nps
from .common import NOON, FeedbackCommon

UTC = ZoneInfo("UTC")
STAGES = ("acquired", "active", "at_risk", "churned")
TIERS = ("bronze", "gold", False)


def plain_nps(scores):
    """The score of a list of scores, as a book explains it."""
    if not scores:
        return False
    promoters = sum(1 for score in scores if score in (9, 10))
    detractors = sum(1 for score in scores if score <= 6)
    return round(100 * promoters / len(scores) - 100 * detractors / len(scores), 1)


def plain_margin(scores):
    """Half a 95 % confidence interval of the mean of +100, 0 and -100."""
    if len(scores) < 2:
        return False
    values = [100 if s >= 9 else -100 if s <= 6 else 0 for s in scores]
    mean = sum(values) / len(values)
    spread = sqrt(sum((v - mean) ** 2 for v in values) / len(values))
    return round(1.959964 * spread / sqrt(len(values)), 1)


@tagged("post_install", "-at_install")
class TestFigures(FeedbackCommon):
    """Every number of the dashboard, computed once more in plain Python."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.shop.partner_id.tz = "Asia/Dhaka"
        cls.first = cls._survey(name="First")
        cls.second = cls._survey(name="Second")
        cls.dice = random.Random(42)
        cls._sell()
        cls.answers = [cls._answered(n) for n in range(160)]
        cls.asked = [cls._asked(n) for n in range(90)]

    @classmethod
    def _sell(cls):
        """Orders with things of one or two categories."""
        categories = cls.env["product.category"]
        cls.categories = categories.create([{"name": n} for n in ("Milk", "Cheese")])
        products = [
            cls.env["product.product"].create(
                {"name": c.name, "categ_id": c.id, "list_price": 5, "taxes_id": False}
            )
            for c in cls.categories
        ]
        cls.orders = []
        for mix in ((0,), (1,), (0, 1), (0, 0)):
            lines = [Command.create({"product_id": products[i].id}) for i in mix]
            order = cls.env["sale.order"].create(
                {
                    "partner_id": cls._create_customer().id,
                    "company_id": cls.shop.id,
                    "order_line": lines,
                }
            )
            cls.orders.append((order, {cls.categories[i].id for i in mix}))

    @classmethod
    def _answered(cls, number):
        """A raw answer, and the record of it."""
        order, categories = cls.dice.choice([*cls.orders, (None, set())])
        raw = {
            "survey": cls.dice.choice([cls.first, cls.second]),
            "score": cls.dice.choices(range(11), [1] * 7 + [3, 5, 8, 9])[0],
            "at": NOON - timedelta(hours=cls.dice.randrange(24 * 200)),
            "stage": cls.dice.choice(STAGES),
            "tier": cls.dice.choice(TIERS),
            "words": cls.dice.choice([False, f"Words number {number}"]),
            "categories": categories,
        }
        raw["record"] = cls.responses.create(
            {
                "survey_id": raw["survey"].id,
                "customer_id": cls._create_customer().id,
                "company_id": cls.shop.id,
                "score": raw["score"],
                "first_score": raw["score"],
                "responded_at": raw["at"],
                "stage": raw["stage"],
                "tier": raw["tier"],
                "followup_response": raw["words"],
                "order_id": order.id if order else False,
            }
        )
        return raw

    @classmethod
    def _asked(cls, number):
        """An invitation that left some time ago, answered or not."""
        person = cls._create_customer(email=f"asked{number}@example.com")
        survey = cls.dice.choice([cls.first, cls.second])
        cls.lifecycle.sudo()._ensure(person, cls.shop, NOON)
        at = NOON - timedelta(hours=cls.dice.randrange(24 * 200))
        invitation = cls._asks(survey, person)
        answered = cls.dice.random() < 0.4
        sent = cls.dice.random() < 0.9
        invitation.write(
            {
                "sent_at": at if sent else False,
                "answered_at": at + timedelta(hours=3) if answered and sent else False,
            }
        )
        return {"survey": survey, "at": at, "sent": sent, "answered": answered}

    # ----------------------------------------------------------------- plain Python
    def _day(self, moment):
        return moment.replace(tzinfo=UTC).astimezone(ZoneInfo("Asia/Dhaka")).date()

    def _within(self, rows, first=None, last=None, survey=None):
        return [
            row
            for row in rows
            if (not first or self._day(row["at"]) >= first)
            and (not last or self._day(row["at"]) <= last)
            and (not survey or row["survey"] == survey)
        ]

    def _expect(self, rows):
        scores = [row["score"] for row in rows]
        kinds = Counter(nps.category(score) for score in scores)
        return {
            "nps": plain_nps(scores),
            "margin": plain_margin(scores),
            "promoters": kinds["promoter"],
            "passives": kinds["passive"],
            "detractors": kinds["detractor"],
            "responses": len(scores),
        }

    def _assert_figures(self, found, rows):
        expected = self._expect(rows)
        self.assertEqual({key: found[key] for key in expected}, expected)

    # ---------------------------------------------------------------------- checks
    def test_the_score_of_every_period(self):
        self.assertFalse(doctest.testmod(nps).failed)
        last = self._day(NOON)
        for first, end in (
            (None, None),
            (last - timedelta(days=30), last),
            (last - timedelta(days=90), last - timedelta(days=31)),
            (None, last - timedelta(days=60)),
            (last - timedelta(days=7), None),
            (date(2030, 1, 1), date(2030, 2, 1)),
        ):
            with self.subTest(first=str(first), end=str(end)):
                found = self.feedback.calculate_nps(first, end and end.isoformat())
                self._assert_figures(found, self._within(self.answers, first, end))
                sent = [r for r in self._within(self.asked, first, end) if r["sent"]]
                done = sum(row["answered"] for row in sent)
                self.assertEqual(found["invitations"], len(sent))
                rate = round(100 * done / len(sent), 1) if sent else False
                self.assertEqual(found["response_rate"], rate)

    def test_nothing_is_not_zero(self):
        found = self.feedback.calculate_nps("2030-01-01", "2030-01-31")
        for key in ("nps", "margin", "response_rate"):
            self.assertIs(found[key], False)
        self.assertEqual(found["responses"], 0)

    def test_conditions(self):
        domain = [("survey_id", "=", self.first.id)]
        rows = self._within(self.answers, survey=self.first)
        found = self.feedback.calculate_nps(domain=domain)
        self._assert_figures(found, rows)
        sent = [r for r in self._within(self.asked, survey=self.first) if r["sent"]]
        self.assertEqual(found["invitations"], len(sent))
        found = self.feedback.calculate_nps(domain="[('stage', '=', 'at_risk')]")
        self._assert_figures(
            found, [r for r in self.answers if r["stage"] == "at_risk"]
        )
        self.assertIs(found["response_rate"], False)

    def test_the_trend_of_every_interval(self):
        starts = {
            "day": lambda day: day,
            "week": lambda day: day - timedelta(days=day.weekday()),
            "month": lambda day: day.replace(day=1),
            "quarter": lambda day: date(day.year, (day.month - 1) // 3 * 3 + 1, 1),
            "year": lambda day: date(day.year, 1, 1),
        }
        for interval, start in starts.items():
            with self.subTest(interval=interval):
                groups = defaultdict(list)
                for row in self.answers:
                    groups[start(self._day(row["at"]))].append(row)
                trend = self.feedback.get_trend(interval)
                days = [date.fromisoformat(row["period"]) for row in trend]
                self.assertEqual(days, sorted(set(days)))
                self.assertEqual((days[0], days[-1]), (min(groups), max(groups)))
                self.assertTrue(set(groups) <= set(days))
                for day, row in zip(days, trend, strict=True):
                    self._assert_figures(row, groups.get(day, []))

    def test_the_dashboard(self):
        last = self._day(NOON)
        first = last - timedelta(days=120)
        for survey in (None, self.second):
            with self.subTest(survey=survey and survey.code), freeze_time(NOON):
                rows = self._within(self.answers, first, last, survey)
                data = self.feedback.get_dashboard(first, last, survey and survey.id)
                self._assert_figures(data["nps"], rows)
                before = self._within(
                    self.answers,
                    first - timedelta(days=121),
                    first - timedelta(days=1),
                    survey,
                )
                self._assert_figures(data["previous"], before)
                self.assertEqual(data["target"], 50)
                self._check_distribution(data, rows)
                self._check_groups(data, rows)

    def _check_distribution(self, data, rows):
        counts = Counter(row["score"] for row in rows)
        self.assertEqual(
            data["distribution"],
            [{"score": score, "count": counts[score]} for score in range(11)],
        )

    def _check_groups(self, data, rows):
        for name, key in (("stages", "stage"), ("tiers", "tier")):
            groups = defaultdict(list)
            for row in rows:
                groups[row[key]].append(row)
            groups.pop(False, None)
            self.assertEqual({row["key"] for row in data[name]}, set(groups))
            for row in data[name]:
                self._assert_figures(row, groups[row["key"]])
        for row in data["product_categories"]:
            mine = [r for r in rows if row["key"] in r["categories"]]
            self._assert_figures(row, mine)
        every = {c for row in rows for c in row["categories"]}
        self.assertEqual({row["key"] for row in data["product_categories"]}, every)

    def test_the_surveys_own_figures(self):
        for survey in (self.first, self.second):
            rows = self._within(self.answers, survey=survey)
            sent = [r for r in self._within(self.asked, survey=survey) if r["sent"]]
            self.assertEqual(survey.response_count, len(rows))
            self.assertEqual(survey.invited_count, len(sent))
            self.assertEqual(survey.nps_score, plain_nps([r["score"] for r in rows]))

    def test_the_card_on_the_dashboard_of_the_lifecycle(self):
        last = self._day(NOON)
        first = last - timedelta(days=29)
        engine = self.env["lifecycle.engine"]
        cards = {c["key"]: c for c in engine.get_dashboard(first, last)["kpis"]}
        card = cards["nps"]
        self.assertTrue(card["is_score"])  # compared in points
        now = self._within(self.answers, first, last)
        then = self._within(
            self.answers, first - timedelta(days=30), first - timedelta(days=1)
        )
        self.assertEqual(card["value"], plain_nps([r["score"] for r in now]))
        self.assertEqual(card["previous"], plain_nps([r["score"] for r in then]))
        self.assertEqual(card["target"], 50)

    # ----------------------------------------------------------------------- words
    def test_words_with_filters(self):
        rows = sorted(
            (r for r in self.answers if r["words"]),
            key=lambda r: (r["at"], r["record"].id),
            reverse=True,
        )
        found = self.feedback.get_verbatims(limit=10)
        self.assertEqual(found["total"], len(rows))
        self.assertEqual(
            [row["text"] for row in found["rows"]], [r["words"] for r in rows[:10]]
        )
        page = self.feedback.get_verbatims(limit=10, offset=10)
        self.assertEqual(
            [row["text"] for row in page["rows"]], [r["words"] for r in rows[10:20]]
        )
        unhappy = [r for r in rows if r["score"] <= 6]
        found = self.feedback.get_verbatims(category="detractor", limit=200)
        self.assertEqual(found["total"], len(unhappy))
        found = self.feedback.get_verbatims(search="number 1")
        self.assertEqual(found["total"], sum("number 1" in r["words"] for r in rows))
        found = self.feedback.get_verbatims(search=0)
        self.assertEqual(found["total"], sum("0" in r["words"] for r in rows))

    def test_bad_questions_are_refused(self):
        service = self.feedback
        cases = [
            (service.calculate_nps, {"date_from": "yesterday"}, "date_from"),
            (service.calculate_nps, {"date_to": 5}, "date_to"),
            (
                service.calculate_nps,
                {"date_from": "2040-02-01", "date_to": "2040-01-01"},
                "date_from",
            ),
            (service.calculate_nps, {"domain": "os.system"}, "domain"),
            (service.calculate_nps, {"domain": [("cow", "=", 1)]}, "domain"),
            (service.calculate_nps, {"domain": 5}, "domain"),
            (service.calculate_nps, {"domain": 0}, "domain"),
            (service.get_trend, {"interval": "fortnight"}, "interval"),
            (service.get_verbatims, {"category": "happy"}, "category"),
            (service.get_verbatims, {"category": 0}, "category"),
            (service.get_verbatims, {"limit": 0}, "limit"),
            (service.get_verbatims, {"limit": "5"}, "limit"),
            (service.get_verbatims, {"offset": -1}, "offset"),
            (service.get_dashboard, {"survey_id": 2**30}, "survey_id"),
            (service.get_dashboard, {"survey_id": "x"}, "survey_id"),
            (service.get_dashboard, {"survey_id": 0}, "survey_id"),
        ]
        for method, values, word in cases:
            with (
                self.subTest(values=values),
                self.assertRaises(ValidationError) as caught,
            ):
                method(**values)
            self.assertIn(word, str(caught.exception))

    # ----------------------------------------------------------------------- cases
    def test_open_cases_with_their_age(self):
        for number, days in enumerate((1, 5, 9)):
            row = self.answers[number]["record"]
            row.write({"score": 2, "responded_at": NOON - timedelta(days=days)})
            with freeze_time(NOON - timedelta(days=days)):
                self.cases._follow_answers(row, datetime.now())
        with freeze_time(NOON):
            cases = self.feedback.get_dashboard()["cases"]
            self.assertEqual(
                (cases["open"], cases["overdue"], cases["oldest"]), (3, 2, 9)
            )
            self.assertEqual([row["age_days"] for row in cases["rows"]], [9, 5, 1])
            self.feedback.close_case(cases["rows"][0]["id"], "solved")
            cases = self.feedback.get_dashboard()["cases"]
        self.assertEqual((cases["open"], cases["hours"]), (2, 9 * 24))

    # ---------------------------------------------------------------------- access
    def test_other_companies_count_nothing_of_it(self):
        other = self._create_company()
        marketer = self._user_of(
            other, "foreign_marketer", "customer_lifecycle.group_lifecycle_user"
        )
        service = self.feedback.with_user(marketer).with_context(
            allowed_company_ids=other.ids
        )
        self.assertEqual(service.calculate_nps()["responses"], 0)
        self.assertEqual(service.get_trend(), [])
        self.assertEqual(service.get_verbatims()["total"], 0)
        data = service.get_dashboard("2039-12-01", "2040-06-14")
        self.assertEqual(data["nps"]["responses"], 0)
        self.assertEqual(data["product_categories"], [])

    def test_figures_are_for_marketers(self):
        portal = new_test_user(self.env, "counts_portal", "base.group_portal")
        seller = self._seller()
        for user in (portal, seller):
            service = self.feedback.with_user(user)
            for method in (
                "calculate_nps",
                "get_trend",
                "get_dashboard",
                "get_verbatims",
                "list_surveys",
            ):
                with self.assertRaises(AccessError):
                    getattr(service, method)()
