from datetime import datetime

from odoo.tests import freeze_time, tagged

from .common import SubscriptionCommon


@tagged("post_install", "-at_install")
class TestSubscriptionStages(SubscriptionCommon):
    def _explain(self, moment):
        with freeze_time(moment):
            self._settle()
            return self.engine.explain(self.customer.id)

    def test_subscriber_is_never_churned_by_silence(self):
        self._create_order(at=datetime(2025, 1, 1, 12))
        with freeze_time("2025-01-01 12:00:00"):
            subscription = self._start()
        quiet = self._explain("2026-01-01 12:00:00")
        self.assertNotIn(quiet["stage"], ("dormant", "churned"))
        with freeze_time("2026-01-02 12:00:00"):
            subscription.close_subscription()
        self.assertEqual(self._explain("2026-01-02 12:00:00")["stage"], "churned")

    def test_ending_has_the_customer_evaluated_again(self):
        self._create_order(at=datetime(2026, 1, 1, 12))
        with freeze_time("2026-01-01 12:00:00"):
            subscription = self._start()
        with freeze_time("2026-03-20 12:00:00"):
            self._settle()
            before = self._row().current_stage
            subscription.close_subscription()
            self._settle()
        self.assertNotEqual(before, "dormant")
        self.assertEqual(self._row().current_stage, "dormant")

    def test_risk_is_halved_and_more_is_attainable(self):
        self._create_order(at=datetime(2026, 1, 1, 12))
        with freeze_time("2026-01-20 12:00:00"):
            self._settle()
            alone = self.engine.explain(self.customer.id)
            self._start()
            self._settle()
            subscribed = self.engine.explain(self.customer.id)
        self.assertEqual(alone["engagement_attainable"], 55)
        self.assertEqual(subscribed["engagement_attainable"], 80)
        self.assertAlmostEqual(
            subscribed["churn_risk_score"] * 2, alone["churn_risk_score"]
        )
        self.assertEqual(subscribed["engagement_score"], alone["engagement_score"] + 25)
        self.assertEqual(self._row().engagement_attainable, 80)

    def test_paused_subscriber_goes_quiet_like_anybody(self):
        self._create_order(at=datetime(2026, 1, 1, 12))
        with freeze_time("2026-01-01 12:00:00"):
            self._then(self._start(), "action_pause")
        self.assertEqual(self._explain("2026-03-10 12:00:00")["stage"], "dormant")

    def _gap(self, *moves):
        """An order, what happens to a subscription, an order 100 days after it.

        :return: whether the customer counts as won back
        """
        self._create_order(at=datetime(2026, 1, 1, 12))
        with freeze_time("2025-12-20 12:00:00"):
            subscription = self._start()
        for day, move in moves:
            with freeze_time(f"{day} 12:00:00"):
                self._then(subscription, move)
        self._create_order(at=datetime(2026, 4, 11, 12))
        with freeze_time("2026-04-12 12:00:00"):
            self._settle()
        return bool(self._row().won_back_at)

    def test_gap_is_excused_while_subscribed(self):
        self.assertFalse(self._gap())

    def test_gap_after_the_end_is_none_to_excuse(self):
        self.assertTrue(self._gap(("2026-01-10", "close_subscription")))

    def test_gap_in_a_pause_is_none_to_excuse(self):
        self.assertTrue(self._gap(("2026-01-10", "action_pause")))

    def test_gap_is_excused_once_resumed(self):
        moves = ("2026-01-10", "action_pause"), ("2026-02-01", "action_resume")
        self.assertFalse(self._gap(*moves))

    def test_subscription_that_starts_with_the_order_excuses_nothing(self):
        self._create_order(at=datetime(2026, 1, 1, 12))
        self._create_order(at=datetime(2026, 4, 11, 12))
        with freeze_time("2026-04-11 13:00:00"):
            self._start()
            self._settle()
        self.assertTrue(self._row().won_back_at)
