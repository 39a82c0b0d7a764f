from datetime import timedelta

from odoo.tests import tagged
from odoo.tools import SQL

from odoo.addons.customer_preference.tests.common import NOON
from odoo.addons.journey_engine.tools.draw import LOTS, draw, shares

from .common import JourneyCommon


@tagged("post_install", "-at_install")
class TestEnrolment(JourneyCommon):
    def _again(self, journey, person, days=0):
        return self._enrol(journey, person, now=NOON + timedelta(days=days))

    def test_who_walks_a_journey_does_not_enter_it_again(self):
        journey, person = self._journey(reentry="after_exit"), self._member()
        self.assertEqual(len(self._enrol(journey, person)), 1)
        self.assertFalse(self._enrol(journey, person))

    def test_reentry_is_as_the_journey_says(self):
        for reentry, days, enters in (
            ("never", 999, False),
            ("after_exit", 3, True),
            ("after_days", 91, False),
            ("after_days", 93, True),
        ):
            with self.subTest(reentry=reentry, days=days):
                journey = self._journey(reentry=reentry, reentry_days=90)
                person = self._member()
                self._enrol(journey, person)
                self._process()
                self._process(48)
                self.assertEqual(bool(self._again(journey, person, days)), enters)

    def test_nobody_enters_a_journey_that_is_off_or_without_row_or_archived(self):
        journey = self._journey()
        self.assertFalse(self._enrol(journey, self._person()))
        archived = self._member()
        archived.active = False
        self.assertFalse(self._enrol(journey, archived))
        journey.action_stop()
        self.assertFalse(self._enrol(journey, self._member()))

    def test_a_thousand_enter_in_as_few_statements_as_ten(self):
        counts = []
        for number in (10, 200):
            people = self.env["res.partner"].browse()
            for _each in range(number):
                people += self._person(agreed=False)
            self.lifecycle.sudo()._ensure(people, self.shop, NOON)
            journey = self._journey(exclusive_group=f"group {number}")
            self._enrol(journey, self._member())  # versions, caches
            before = self.env.cr.sql_log_count
            self.assertEqual(len(self._enrol(journey, *people)), number)
            counts.append(self.env.cr.sql_log_count - before)
        self.assertEqual(*counts)

    # ------------------------------------------------------------- exclusive groups
    def test_one_journey_of_a_group_at_a_time(self):
        first = self._journey(exclusive_group="welcome")
        second = self._journey(exclusive_group="welcome")
        other = self._journey(exclusive_group="retention")
        person = self._member()
        self.assertTrue(self._enrol(first, person))
        self.assertFalse(self._enrol(second, person))
        self.assertTrue(self._enrol(other, person))

    def test_the_higher_priority_takes_the_group_over(self):
        low = self._journey(exclusive_group="welcome", priority=1)
        high = self._journey(exclusive_group="welcome", priority=2)
        person = self._member()
        run = self._enrol(low, person)
        self._process()
        self.assertTrue(self._enrol(high, person))
        self.assertRecordValues(
            run, [{"run_state": "cancelled", "exit_reason": "superseded"}]
        )
        self.assertEqual(self._states(run), [("cancelled", "superseded")])
        self.assertFalse(self._enrol(low, person))

    def test_a_group_is_free_again_when_the_journey_is_over(self):
        journey = self._journey(self._step(), exclusive_group="welcome")
        person = self._member()
        self._enrol(journey, person)
        self._process()
        second = self._journey(exclusive_group="welcome")
        self.assertTrue(self._enrol(second, person))

    # --------------------------------------------------------------------- addressee
    def test_the_addressee_is_the_contact_of_the_last_order_who_can_be_reached(self):
        company = self._member(is_company=True)
        for name, email, days in (
            ("Old", "old@example.com", 9),
            ("New", "new@example.com", 5),
            ("Mute", False, 1),
        ):
            contact = self._create_customer(
                parent_id=company.id, type="other", name=name, email=email
            )
            moment = NOON - timedelta(days=days)
            self._order(contact, moment, company=self.shop)
        run = self._enrol(self._journey(), company)
        self.assertEqual(run.addressee_id.name, "New")

    def test_the_addressee_of_who_has_no_contacts_is_the_customer(self):
        person = self._member()
        self.assertEqual(self._enrol(self._journey(), person).addressee_id, person)

    # -------------------------------------------------------------------------- lots
    def test_lots_are_the_same_in_python_and_sql(self):
        from odoo.addons.journey_engine.tools.draw import draw_sql

        query = SQL("SELECT id, %s FROM res_partner", draw_sql("holdout:x", SQL("id")))
        for number, lot in self.env.execute_query(query):
            self.assertEqual(lot, draw("holdout", "x", number))

    def test_the_control_group_is_as_large_as_asked_and_stays_the_same(self):
        lots = [draw("holdout", "code", number) for number in range(20_000)]
        share = sum(lot < LOTS * 0.2 for lot in lots) / len(lots)
        self.assertAlmostEqual(share, 0.2, delta=0.01)
        journey = self._journey(holdout_percent=50, reentry="after_exit")
        people = [self._member() for _each in range(30)]
        runs = self._enrol(journey, *people)
        held = {run.customer_id.id for run in runs if run.is_holdout}
        expected = {p.id for p in people if draw("holdout", journey.code, p.id) < 5000}
        self.assertEqual(held, expected)
        self.assertTrue(0 < len(held) < 30)

    def test_variants_are_drawn_by_weight(self):
        self.assertEqual(shares([("A", 1), ("B", 3)]), [("A", 2500), ("B", 10000)])
        journey = self._journey(
            self._step(split="A", code="a"),
            self._step(split="B", split_weight=3, code="b"),
            self._step(1, code="end"),
        )
        runs = self._enrol(journey, *[self._member() for _each in range(20)])
        self._process()
        self._process(1)
        for run in runs:
            expected = (
                "a" if draw("variant", journey.code, run.customer_id.id) < 2500 else "b"
            )
            self.assertEqual(run.variant, expected.upper())
            self.assertIn((expected, "queued", False), self._log(run))
            self.assertNotIn(
                "b" if expected == "a" else "a", [c for c, *_r in self._log(run)]
            )
