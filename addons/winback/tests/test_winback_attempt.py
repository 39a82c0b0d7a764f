from datetime import timedelta

from odoo.tests import freeze_time, tagged

from .common import DAY, NOON, WinbackCommon

SECOND = timedelta(seconds=1)


@tagged("post_install", "-at_install")
class TestWinbackAttempt(WinbackCommon):
    """What becomes of an attempt: won back, exhausted, unsubscribed."""

    # -------------------------------------------------------------------- won back
    def test_an_order_wins_the_customer_back_at_once(self):
        campaign = self._campaign()
        person = self._lapsed()
        self._target(campaign)
        self._process(NOON + SECOND)
        moment = NOON + 3 * DAY
        order = self._buys(person, moment, 80)
        self._hand_out(moment)
        self.assertRecordValues(
            self._of(campaign),
            [
                {
                    "status": "won_back",
                    "run_state": "done",
                    "won_back_at": moment,
                    "conversion_order_id": order.id,
                    "conversion_value": 80,
                    "emails_sent": 0,
                    "completed_at": moment,
                }
            ],
        )
        self._walk(4, 40)
        self.assertEqual(
            self._log(self._of(campaign)), [("step_1", "cancelled", "goal_reached")]
        )

    def test_no_step_follows_an_order_that_nobody_heard_of_yet(self):
        campaign = self._campaign()
        person = self._lapsed()
        self._target(campaign)
        self._process(NOON + SECOND)
        self._mark_sent(self._of(campaign))
        # Confirmed in the second in which the second step is due; no event was heard.
        moment = NOON + 7 * DAY
        self._buys(person, moment)
        self._process(moment)
        attempt = self._of(campaign)
        self.assertEqual(attempt.status, "won_back")
        self.assertEqual(
            self._log(attempt),
            [("step_1", "sent", False), ("step_2", "skipped", "goal_reached")],
        )
        self.assertEqual(attempt.emails_sent, 1)

    def test_a_queued_message_is_called_back_in_the_same_second(self):
        campaign = self._campaign()
        person = self._lapsed()
        self._target(campaign)
        self._process(NOON + SECOND)
        delivery = self._of(campaign).delivery_ids
        self.assertEqual(delivery.state, "queued")
        self._buys(person, NOON + SECOND)
        with freeze_time(NOON + SECOND):
            stopped = self.scheduler._stopped(delivery, NOON + SECOND)
        self.assertEqual(stopped, delivery)
        self.assertEqual(
            (delivery.state, delivery.reason), ("cancelled", "goal_reached")
        )

    def _mark_sent(self, attempts):
        attempts.delivery_ids.write({"state": "sent", "sent_at": NOON})

    def test_process_order_is_idempotent_and_says_why_not(self):
        campaign = self._campaign()
        person, other = self._lapsed(), self._person()
        self._target(campaign)
        moment = NOON + DAY
        with freeze_time(moment):
            quotation = self._create_order(person, moment, 40, self.shop)
            found = self.service.process_order(quotation.id)
            self.assertEqual(
                (found["won_back"], found["reason"]), (False, "not_confirmed")
            )
            stranger = self._order(other, moment, 10, self.shop)
            found = self.service.process_order(stranger.id)
            self.assertEqual(
                (found["won_back"], found["reason"]), (False, "no_attempt")
            )
            quotation.action_confirm()
            expected = {
                "won_back": True,
                "attempt_id": self._of(campaign).id,
                "campaign_id": campaign.id,
                "value": 40.0,
                "is_holdout": False,
                "reason": "",
            }
            for _again in range(2):
                self.assertEqual(self.service.process_order(quotation.id), expected)
            second = self._order(person, moment, 99, self.shop)
            found = self.service.process_order(second.id)
            self.assertEqual(
                (found["won_back"], found["reason"]), (False, "no_attempt")
            )
        self._hand_out(moment)
        self.assertEqual(self._of(campaign).conversion_order_id, quotation)

    def test_an_order_counts_while_the_campaign_is_switched_off(self):
        campaign = self._campaign()
        person = self._lapsed()
        self._target(campaign)
        with freeze_time(NOON + DAY):
            campaign.action_stop()
        moment = NOON + 2 * DAY
        self._buys(person, moment)
        self._hand_out(moment)
        self.assertEqual(self._of(campaign).status, "won_back")

    def test_a_cancelled_order_leaves_the_figures(self):
        campaign = self._campaign()
        person = self._lapsed()
        self._target(campaign)
        order = self._buys(person, NOON + DAY, 50)
        self._hand_out(NOON + DAY)
        self.assertEqual(campaign.total_revenue_recovered, 50)
        with freeze_time(NOON + 2 * DAY):
            order._action_cancel()
        self._hand_out(NOON + 2 * DAY)
        self.env.invalidate_all()
        self.assertEqual(self._of(campaign).status, "exhausted")
        self.assertEqual(campaign.total_revenue_recovered, 0)
        self._buys(person, NOON + 3 * DAY, 70)
        self._hand_out(NOON + 3 * DAY)
        self.env.invalidate_all()
        self.assertEqual(self._of(campaign).conversion_value, 70)

    def test_orders_of_a_contact_win_the_firm_back(self):
        campaign = self._campaign()
        person = self._lapsed(is_company=True)
        contact = self.env["res.partner"].create(
            {"name": "Buyer", "parent_id": person.id, "email": "buyer@example.com"}
        )
        self._target(campaign)
        self._buys(contact, NOON + DAY)
        self._hand_out(NOON + DAY)
        self.assertEqual(self._of(campaign).status, "won_back")

    def test_orders_of_another_company_do_not_count(self):
        campaign = self._campaign()
        person = self._lapsed()
        self._target(campaign)
        elsewhere = self._create_company()
        with freeze_time(NOON + DAY):
            self._order(person, NOON + DAY, 10, elsewhere)
        self._hand_out(NOON + DAY)
        self.assertEqual(self._of(campaign).status, "active")

    # ------------------------------------------------------------------- exhausted
    def test_exhausted_after_all_steps_and_the_validity(self):
        campaign = self._campaign(
            offer_type="discount_percent", offer_value=10, offer_validity_days=14
        )
        person = self._lapsed()
        self._target(campaign)
        # The last step is on day 14.
        self._walk(0, 14)
        attempt = self._of(campaign)
        self.assertEqual((attempt.status, attempt.emails_sent), ("active", 3))
        self.assertEqual(attempt.current_step, 4)
        self._process(NOON + 28 * DAY)
        self.assertEqual(self._of(campaign).status, "active")
        self._process(NOON + 28 * DAY + timedelta(minutes=1))
        attempt = self._of(campaign)
        self.assertEqual((attempt.status, attempt.run_state), ("exhausted", "done"))
        # What comes later is the customer's own idea.
        self._buys(person, NOON + 29 * DAY)
        self._hand_out(NOON + 29 * DAY)
        self.assertEqual(self._of(campaign).status, "exhausted")
        self.assertEqual((campaign.total_ended, campaign.won_back_rate), (1, 0))

    def test_an_order_on_the_last_day_wins(self):
        campaign = self._campaign(hours=(0,), offer_validity_days=10)
        person = self._lapsed()
        self._target(campaign)
        self._walk(0, 9)
        self._buys(person, NOON + 10 * DAY)
        self._process(NOON + 10 * DAY + timedelta(minutes=5))
        self.assertEqual(self._of(campaign).status, "won_back")

    def test_the_validity_of_those_under_way_is_frozen(self):
        campaign = self._campaign(hours=(0,), offer_validity_days=10)
        self._lapsed()
        self._target(campaign)
        campaign.offer_validity_days = 100
        self._walk(0, 11)
        self.assertEqual(self._of(campaign).status, "exhausted")
        later = self._campaign(hours=(0,), offer_validity_days=10)
        later.offer_validity_days = 30
        self._lapsed()
        self._target(later)
        self._walk(0, 11)
        self.assertEqual(self._of(later).status, "active")

    # ---------------------------------------------------------------- unsubscribed
    def test_who_unsubscribes_is_left_alone(self):
        campaign = self._campaign()
        person = self._lapsed()
        self._target(campaign)
        self._process(NOON + SECOND)
        self._mark_sent(self._of(campaign))
        topic = campaign._contact_topic()
        self._say(person, "withdrawn", topic=topic, occurred_at=NOON + DAY)
        self._process(NOON + 7 * DAY)
        attempt = self._of(campaign)
        self.assertRecordValues(
            attempt,
            [
                {
                    "status": "unsubscribed",
                    "run_state": "cancelled",
                    "exit_reason": "unsubscribed",
                }
            ],
        )
        self.assertEqual(
            self._log(attempt),
            [("step_1", "sent", False), ("step_2", "skipped", "topic_opt_out")],
        )
        # The group is free again.
        slots = self.env["journey.slot"].sudo()
        self.assertFalse(slots.search([("customer_id", "=", person.id)]))
        self._walk(8, 40)
        self.assertEqual(len(self._log(attempt)), 2)

    def test_who_never_agreed_is_exhausted_not_unsubscribed(self):
        campaign = self._campaign(hours=(0,))
        self.shop.email_consent_default = "opt_in"
        self._lapsed(agreed=False)
        self._target(campaign)
        self._walk(0, 15)
        self.assertEqual(self._of(campaign).status, "exhausted")

    # ---------------------------------------------------------------------- offers
    def test_the_code_is_repeated_used_and_paid_for(self):
        campaign = self._campaign(
            offer_type="discount_percent", offer_value=20, offer_validity_days=14
        )
        person = self._lapsed()
        self._target(campaign)
        self._walk(0, 8)
        attempt = self._of(campaign)
        code = attempt.offer_code
        self.assertTrue(code.startswith("WINBACK-"))
        self.assertFalse(attempt.offer_used)
        cards = self.env["loyalty.card"].search([("journey_run_id", "=", attempt.id)])
        self.assertEqual(len(cards), 1)
        self.assertEqual(cards.expiration_date, (NOON + 14 * DAY).date())
        order = self._redeem(person, code, NOON + 9 * DAY, 100)
        self._hand_out(NOON + 9 * DAY)
        attempt = self._of(campaign)
        self.assertEqual((attempt.status, attempt.offer_used), ("won_back", True))
        self.assertAlmostEqual(attempt.conversion_value, 80)
        self.assertAlmostEqual(order.amount_untaxed, 80)
        self.assertAlmostEqual(campaign.offer_cost, 20)
        found = self.attempts.search([("offer_used", "=", True)])
        self.assertEqual(found & self._of(campaign), attempt)
        self.assertEqual(self.attempts.search([("offer_code", "=", code)]), attempt)

    def test_a_code_past_its_validity_is_refused(self):
        campaign = self._campaign(
            hours=(0,),
            offer_type="discount_fixed",
            offer_value=5,
            offer_validity_days=3,
        )
        person = self._lapsed()
        self._target(campaign)
        self._process(NOON + SECOND)
        code = self._of(campaign).offer_code
        late = NOON + 5 * DAY
        with freeze_time(late):
            order = self._create_order(person, late, 100, company=self.shop)
            self.assertIn("error", order._try_apply_code(code))

    # ----------------------------------------------------------------- by the hand
    def test_a_marketer_takes_somebody_out(self):
        campaign = self._campaign()
        self._lapsed()
        self._target(campaign)
        marketer = self._user("marketer")
        self._of(campaign).with_user(marketer).action_cancel()
        attempt = self._of(campaign)
        self.assertEqual(
            (attempt.status, attempt.exit_reason), ("exhausted", "by_hand")
        )

    def test_current_step_counts_from_one(self):
        campaign = self._campaign()
        self._lapsed()
        self._target(campaign)
        self.assertEqual(self._of(campaign).current_step, 1)
        self._process(NOON + SECOND)
        self.assertEqual(self._of(campaign).current_step, 2)

    # ------------------------------------------------------------- merges and others
    def test_two_wooed_customers_who_become_one(self):
        first = self._campaign(exclusive_group=False, max_days_inactive=100)
        second = self._campaign(
            exclusive_group=False, min_days_inactive=101, max_days_inactive=300
        )
        target, source = self._lapsed(60), self._lapsed(150)
        self._target(first)
        self._target(second)
        with freeze_time(NOON + DAY):
            self.env["base.partner.merge.automatic.wizard"].create({})._merge(
                [target.id, source.id], target
            )
        self._hand_out(NOON + DAY)
        self.assertRecordValues(
            self._of(first) + self._of(second),
            [
                {"status": "active", "exit_reason": False, "customer_id": target.id},
                {
                    "status": "exhausted",
                    "exit_reason": "merged",
                    "customer_id": target.id,
                },
            ],
        )

    def test_an_archived_customer_gets_nothing_more(self):
        campaign = self._campaign()
        person = self._lapsed()
        self._target(campaign)
        self._process(NOON + SECOND)
        self._mark_sent(self._of(campaign))
        person.active = False
        self._process(NOON + 7 * DAY)
        attempt = self._of(campaign)
        self.assertEqual(
            (attempt.run_state, attempt.exit_reason), ("cancelled", "archived")
        )
        self.assertEqual(attempt.emails_sent, 1)

    def test_a_forgotten_customer_leaves(self):
        campaign = self._campaign()
        person = self._lapsed()
        self._target(campaign)
        with freeze_time(NOON + DAY):
            self.engine._anonymize_customer(person)
        attempt = self._of(campaign)
        self.assertEqual(
            (attempt.run_state, attempt.exit_reason), ("cancelled", "erased")
        )

    def test_churned_customers_show_what_was_tried(self):
        campaign = self._campaign()
        person = self._lapsed()
        row = self._row(person, self.shop)
        never = [("id", "=", row.id), ("winback_status", "=", False)]
        active = [("id", "=", row.id), ("winback_status", "=", "active")]
        self.assertEqual(self.lifecycle.search(never), row)
        self._target(campaign)
        self.env.invalidate_all()
        self.assertEqual((row.winback_status, row.winback_attempts), ("active", 1))
        self.assertFalse(self.lifecycle.search(never))
        self.assertEqual(self.lifecycle.search(active), row)
