from datetime import timedelta

from odoo.exceptions import ValidationError
from odoo.tests import freeze_time, tagged

from .common import NOON, CampaignCommon

FAILED = {"trigger_type": "event", "event_type": "payment_failed"}


@tagged("post_install", "-at_install")
class TestConversions(CampaignCommon):
    """What becomes of an enrolment, read from the orders."""

    def _enrolled(self, *people, hours=(0, 48), **values):
        campaign = self._campaign(FAILED, hours=hours, **values)
        for person in people:
            self._happens(person, "payment_failed")
        self._hand_out()
        return self._of(campaign)

    def test_an_order_ends_the_pass_and_is_its_conversion(self):
        person = self._member()
        run = self._enrolled(person)
        self._process(1)
        order = self._buys(person, 2, 80)
        self._hand_out(NOON + timedelta(hours=2))
        self.assertRecordValues(
            run,
            [
                {
                    "status": "converted",
                    "run_state": "done",
                    "conversion_order_id": order.id,
                    "conversion_value": 80,
                    "converted_at": order.date_order,
                    "progress": 100,
                }
            ],
        )
        self._process(60)
        self.assertEqual([state for _c, state, _r in self._log(run)], ["cancelled"])

    def test_an_order_of_tomorrow_is_no_goal_today(self):
        person = self._member()
        run = self._enrolled(person)
        self._process(1)
        self._buys(person, 50)
        self._process(49)
        self.assertEqual(run.run_state, "done")  # what is dated later is not yet
        self.assertEqual(self._log(run)[1][1], "queued")

    def test_who_ordered_meanwhile_gets_no_further_step(self):
        person = self._member()
        run = self._enrolled(person)
        self._process(1)
        self._buys(person, 2)
        self._process(49)
        self.assertEqual(run.status, "converted")
        self.assertEqual(self._log(run)[1][1:], ("skipped", "goal_reached"))

    def test_an_order_after_the_last_step_counts_within_the_window(self):
        in_time, late = self._member(), self._member()
        runs = self._enrolled(in_time, late, hours=(0,), attribution_days=10)
        self._process(1)
        self.assertEqual(runs.mapped("status"), ["completed", "completed"])
        order = self._buys(in_time, 24 * 9)
        self._buys(late, 24 * 11)
        self._hand_out(NOON + timedelta(days=12))
        self.assertEqual(runs.mapped("status"), ["converted", "completed"])
        order._action_cancel()
        self._hand_out(NOON + timedelta(days=13))
        self.assertEqual(runs.mapped("status"), ["completed", "completed"])

    def test_an_order_that_is_cancelled_leaves_the_statistics(self):
        person = self._member()
        run = self._enrolled(person)
        self._process(1)
        order = self._buys(person, 2)
        self._hand_out(NOON + timedelta(hours=2))
        self.assertEqual(run.campaign_id.total_converted, 1)
        with freeze_time(NOON + timedelta(hours=3)):
            order._action_cancel()
        self._hand_out(NOON + timedelta(hours=3))
        run.campaign_id.invalidate_recordset()
        self.assertEqual(run.status, "completed")
        self.assertFalse(run.conversion_order_id)
        self.assertEqual(run.campaign_id.total_converted, 0)

    def test_the_next_order_takes_the_place_of_a_cancelled_one(self):
        person = self._member()
        run = self._enrolled(person)
        first, second = self._buys(person, 2, 10), self._buys(person, 3, 20)
        self._hand_out(NOON + timedelta(hours=4))
        self.assertEqual(run.conversion_order_id, first)
        first._action_cancel()
        self._hand_out(NOON + timedelta(hours=5))
        self.assertEqual(run.conversion_order_id, second)

    def test_an_event_may_be_the_goal(self):
        person = self._member()
        run = self._enrolled(person, goal="event", goal_event="payment_done")
        self._process(1)
        moment = NOON + timedelta(hours=2)
        self._happens(person, "payment_done", at=moment, data={"value": 12.5})
        self._hand_out(moment)
        self.assertRecordValues(
            run, [{"status": "converted", "conversion_value": 12.5}]
        )

    def test_who_unsubscribes_on_the_way_is_told_apart(self):
        person = self._member()
        run = self._enrolled(person, topic_id=self.offers.id)
        self._process(1)
        self._say(person, "withdrawn", topic=self.offers, occurred_at=NOON)
        self._process(49)
        self.assertEqual(run.status, "unsubscribed")
        self.assertEqual(self._log(run)[1][1:], ("skipped", "topic_opt_out"))

    def test_who_is_taken_out_is_cancelled(self):
        run = self._enrolled(self._member())
        run.action_cancel()
        self.assertEqual(run.status, "cancelled")
        with self.assertRaises(ValidationError):
            self.enrollments.action_cancel()

    def test_a_campaign_archived_in_mid_run_ends_and_frees_its_group(self):
        person = self._member()
        run = self._enrolled(person, exclusive_group="rescue", priority=50)
        self._process(1)
        with freeze_time(NOON + timedelta(hours=2)):
            run.campaign_id.active = False
        self._process(100)
        self.assertEqual(run.status, "cancelled")
        self.assertEqual(run.exit_reason, "journey_archived")
        self.assertEqual([state for _c, state, _r in self._log(run)], ["cancelled"])
        self.assertEqual(self.service.get_stats(run.campaign_id.code)["started"], 1)
        (found,) = self.service.get_executions(run.campaign_id.code)
        self.assertEqual(found["status"], "cancelled")
        other = self._enrolled(person, exclusive_group="rescue", priority=1)
        self.assertEqual(other.status, "active")

    def test_a_merge_does_not_let_a_customer_through_twice(self):
        source, target = self._member(), self._member(email="target@example.com")
        runs = self._enrolled(target)
        self._process(1)
        self._process(60)
        campaign = runs.campaign_id
        self._happens(source, "payment_failed", at=NOON + timedelta(hours=61))
        self._hand_out(NOON + timedelta(hours=61))
        second = self._of(campaign, source)
        self.assertEqual(second.run_state, "running")
        self.env["base.partner.merge.automatic.wizard"]._merge(
            (source | target).ids, target
        )
        self.env.invalidate_all()
        self.assertEqual(second.run_state, "cancelled")

    def test_a_payment_for_something_else_rescues_nothing(self):
        person = self._member()
        failed = {"data": {"documents": ["sale.order,5"]}}
        campaign = self._campaign(
            FAILED, hours=(0, 48), goal="event", goal_event="payment_done"
        )
        self._happens(person, "payment_failed", **failed)
        self._hand_out()
        run = self._of(campaign)
        self._process(1)
        moment = NOON + timedelta(hours=2)
        other = {"documents": ["sale.order,6"], "value": 1}
        self._happens(person, "payment_done", at=moment, data=other)
        self._hand_out(moment)
        self.assertEqual(run.run_state, "running")
        self.assertEqual(campaign.get_lift()["treated"]["conversions"], 0)
        moment = NOON + timedelta(hours=3)
        mine = {"documents": ["account.move,9", "sale.order,5"], "value": 50}
        self._happens(person, "payment_done", at=moment, data=mine)
        self._hand_out(moment)
        self.assertEqual((run.status, run.conversion_value), ("converted", 50))
        self.assertEqual(campaign.get_lift()["treated"]["conversions"], 1)

    def test_a_customer_merged_in_mid_run_goes_on_as_the_other(self):
        source, target = self._member(), self._member(email="target@example.com")
        run = self._enrolled(source)
        self._process(1)
        self.env["base.partner.merge.automatic.wizard"]._merge(
            (source | target).ids, target
        )
        self.env.invalidate_all()
        self.assertEqual(run.customer_id, target)
        self._process(49)
        self.assertEqual(run.status, "completed")

    def test_the_control_group_counts_in_no_total(self):
        people = [self._member() for _each in range(12)]
        runs = self._enrolled(*people, holdout_percent=50)
        held = runs.filtered("is_holdout")
        self.assertTrue(held and runs - held)
        self._process(1)
        for person in people:
            self._buys(person, 2)
        self._hand_out(NOON + timedelta(hours=2))
        campaign = runs.campaign_id
        self.assertEqual(campaign.total_enrolled, len(runs - held))
        self.assertEqual(campaign.total_converted, len(runs - held))
        found = self.service.get_executions(campaign.code)
        self.assertEqual(len(found), len(runs - held))
        self.assertEqual(campaign.get_lift()["control"]["conversions"], len(held))

    def test_a_later_step_repeats_the_code_of_the_first(self):
        campaign = self._campaign(FAILED, hours=(0, 48), offer_id=self._offer().id)
        self._happens(self._member(), "payment_failed")
        self._hand_out()
        self._process(1)
        self._process(49)
        run = self._of(campaign)
        self.assertEqual(len(run.delivery_ids.card_id), 1)
        self.assertEqual(len(run.delivery_ids.filtered("card_id")), 2)
        code = run.delivery_ids.card_id.code
        self.assertEqual(run.offer_code, code)
        self.assertFalse(run.offer_used)
        # The log is kept for a year, the code is known as long as the enrolment.
        run.delivery_ids.sudo().unlink()
        run.invalidate_recordset()
        self.assertEqual(run.offer_code, code)

    def test_without_the_offer_no_step_carries_one(self):
        offer = self._offer()
        campaign = self._campaign(FAILED, offer_id=offer.id, include_offer=False)
        self._happens(self._member(), "payment_failed")
        self._hand_out()
        self._process(1)
        self.assertFalse(self._of(campaign).delivery_ids.card_id)
        self.assertEqual(offer.issued_count, 0)
