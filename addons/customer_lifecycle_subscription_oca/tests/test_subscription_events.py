from odoo.tests import freeze_time, tagged

from .common import SubscriptionCommon


@tagged("post_install", "-at_install")
class TestSubscriptionEvents(SubscriptionCommon):
    def test_draft_is_nobodys_news(self):
        subscription = self._create_subscription()
        subscription.partner_id = self._create_customer()
        subscription.sale_subscription_line_ids.price_unit = 10
        self.assertFalse(self._types())
        subscription.unlink()
        self.assertFalse(self._types())

    def test_life_of_a_subscription(self):
        subscription = self._start()
        self.assertEqual(self._types(), ["started"])
        self._then(subscription, "action_pause", "action_resume", "close_subscription")
        self.assertEqual(self._types(), ["started", "paused", "resumed", "ended"])

    @freeze_time("2026-03-01 20:00:00")
    def test_event_is_keyed_by_subscription_and_local_date(self):
        self.company.partner_id.tz = "Asia/Dhaka"
        subscription = self._start()
        self._types()
        event = self.events.search([("customer_id", "=", self.customer.id)])
        self.assertRecordValues(
            event,
            [
                {
                    "event_key": f"subscription_started:{subscription.id}:2026-03-02",
                    "company_id": self.company.id,
                    "res_model": "sale.subscription",
                    "res_id": subscription.id,
                    "data": {"name": subscription.name},
                    "is_pending": True,
                }
            ],
        )

    def test_closing_and_opening_twice_a_day_is_told_each_time(self):
        subscription = self._start()
        for _time in range(2):
            self._then(subscription, "close_subscription", "action_start_subscription")
        subscription.close_subscription()
        self.assertEqual(self._told(), ["started", "ended"] * 3)
        self._settle()
        self.env.cr.execute(
            self.env["customer.lifecycle"]._subscription_periods_query()
        )
        periods = [r[3] for r in self.env.cr.fetchall() if r[0] == self.customer.id]
        self.assertEqual(len(periods), 3)
        self.assertNotIn(None, periods)

    def test_same_values_again_are_no_news(self):
        subscription = self._start()
        self._types()
        subscription.write({"in_progress": True, "active": True})
        self.env.flush_all()
        self.assertEqual(self._told(), ["started"])

    def test_hook_only_inserts(self):
        self._start()
        self.assertFalse(self._row())
        self._settle()
        touched = self._row().updated_at
        self._start()
        self._types()
        self.env.invalidate_all()
        self.assertEqual(self._row().updated_at, touched)
        self.assertEqual(self._row().subscription_count, 1)

    def test_archived_subscription_has_ended(self):
        subscription = self._start()
        subscription.action_archive()
        self.assertEqual(self._types(), ["started", "ended"])
        subscription.action_unarchive()
        self.assertEqual(self._types(), ["started", "ended", "started"])

    def test_deleted_subscription_ends_before_it_goes(self):
        with freeze_time("2026-03-01 12:00:00"):
            subscription = self._start()
            self._settle()
        self.assertTrue(self._row().has_active_subscription)
        subscription.unlink()
        self._settle()
        self.assertEqual(self._told(), ["started", "ended"])
        row = self._row()
        self.assertFalse(row.has_active_subscription)
        self.assertEqual(str(row.first_subscription_date), "2026-03-01")

    def test_subscription_handed_over_ends_here_and_starts_there(self):
        heir = self._create_customer(name="Heir")
        subscription = self._start()
        self._settle()
        subscription.partner_id = heir
        self._settle()
        self.assertEqual(self._told(), ["started", "ended"])
        self.assertEqual(self._told(heir), ["started"])
        self.assertFalse(self._row().has_active_subscription)
        self.assertTrue(self._row(heir).has_active_subscription)

    def test_merged_customers_keep_their_subscriptions(self):
        other = self._create_customer(name="Other")
        self._start()
        self._start(partner_id=other.id)
        self._settle()
        wizard = self.env["base.partner.merge.automatic.wizard"].create({})
        wizard._merge((self.customer | other).ids, self.customer)
        self._settle()
        self.assertEqual(self._row().subscription_count, 2)
        self.assertEqual(self._told(), ["started", "started"])

    def test_contact_takes_its_subscription_to_another_company(self):
        first, second = (
            self._create_customer(name=name, is_company=True) for name in ("A", "B")
        )
        contact = self._create_customer(parent_id=first.id)
        self._start(partner_id=contact.id)
        self._settle()
        self.assertTrue(self._row(first).has_active_subscription)
        contact.parent_id = second
        self._settle()
        self.assertFalse(self._row(first).has_active_subscription)
        self.assertTrue(self._row(second).has_active_subscription)

    def test_born_running_is_dated_back(self):
        subscription = self.env["sale.subscription"].create(
            {
                "partner_id": self.customer.id,
                "template_id": self.monthly.id,
                "pricelist_id": self.pricelist.id,
                "date_start": "2026-01-05",
                "in_progress": True,
            }
        )
        self._settle()
        self.assertEqual(self._told(), ["started"])
        self.assertEqual(self._row().first_subscription_date, subscription.date_start)

    def test_import_context_makes_silent_history(self):
        silent = self.env["sale.subscription"].with_context(
            customer_lifecycle_history=True
        )
        silent.create(
            {
                "partner_id": self.customer.id,
                "template_id": self.monthly.id,
                "pricelist_id": self.pricelist.id,
                "in_progress": True,
            }
        )
        self.assertIn("started", self._types())
        self.assertFalse(self.events.search([("is_pending", "=", True)]))

    def test_many_subscriptions_cost_no_more_statements(self):
        one = self._create_subscription()
        many = self.env["sale.subscription"]
        for _number in range(12):
            many |= self._create_subscription(partner_id=self._create_customer().id)
        self.env.flush_all()
        counts = []
        for subscriptions in (one, many):
            held = subscriptions._holdings()
            gone = {i: h._replace(state="running") for i, h in held.items()}
            self.env.flush_all()
            before = self.env.cr.sql_log_count
            self.env["sale.subscription"]._record_lifecycle_moves(held, gone)
            counts.append(self.env.cr.sql_log_count - before)
        self.assertEqual(counts, [1, 1])
        self.assertEqual(len(self._new_events("subscription_started")), 13)

    def test_writing_many_costs_three_statements(self):
        many = self.env["sale.subscription"]
        for _number in range(12):
            many |= self._start()
        self.env.flush_all()
        many.write({"is_paused": True})
        before = self.env.cr.sql_log_count
        many.flush_recordset(["is_paused"])
        # How they stand before and after, the UPDATE itself, one INSERT.
        self.assertLessEqual(self.env.cr.sql_log_count - before, 4)
        self.assertEqual(self._types().count("paused"), 12)

    def test_labels_of_the_timeline(self):
        labels = self.events._event_labels()
        self.assertEqual(labels["subscription_renewed"], "Subscription renewed")
        self.assertEqual(labels["trial_ending"], "Trial about to end")
