from odoo.tests import tagged

from .common import JourneyCommon

BODY = "<p>Your code: <b t-out='offer_code'/> until <t t-out='offer_until'/></p>"


@tagged("post_install", "-at_install")
class TestOffersInSteps(JourneyCommon):
    def _walk(self, number=2, without_offer="send", **offer):
        values = {"name": "Ten off", "offer_type": "discount_percent", "value": 10}
        offer = self.env["journey.offer"].create(
            {**values, "company_id": self.shop.id, **offer}
        )
        step = self._step(
            template_id=self._template(BODY).id,
            includes_offer=True,
            without_offer=without_offer,
        )
        journey = self._journey(step, offer_id=offer.id)
        runs = self._enrol(journey, *[self._member() for _each in range(number)])
        self._process()
        return runs

    def test_everybody_gets_a_code_of_their_own(self):
        runs = self._walk()
        codes = runs.delivery_ids.mapped("offer_code")
        self.assertEqual(len(set(codes)), 2)
        for delivery in runs.delivery_ids:
            self.assertIn(delivery.offer_code, delivery.mail_mail_id.body_html)
            self.assertEqual(delivery.card_id.partner_id, delivery.addressee_id)

    def test_without_a_code_the_step_does_what_it_says(self):
        for without_offer, states in (
            ("send", [("queued", False), ("queued", False)]),
            ("skip", [("queued", False), ("skipped", "offer_budget")]),
        ):
            with self.subTest(without_offer=without_offer):
                runs = self._walk(without_offer=without_offer, budget_count=1)
                self.assertEqual(sorted(self._states(runs)), states)
                self.assertEqual(len(runs.delivery_ids.card_id), 1)

    def test_nobody_gets_a_code_who_gets_no_message(self):
        before = self.env["loyalty.card"].search_count([("id", ">", 0)])
        journey = self._walk(0).definition_id
        self.assertFalse(journey)
        runs = self._walk(1)
        self.assertEqual(
            self.env["loyalty.card"].search_count([("id", ">", 0)]), before + 1
        )
        self.assertTrue(runs.delivery_ids.card_id)

    def test_the_code_pays_in_an_order_and_ends_the_journey(self):
        run = self._walk(1)
        order = self._create_order(run.customer_id, amount=100, company=self.shop)
        status = order._try_apply_code(run.delivery_ids.offer_code)
        self.assertNotIn("error", status)
        order._update_programs_and_rewards()
        for coupon, rewards in order._get_claimable_rewards().items():
            order._apply_program_reward(rewards[:1], coupon)
        self.assertEqual(order.amount_total, 90)
        order.action_confirm()
        self.assertEqual(run.delivery_ids.card_id.points, 0)
