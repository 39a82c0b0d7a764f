from datetime import timedelta
from unittest import SkipTest

from odoo import Command, fields
from odoo.exceptions import ValidationError
from odoo.tests import tagged

from .common import MetricsCommon


@tagged("post_install", "-at_install")
class TestMetricsRescue(MetricsCommon):
    """What rescues recovered: as the database says, and never less."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        if "engagement.campaign" not in cls.env:
            raise SkipTest("campaigns are not installed")
        cls.now = fields.Datetime.now()
        cls.enrollments = cls.env["campaign.enrollment"].with_company(cls.shop)
        cls.service = cls.env["engagement.service"].with_company(cls.shop)

    def _rescue(self, **values):
        campaigns = self.env["engagement.campaign"].with_company(self.shop)
        rescue = campaigns.create(
            {
                "name": "Rescue",
                "code": f"rescue_{next(self.numbers)}",
                "campaign_type": "rescue",
                "company_id": self.shop.id,
                "trigger_config": {"trigger_type": "segment"},
                "step_ids": [Command.create(self._step(code="mail"))],
                **values,
            }
        )
        rescue.action_start()
        return rescue

    def _pass(self, rescue=None, ago=0, ended=True, **values):
        """Return the pass of a customer who entered some days ago."""
        rescue = rescue or self._rescue(**values)
        person = self._member()
        moment = self.now - timedelta(days=ago)
        self._enrol(rescue, person, now=moment)
        run = self.enrollments.search(
            [("definition_id", "=", rescue.id), ("customer_id", "=", person.id)]
        )
        if ended:
            run._end(run.ids, "done", "completed", moment)
        return run

    def _orders(self, run, days=0):
        """Let the customer order some days after the entry."""
        moment = run.started_at + timedelta(days=days, seconds=1)
        order = self._order(run.customer_id, moment, 10, self.shop)
        self._dispatch()
        return order

    def _recovered(self):
        self.env.flush_all()
        found = self._figures().all("crm_rescue_recovered_total", "company")
        return found[(self.shop.name,)]

    def test_a_goal_after_the_last_step_counts_once_and_for_all(self):
        run = self._pass()
        self.assertEqual(self._recovered(), 0)
        order = self._orders(run)
        self.assertEqual((run.status, self._recovered()), ("converted", 1))
        order._action_cancel()
        self._dispatch()
        self.assertEqual((run.status, self._recovered()), ("completed", 1))
        self._orders(run, 1)
        self.assertEqual((run.status, self._recovered()), ("converted", 1))
        run.unlink()
        self.assertEqual(self._recovered(), 1)

    def test_a_goal_after_the_window_is_none(self):
        late = self._pass(ago=9, ended=False, attribution_days=5)
        in_time = self._pass(ago=9, ended=False, attribution_days=5)
        self._orders(late, 6)
        self._orders(in_time, 4)
        self.scheduler.process_due(self.now)
        self.assertEqual(late.run_state, "done")
        self.assertEqual((late + in_time).mapped("status"), ["completed", "converted"])
        self.assertEqual(self._recovered(), 1)

    def test_what_is_no_rescue_any_more_was_one(self):
        run = self._pass()
        self._orders(run)
        run.definition_id.campaign_type = "retention"
        self.assertEqual(self._recovered(), 1)
        other = self._pass(campaign_type="retention")
        self._orders(other)
        other.definition_id.campaign_type = "rescue"
        self.assertEqual(self._recovered(), 1)

    def test_the_control_group_is_not_recovered(self):
        run = self._pass(holdout_percent=100)
        self.assertTrue(run.is_holdout)
        self._orders(run)
        self.assertEqual((run.status, self._recovered()), ("converted", 0))

    def test_what_is_marked_by_hand_counts(self):
        rescue = self._rescue()
        ended, running = self._pass(rescue), self._pass(rescue, ended=False)
        for run in (ended, running, ended):
            self.service.mark_converted(run.id, value=50)
        self.assertEqual(self._recovered(), 2)
        self.assertEqual(self.service.get_stats(rescue.code)["rescued"], 2)

    def test_nobody_is_recovered_by_a_word(self):
        run = self._pass(ended=False)
        for reason in ("goal_reached", " merged", "completed", "erased"):
            refused = self.assertRaisesRegex(ValidationError, "^reason: .*other words")
            with self.subTest(reason=reason), refused:
                self.service.cancel(run.id, reason)
        self.assertEqual(run.run_state, "running")
        self.service.cancel(run.id, "has paid by cheque")
        self.assertEqual((run.status, self._recovered()), ("cancelled", 0))
        self.assertEqual(run.definition_id.get_lift()["treated"]["size"], 1)
