from datetime import timedelta
from unittest.mock import patch

from odoo.exceptions import ValidationError
from odoo.tests import freeze_time, tagged

from odoo.addons.test_journey_engine.tests.common import NOON, JourneyCommon

from .bonus_common import BonusCommon

BODY = "<p>There are <b t-out='offer_points'/> points for you.</p>"


@freeze_time(NOON)
@tagged("post_install", "-at_install")
class TestBonusPoints(BonusCommon, JourneyCommon):
    """A journey gives points with a message that goes out, once per run."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        if "test.journey" not in cls.env:
            cls.skipTest(cls, "test_journey_engine is not installed")
        cls._set_up_club()

    def _walk(
        self, *people, steps=1, without_offer="send", offer=None, days=0, **values
    ):
        template = self._template(BODY)
        journey = self._journey(
            *[
                self._step(
                    template_id=template.id,
                    includes_offer=True,
                    without_offer=without_offer,
                    hours=24 * number,
                )
                for number in range(steps)
            ],
            offer_id=(offer or self._bonus(**values)).id,
        )
        now = NOON + timedelta(days=days)
        runs = self._enrol(journey, *(people or [self._member()]), now=now)
        self._process(24 * days)
        return runs

    def _rows(self, customer):
        self.env.flush_all()
        rows = self._account(customer).transaction_ids.sorted("id")
        return [(r.transaction_type, r.points, r.source_type) for r in rows]

    def test_the_customer_has_the_points_when_the_step_goes_out(self):
        run = self._walk()
        account = self._account(run.customer_id)
        self.assertEqual(self._rows(run.customer_id), [("earn", 20, "journey.offer")])
        offer = run.definition_id.offer_id
        row = account.transaction_ids
        self.assertEqual(
            (row.source_id, row.source_description), (offer.id, offer.name)
        )
        self.assertIn("<b>20</b>", run.delivery_ids.mail_mail_id.body_html)
        self.assertFalse(run.delivery_ids.card_id)
        self.assertFalse(offer.program_id)
        self._assert_sound()

    def test_a_pass_gives_once_however_many_messages_name_it(self):
        run = self._walk(steps=3, without_offer="skip", budget_count=1)
        self._process(24)
        # Later messages say what was given, whatever is offered to others by then.
        more = self._bonus(value=30)
        run.definition_id.offer_id = more
        self._process(48)
        self.assertEqual(self._rows(run.customer_id), [("earn", 20, "journey.offer")])
        self.assertEqual(self._states(run), [("queued", False)] * 3)
        for delivery in run.delivery_ids:
            self.assertIn("<b>20</b>", delivery.mail_mail_id.body_html)
        self.assertFalse(more.issued_count)
        given = self.env["journey.bonus"].search([("journey_run_id", "=", run.id)])
        first = run.delivery_ids.sorted("id")[0]
        self.assertEqual(given.mapped("points"), [20])
        self.assertEqual(given.step_code, first.step_code)

    def test_what_was_not_to_be_had_at_first_comes_with_a_later_message(self):
        self.program.is_active = False
        run = self._walk(steps=2)
        self.assertFalse(self._rows(run.customer_id))
        self.program.is_active = True
        self._process(24)
        self.assertEqual(self._rows(run.customer_id), [("earn", 20, "journey.offer")])
        points = [d.mail_mail_id.body_html for d in run.delivery_ids.sorted("id")]
        self.assertIn("<b>0</b>", points[0])
        self.assertIn("<b>20</b>", points[1])

    def test_many_get_theirs_in_as_few_statements(self):
        def counted(number):
            # Half of them join on the way.
            people = [self._member() for _each in range(number)]
            for person in people[::2]:
                self.env["customer.loyalty"]._enroll(self.program, person, NOON)
            before = self.env.cr.sql_log_count
            runs = self._walk(*people)
            used = self.env.cr.sql_log_count - before
            for run in runs:
                self.assertEqual(len(self._rows(run.customer_id)), 1)
            return used

        counted(2)
        self.assertLessEqual(counted(25), counted(3) + 30)

    def test_a_message_that_fails_gives_nothing(self):
        renderer = self.registry["journey.renderer"]
        with (
            patch.object(renderer, "_render_bodies", side_effect=ValueError("no")),
            self.assertLogs("odoo.addons.journey_engine", "WARNING"),
        ):
            run = self._walk()
        self.assertFalse(self._rows(run.customer_id))
        self.assertFalse(self.env["journey.bonus"].search([]))
        self._process(1)
        self.assertEqual(len(self._rows(run.customer_id)), 1)

    def test_a_test_run_gives_nothing(self):
        run = self._walk()
        step = run.definition_id.step_ids
        item = self.env["journey.test.run"].new({"customer_id": run.customer_id.id})
        item = item._item(step, NOON)
        run.definition_id.offer_id._show_on(item, NOON.date())
        self.assertEqual(item.gift, 20)
        self.assertEqual(len(self._rows(run.customer_id)), 1)

    def test_who_is_no_member_joins_where_that_is_free(self):
        run = self._walk()
        self.assertTrue(self._account(run.customer_id))
        self.program.is_open = False
        cases = (("send", ("queued", False)), ("skip", ("skipped", "offer_no_member")))
        for without_offer, state in cases:
            with self.subTest(without_offer):
                run = self._walk(without_offer=without_offer)
                self.assertEqual(self._states(run), [state])
                self.assertFalse(self._account(run.customer_id))
        self.assertEqual(
            run.delivery_ids.reason_label, "No member of the loyalty program"
        )

    def test_points_are_the_exact_contacts(self):
        firm = self._member(is_company=True)
        person = self._person(parent_id=firm.id)
        self._order(person, NOON - timedelta(days=3), company=self.shop)
        self.env["customer.loyalty"].sudo()._enroll(self.program, person, NOON)
        before = len(self._rows(person))
        run = self._walk(firm)
        self.assertEqual(run.addressee_id, person)
        self.assertEqual(self._rows(person)[before:], [("earn", 20, "journey.offer")])
        self.assertFalse(self._account(firm))
        given = self.env["journey.bonus"].search([("journey_run_id", "=", run.id)])
        self.assertEqual(given.loyalty_id, self._account(person))

    def test_bounds_hold(self):
        # 20 points are worth 2 in money.
        cases = (
            ({"budget_count": 1}, "offer_budget"),
            ({"budget_amount": 3}, "offer_budget"),
            ({"active": False}, "offer_expired"),
        )
        for values, reason in cases:
            with self.subTest(values):
                people = [self._member(), self._member()]
                runs = self._walk(*people, without_offer="skip", **values)
                states = sorted(self._states(runs))
                self.assertEqual(states[-1], ("skipped", reason))
                given = runs.definition_id.offer_id.issued_count
                self.assertEqual(given, states.count(("queued", False)))
                self.assertEqual(given, 0 if reason == "offer_expired" else 1)

    def test_the_limit_of_a_year_holds(self):
        person = self._member()
        offer = self._bonus(customer_limit_per_year=1)
        self._walk(person, offer=offer)
        run = self._walk(person, offer=offer, without_offer="skip", days=300)
        self.assertEqual(self._states(run), [("skipped", "offer_limit")])
        run = self._walk(person, offer=offer, without_offer="skip", days=370)
        self.assertEqual(self._states(run), [("queued", False)])

    def test_a_program_that_is_switched_off_gives_nothing(self):
        self.program.is_active = False
        run = self._walk(without_offer="skip")
        self.assertEqual(self._states(run), [("skipped", "offer_expired")])

    def test_a_program_that_has_ended_gives_nothing_and_nobody_joins(self):
        self.program.date_to = NOON.date() - timedelta(days=1)
        run = self._walk(without_offer="skip")
        self.assertEqual(self._states(run), [("skipped", "offer_expired")])
        self.assertFalse(self._account(run.customer_id))

    def test_points_do_not_pend(self):
        self.program.pending_days = 14
        run = self._walk()
        self.assertEqual(self._account(run.customer_id).points_balance, 20)

    def test_what_it_cost_is_what_the_points_were_worth(self):
        offer = self._bonus()
        self._walk(self._member(), self._member(), offer=offer)
        self.assertEqual((offer.issued_count, offer.cost), (2, 4))
        self.program.reward_ids.discount = 50
        offer.invalidate_recordset()
        self.assertEqual(offer.cost, 4)

    def test_what_was_given_cannot_change_any_more(self):
        offer = self._bonus()
        offer.value = 30
        self._walk(offer=offer)
        for values in ({"value": 40}, {"points_program_id": False}):
            with self.subTest(values), self.assertRaises(ValidationError):
                offer.write(values)

    def test_offers_are_checked(self):
        plain = self.env["loyalty.program"].create(
            {"name": "Plain", "program_type": "loyalty", "company_id": self.shop.id}
        )
        for values in (
            {"value": 0},
            {"value": 1.5},
            {"value": -5},
            {"value": 10**7},
            {"points_program_id": False},
            {"points_program_id": plain.id},
        ):
            with self.subTest(values), self.assertRaises(ValidationError):
                self._bonus(**values)

    def test_codes_are_as_before(self):
        offer = self.env["journey.offer"].create(
            {"name": "Ten", "value": 10, "company_id": self.shop.id}
        )
        run = self._walk(offer=offer)
        self.assertTrue(run.delivery_ids.offer_code)
        self.assertFalse(self._account(run.customer_id))
        self.assertEqual(offer.issued_count, 1)
