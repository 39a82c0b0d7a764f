from datetime import date, timedelta

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import freeze_time, new_test_user, tagged

from .common import NOON, FeedbackCommon

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


@tagged("post_install", "-at_install")
class TestConsequences(FeedbackCommon):
    """What follows from an answer: facts, cases, and a pause of marketing."""

    def setUp(self):
        super().setUp()
        self.survey = self._survey()
        self.seller = self._seller()
        self.person = self._member(user_id=self.seller.id)
        self.invitation = self._asks(self.survey, self.person)

    def _settled(self, now=NOON):
        with freeze_time(now):
            self._settle(now)
        row = self._row(self.person, self.shop)
        row.invalidate_recordset()
        return row

    # ----------------------------------------------------------------------- facts
    def test_the_answer_stands_on_the_lifecycle_row(self):
        row = self._settled()
        self.assertEqual((row.nps_category, row.nps_collected_at), (False, False))
        before = (row.engagement_score, row.engagement_attainable)
        self._answers(self.invitation, 9)
        self.assertFalse(row.facts_on, "marked to be counted")
        row = self._settled()
        self.assertRecordValues(
            row,
            [
                {
                    "nps_score": 9,
                    "nps_category": "promoter",
                    "nps_collected_at": NOON,
                    "engagement_score": before[0] + 10,
                    "engagement_attainable": before[1] + 10,
                }
            ],
        )

    def test_points_and_health_by_category(self):
        row = self._settled()
        silent, points = row.health_score, row.engagement_score
        for score, more, feedback in ((9, 10, 1), (8, 5, 0.5), (3, 0, 0)):
            self._answers(self.invitation, score)
            row = self._settled()
            self.assertEqual(row.engagement_score, points + more)
            share = row.engagement_score / row.engagement_attainable
            trend = {"increasing": 1, "stable": 0.5, "decreasing": 0}
            expected = 100 * (
                0.4 * (1 - row.churn_risk_score)
                + 0.3 * share
                + 0.2 * feedback
                + 0.1 * trend[row.engagement_trend]
            )
            self.assertAlmostEqual(row.health_score, expected, delta=0.51)
        self.assertLess(row.health_score, silent)

    def test_after_a_year_the_answer_counts_no_more(self):
        self._answers(self.invitation, 9)
        row = self._settled()
        fresh = row.engagement_attainable
        self.assertEqual(self._settled(NOON + 365 * DAY).engagement_attainable, fresh)
        row = self._settled(NOON + 366 * DAY)
        self.assertEqual(row.engagement_attainable, fresh - 10)
        self.assertEqual(row.nps_category, "promoter")

    def test_the_newest_answer_counts(self):
        self._answers(self.invitation, 9)
        survey = self._survey(cooldown_days=0, exclusive_group=False)
        later = NOON + DAY
        self._answers(self._asks(survey, self.person, now=later), 2, now=later)
        row = self._settled(later)
        self.assertEqual((row.nps_score, row.nps_category), (2, "detractor"))

    # ----------------------------------------------------------------------- cases
    def _case(self):
        return self.cases.search([("customer_id", "=", self.person.id)])

    def test_an_unhappy_customer_becomes_a_case_at_once(self):
        self.shop.nps_case_days = 2
        self._answers(self.invitation, 3, "Sour milk")
        case = self._case()
        self.assertRecordValues(
            case,
            [
                {
                    "user_id": self.seller.id,
                    "state": "open",
                    "score": 3,
                    "opened_at": NOON,
                    "deadline": date(2040, 6, 15),
                }
            ],
        )
        activity = case.activity_ids
        self.assertEqual(activity.user_id, self.seller)
        self.assertEqual(activity.date_deadline, date(2040, 6, 15))
        self.assertIn("Sour milk", activity.note)
        self.assertIn("3", activity.summary)
        self.assertIn("detractor_case", self._types(self.person))

    def test_the_event_wakes_its_job_at_once(self):
        """The job runs as soon as the answer is committed, and makes the case."""
        cron = self.env.ref("customer_lifecycle.ir_cron_lifecycle_event_dispatch")
        self.env.cr.precommit.run()
        self.env.cr.execute("DELETE FROM ir_cron_trigger WHERE cron_id = %s", [cron.id])
        # One transaction wakes once; this is another one, but for the test.
        self.env.cr.execute("SELECT set_config('customer_lifecycle.woken', '', TRUE)")
        self.feedback.submit_response(self._token(self.invitation), 3)
        self.env.cr.precommit.run()
        self.env.cr.execute(
            "SELECT count(*) FROM ir_cron_trigger WHERE cron_id = %s"
            " AND call_at <= now() AT TIME ZONE 'UTC' + interval '1 minute'",
            [cron.id],
        )
        self.assertEqual(self.env.cr.fetchone()[0], 1)
        self._dispatch()
        self.assertTrue(self._case().activity_ids)

    def test_nobody_else_becomes_a_case(self):
        for score in (7, 10):
            self._answers(self.invitation, score)
        self.assertFalse(self._case())

    def test_words_that_follow_stand_in_the_activity(self):
        self._answers(self.invitation, 3)
        self._answers(self.invitation, 3, "Sour milk")
        self.assertIn("Sour milk", self._case().activity_ids.note)
        self.assertEqual(len(self._case()), 1)

    def test_second_thoughts_close_the_case_and_a_third_opens_it(self):
        self._answers(self.invitation, 3)
        self._answers(self.invitation, 9, now=NOON + HOUR)
        case = self._case()
        self.assertEqual((case.state, case.outcome), ("closed", "changed"))
        self.assertFalse(case.activity_ids)
        self._answers(self.invitation, 1, now=NOON + 2 * HOUR)
        self.assertEqual((case.state, case.outcome), ("open", False))
        self.assertTrue(case.activity_ids)

    def test_without_a_salesperson_the_companys_choice_is_told(self):
        other = self._seller()
        self.person.user_id = False
        self.shop.nps_case_user_id = other
        self._answers(self.invitation, 0)
        self.assertEqual(self._case().user_id, other)

    def test_who_sold_the_order_takes_care_of_it(self):
        clerk, person = self._seller(), self._member()
        self.shop.nps_case_user_id = self._seller()
        order = self._buys(person)
        order.user_id = clerk
        invitation = self._of(self.survey).filtered(lambda i: i.customer_id == person)
        self._answers(invitation, 0)
        case = self.cases.search([("response_id.invitation_id", "=", invitation.id)])
        self.assertEqual((case.user_id, case.activity_ids.user_id), (clerk, clerk))

    def test_with_nobody_at_all_whoever_hears_of_lost_customers_does(self):
        policy = self.env["lifecycle.policy"]._ensure(self.shop)
        policy.escalation_user_id = self._seller()
        self.person.user_id = False
        self.shop.nps_case_user_id = False
        self._answers(self.invitation, 0)
        self.assertEqual(self._case().user_id, policy.escalation_user_id)

    def test_with_nobody_in_charge_the_case_waits_for_somebody(self):
        self.person.user_id = False
        self._answers(self.invitation, 0)
        case = self._case()
        self.assertFalse(case.user_id)
        self.assertFalse(case.activity_ids)
        case.user_id = self.seller
        self.assertEqual(case.activity_ids.user_id, self.seller)
        case.user_id = other = self._seller()
        self.assertEqual(case.activity_ids.user_id, other)

    # ------------------------------------------------------------------- close it
    def test_the_activity_done_closes_the_loop(self):
        self._answers(self.invitation, 3)
        case = self._case()
        with freeze_time(NOON + 30 * HOUR):
            case.activity_ids.with_user(self.seller).action_feedback("New milk brought")
        self.assertRecordValues(
            case,
            [
                {
                    "state": "closed",
                    "outcome": "talked",
                    "note": "New milk brought",
                    "closed_at": NOON + 30 * HOUR,
                    "hours_to_close": 30.0,
                }
            ],
        )

    def test_the_salesperson_closes_it_with_an_outcome(self):
        self._answers(self.invitation, 3)
        case = self._case().sudo(False).with_user(self.seller)
        with self.assertRaises(ValidationError) as caught:
            case.action_close()
        self.assertIn("outcome", str(caught.exception))
        with self.assertRaises(ValidationError):
            case.outcome = "changed"
        with self.assertRaises(AccessError):
            case.write({"closed_at": NOON})
        case.write({"outcome": "solved", "note": "Refunded"})
        with freeze_time(NOON + 2 * HOUR):
            case.action_close()
        self.assertEqual(case.closed_by_id, self.seller)
        self.assertEqual(case.hours_to_close, 2)
        self.assertFalse(case.activity_ids)
        case.action_reopen()
        self.assertEqual((case.state, case.outcome), ("open", False))
        self.assertTrue(case.activity_ids)

    def test_the_service_closes_it(self):
        self._answers(self.invitation, 3)
        case = self._case()
        service = self.feedback.with_user(self.seller)
        for arguments in ((2**30, "solved"), (case.id, "nonsense"), ("x", "solved")):
            with self.assertRaises(ValidationError):
                service.close_case(*arguments)
        self.assertIs(service.close_case(case.id, "solved", "Refunded"), True)
        self.assertIs(service.close_case(case.id, "solved"), False)
        self.assertEqual((case.outcome, case.note), ("solved", "Refunded"))

    def test_colleagues_keep_their_hands_off(self):
        self._answers(self.invitation, 3)
        case = self._case()
        other = self._seller()
        with self.assertRaises(UserError):
            self.feedback.with_user(other).close_case(case.id, "solved")
        portal = new_test_user(self.env, "case_portal", "base.group_portal")
        with self.assertRaises(AccessError):
            self.feedback.with_user(portal).close_case(case.id, "solved")
        self.assertEqual(case.state, "open")

    # ----------------------------------------------------------------------- pause
    def _marketing(self, now, category="marketing"):
        return self._verdict(self.person, now, category=category)

    def test_marketing_pauses_until_the_case_is_closed(self):
        self.assertEqual(self._marketing(NOON), ("send", None))
        self._answers(self.invitation, 3)
        self.assertEqual(self._marketing(NOON), ("skip", "suppressed:open_complaint"))
        self.assertEqual(self._marketing(NOON, "service"), ("send", None))
        self.feedback.close_case(self._case().id, "solved")
        self.assertEqual(self._marketing(NOON), ("send", None))

    def test_the_pause_is_called_what_it_is(self):
        labels = {
            "suppressed:open_complaint": "Has an open complaint",
            "suppressed:whatever": "Suppressed (whatever)",
            "no_consent": "No consent",
        }
        for reason, label in labels.items():
            with self.subTest(reason=reason):
                delivery = self.env["journey.delivery"].new({"reason": reason})
                self.assertEqual(delivery.reason_label, label)

    def test_marketing_pauses_at_once_before_there_is_a_case(self):
        with freeze_time(NOON):
            self.feedback.submit_response(self._token(self.invitation), 3)
        self.assertFalse(self._case())
        self.assertEqual(self._marketing(NOON), ("skip", "suppressed:open_complaint"))

    def test_marketing_pauses_for_thirty_days_at_most(self):
        self._answers(self.invitation, 3)
        found = self._decide(self.person, NOON + 29 * DAY)
        self.assertEqual(found.decision, "hold")
        self.assertEqual(found.until, NOON + 30 * DAY)
        self.assertEqual(self._marketing(NOON + 30 * DAY), ("send", None))

    def test_other_customers_are_written_to(self):
        self._answers(self.invitation, 3)
        other = self._member()
        self.assertEqual(self._verdict(other, NOON), ("send", None))

    # ---------------------------------------------------------- merge and forgetting
    def test_a_merge_keeps_every_word(self):
        self._answers(self.invitation, 3)
        target = self._member()
        with freeze_time(NOON):
            self.feedback.submit_csat("support", 5, 4, customer_id=target.id)
        other = self._asks(self.survey, target, now=NOON + 91 * DAY)
        self._answers(other, 9, now=NOON + 91 * DAY)
        self.engine._merge_customers(self.person, target)
        mine = self.responses.search([("customer_id", "=", target.id)])
        self.assertEqual(set(mine.mapped("score")), {3, 9})
        self.assertFalse(self._case())
        self.assertTrue(self.cases.search([("customer_id", "=", target.id)]))

    def test_of_two_words_on_one_thing_the_newer_stays_in_a_merge(self):
        target = self._member()
        csat = self.env["csat.response"].sudo()
        for person, score, at in ((self.person, 2, NOON), (target, 5, NOON - DAY)):
            csat.create(
                {
                    "customer_id": person.id,
                    "company_id": self.shop.id,
                    "context_type": "support",
                    "context_id": 7,
                    "score": score,
                    "responded_at": at,
                }
            )
        self.engine._merge_customers(self.person, target)
        left = csat.search([("customer_id", "=", target.id)])
        self.assertEqual(left.mapped("score"), [2])

    def test_erasing_keeps_figures_and_forgets_words(self):
        response = self._answers(self.invitation, 3, "My name is Rahima")
        case = self._case()
        case.note = "Talked to Rahima"
        self.engine._anonymize_customer(self.person)
        self.assertEqual(response.score, 3)
        self.assertFalse(response.followup_response)
        self.assertFalse(case.note)
        self.assertEqual(case.state, "closed")
        self.assertFalse(case.activity_ids)
