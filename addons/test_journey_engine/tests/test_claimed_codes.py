"""Codes that were used before their mail left."""

from odoo.tests import freeze_time, tagged
from odoo.tools import mute_logger

from odoo.addons.customer_preference.tests.common import NOON

from .common import JourneyCommon


@tagged("post_install", "-at_install")
class TestClaimedCodes(JourneyCommon):
    def _claimed(self, confirm=True, **values):
        offer = self.env["journey.offer"].create(
            {"name": "x", "value": 5, "company_id": self.shop.id}
        )
        journey = self._journey(
            self._step(includes_offer=True), self._step(48), offer_id=offer.id, **values
        )
        runs = self._enrol(journey, self._member(), self._member())
        self._process()
        run = runs[0]
        order = self._create_order(run.customer_id, amount=100, company=self.shop)
        self.assertNotIn("error", order._try_apply_code(run.delivery_ids.offer_code))
        for coupon, rewards in order._get_claimable_rewards().items():
            order._apply_program_reward(rewards[:1], coupon)
        self.assertEqual(order.order_line.coupon_id, run.delivery_ids.card_id)
        if confirm:
            order.action_confirm()
        self.env.flush_all()
        return runs, order

    @freeze_time(NOON)
    def test_send_after_claim_and_order(self):
        runs, _order = self._claimed()
        with mute_logger("odoo.sql_db"):
            self.assertEqual(len(runs.delivery_ids.mail_mail_id._stopped()), 1)

    @freeze_time(NOON)
    def test_send_after_claim_in_cart_and_withdrawal(self):
        runs, _order = self._claimed(confirm=False, goal="none")
        self._say(runs[0].customer_id, "withdrawn", occurred_at=NOON)
        with mute_logger("odoo.sql_db"):
            self.assertEqual(len(runs.delivery_ids.mail_mail_id._stopped()), 1)

    @freeze_time(NOON)
    def test_event(self):
        runs, _order = self._claimed()
        self._dispatch()
        self.env.invalidate_all()
        self.assertEqual(
            (runs[0].run_state, runs[0].exit_reason), ("done", "goal_reached")
        )

    @freeze_time(NOON)
    def test_scheduler(self):
        runs, _order = self._claimed()
        self.env.cr.execute("DELETE FROM lifecycle_event")
        with mute_logger("odoo.sql_db"):
            self._process(48)
        self.assertEqual(runs[0].exit_reason, "goal_reached")
