from datetime import timedelta

from odoo import Command
from odoo.exceptions import UserError, ValidationError
from odoo.tests import freeze_time, tagged

from .offer_common import NOON, OfferCommon


@freeze_time(NOON)
@tagged("post_install", "-at_install")
class TestOfferOrder(OfferCommon):
    def test_a_code_pays_once(self):
        card = self._code(self.contact)
        order = self._order_with(card)
        self.assertEqual(order.amount_total, 90)
        order.action_confirm()
        self.assertEqual(card.points, 0)
        again = self._create_order(self.contact)
        self.assertIn("used", self._enter(again, card))
        self.assertEqual(again.amount_total, 100)

    def test_orders_confirmed_together_do_not_share_a_code(self):
        card = self._code(self.contact)
        orders = self._order_with(card) | self._order_with(card)
        with self.assertRaisesRegex(ValidationError, "already been used"):
            orders.action_confirm()

    def test_any_contact_of_the_customer_may_use_it(self):
        for partner in (self.contact, self.colleague, self.firm):
            with self.subTest(partner=partner.name):
                card = self._code(self.contact)
                self.assertEqual(self._order_with(card, partner).amount_total, 90)

    def test_nobody_else_may_use_it_or_learn_whose_it_is(self):
        card = self._code(self.contact)
        order = self._create_order(self.stranger)
        error = self._enter(order, card)
        self.assertIn("only the customer who received it", error)
        self.assertNotIn("Contact", error)
        self.assertNotIn("Firm", error)
        self.assertEqual(order.amount_total, 100)
        self.assertFalse(order.applied_coupon_ids)

    def test_unknown_visitors_are_asked_who_they_are(self):
        card = self._code(self.contact)
        public = self.env.ref("base.public_partner")
        order = self._create_order(public)
        self.assertIn("sign in", self._enter(order, card))
        order.partner_id = self.contact
        self.assertFalse(self._enter(order, card))

    def test_claiming_without_entering_is_looked_at_too(self):
        card = self._code(self.contact)
        order = self._create_order(self.stranger)
        reward = card.program_id.reward_ids
        self.assertIn("error", order._apply_program_reward(reward, card))
        self.assertEqual(order.amount_total, 100)

    def test_a_code_leaves_the_order_with_its_customer(self):
        card = self._code(self.contact)
        order = self._order_with(card)
        order.partner_id = self.colleague
        self.assertEqual(order.amount_total, 90)
        order.partner_id = self.stranger
        self.assertEqual(order.amount_total, 100)
        self.assertFalse(order.applied_coupon_ids)
        self.assertIn(card.code, order.message_ids[:1].body)

    def test_recomputing_drops_what_is_anothers(self):
        card = self._code(self.contact)
        order = self._order_with(card)
        card.partner_id = self.stranger
        order._update_programs_and_rewards()
        self.assertEqual(order.amount_total, 100)

    def test_confirming_with_anothers_code_is_refused(self):
        card = self._code(self.contact)
        order = self._order_with(card)
        card.partner_id = self.stranger
        with self.assertRaisesRegex(ValidationError, "only the customer"):
            order.action_confirm()
        with self.assertRaisesRegex(ValidationError, "only the customer"):
            order._action_confirm()

    def test_a_code_whose_customer_was_deleted_is_nobodys(self):
        card = self._code(self.stranger)
        card.partner_id = False
        self.assertTrue(self._enter(self._create_order(self.contact), card))

    def test_other_programs_are_as_before(self):
        program = self.env["loyalty.program"].create(
            {
                "name": "Open",
                "program_type": "coupons",
                "trigger": "with_code",
                "reward_ids": [Command.create({"discount": 10})],
            }
        )
        card = self.env["loyalty.card"].create(
            {"program_id": program.id, "partner_id": self.contact.id, "points": 1}
        )
        self.assertEqual(self._order_with(card, self.stranger).amount_total, 90)

    def test_expired_and_archived_codes_are_refused(self):
        card = self._code(self.contact, validity_days=2)
        with freeze_time(NOON + timedelta(days=3)):
            order = self._create_order(self.contact)
            self.assertIn("expired", self._enter(order, card))
        card.action_archive()
        self.assertIn("invalid", self._enter(self._create_order(self.contact), card))

    def test_a_small_order_is_refused(self):
        card = self._code(self.contact, minimum_amount=150)
        order = self._create_order(self.contact)
        self.assertIn("150", self._enter(order, card))
        order = self._order_with(card, quantity=2)
        self.assertEqual(order.amount_total, 180)
        order.order_line[0].product_uom_qty = 1
        order._update_programs_and_rewards()
        self.assertEqual(order.amount_total, 100)

    # ---------------------------------------------------------------------- margin
    def test_an_order_that_would_earn_too_little_may_not_use_it(self):
        # 90 for what costs 60: a third is left.
        poor = self._code(self.contact, margin_floor=34)
        order = self._create_order(self.contact)
        self.assertIn("margin", self._enter(order, poor))
        self.assertEqual(order.amount_total, 100)
        rich = self._code(self.contact, margin_floor=33)
        self.assertFalse(self._enter(order, rich))
        self.assertEqual(order.amount_total, 90)

    def test_an_order_that_earns_too_little_later_loses_it(self):
        card = self._code(self.contact, margin_floor=33)
        order = self._order_with(card)
        order.order_line[0].purchase_price = 70
        order._update_programs_and_rewards()
        self.assertEqual(order.amount_total, 100)
        self.assertFalse(order.applied_coupon_ids)

    def test_confirming_below_the_floor_is_refused(self):
        card = self._code(self.contact, margin_floor=33)
        order = self._order_with(card)
        order.order_line[0].purchase_price = 70
        with self.assertRaisesRegex(ValidationError, "margin"):
            order.action_confirm()

    # --------------------------------------------------------------- not by hand
    def test_a_program_of_an_offer_changes_with_the_offer(self):
        manager = self.env.ref("base.user_admin")
        manager.company_ids += self.shop
        offer = self._create_offer(minimum_amount=5)
        program = offer.program_id.with_user(manager)
        rewards, rules = program.reward_ids, program.rule_ids
        blows = {
            "type": lambda: program.write({"program_type": "promotion"}),
            "owner": lambda: program.write({"is_personal": False}),
            "value": lambda: rewards.write({"discount": 90}),
            "no rule": rules.unlink,
            "reward": lambda: program.write({"reward_ids": [Command.create({})]}),
            "new reward": lambda: rewards.create({"program_id": program.id}),
            "new rule": lambda: rules.create({"program_id": program.id}),
        }
        for name, blow in blows.items():
            with self.subTest(name), self.assertRaisesRegex(UserError, "belongs to an"):
                blow()
        program.write({"date_to": "2041-01-01"})
        program.action_archive()
