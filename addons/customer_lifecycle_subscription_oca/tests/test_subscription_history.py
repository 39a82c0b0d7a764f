from datetime import date

from odoo.tests import freeze_time, tagged

from .. import post_init_hook, uninstall_hook
from .common import SubscriptionCommon

FACTS = (
    "has_active_subscription",
    "subscription_count",
    "subscription_mrr",
    "last_renewal_date",
    "first_subscription_date",
    "current_stage",
    "engagement_score",
)


@tagged("post_install", "-at_install")
class TestSubscriptionHistory(SubscriptionCommon):
    def _life(self):
        """Customers with every kind of subscription; what the events made of them."""
        customers = self.env["res.partner"]
        with freeze_time("2026-01-10 12:00:00"):
            subscriptions = []
            for _number in range(4):
                customers |= (customer := self._create_customer())
                subscriptions.append(self._start(partner_id=customer.id))
                self._invoice(subscriptions[-1])
            self._create_subscription(partner_id=self._create_customer().id)
            self._settle()
        with freeze_time("2026-02-10 12:00:00"):
            for subscription in subscriptions:
                self._invoice(subscription)
            self._settle()
        with freeze_time("2026-02-20 12:00:00"):
            subscriptions[1].action_pause()
            subscriptions[2].close_subscription()
            subscriptions[3].action_archive()
            self._settle()
        # The clock of the database does not follow the test's.
        self.env.cr.execute("UPDATE sale_subscription SET write_date = '2026-02-20'")
        return customers

    def _facts(self, customers):
        rows = [self._row(customer) for customer in customers]
        return [{name: row[name] for name in FACTS} for row in rows]

    @freeze_time("2026-02-25 12:00:00")
    def test_backfill_equals_what_the_events_made(self):
        customers = self._life()
        self.engine.evaluate_all_customers()
        before = self._facts(customers), [self._told(c) for c in customers]
        self._forget()
        self.engine.backfill()
        after = self._facts(customers), [sorted(self._told(c)) for c in customers]
        self.assertEqual(after[0], before[0])
        self.assertEqual(after[1], [sorted(told) for told in before[1]])
        self.assertEqual(before[0][0]["last_renewal_date"], date(2026, 2, 10))
        self.assertEqual(before[1][2], ["started", "renewed", "ended"])

    @freeze_time("2026-02-25 12:00:00")
    def test_backfill_is_no_news_and_safe_to_repeat(self):
        customers = self._life()
        self._forget()
        self.engine.backfill()
        told = [self._types(c) for c in customers]
        self.engine.backfill()
        self.assertEqual([self._types(c) for c in customers], told)
        self.assertFalse(self.events.search([("is_pending", "=", True)]))

    @freeze_time("2026-02-25 12:00:00")
    def test_backfill_adds_nothing_to_what_was_told(self):
        customers = self._life()
        told = [self._types(c) for c in customers]
        self.engine.backfill()
        self.assertEqual([self._types(c) for c in customers], told)

    def test_drafts_make_no_customers(self):
        subscription = self._create_subscription()
        self._forget()
        self.engine.backfill()
        self.assertFalse(self._row(subscription.partner_id))

    def test_end_is_read_from_the_tracked_stage(self):
        with freeze_time("2026-01-10 12:00:00"):
            subscription = self._start()
            subscription.close_subscription()
        self.env.flush_all()
        self.env["mail.message"].create(
            {
                "model": "sale.subscription",
                "res_id": subscription.id,
                "date": "2026-01-20 09:00:00",
                "tracking_value_ids": [
                    (
                        0,
                        0,
                        {
                            "field_id": self.env["ir.model.fields"]
                            ._get("sale.subscription", "stage_id")
                            .id,
                            "new_value_integer": self.closed.id,
                        },
                    )
                ],
            }
        )
        self._forget()
        self.engine.backfill()
        ended = self._new_events("subscription_ended").filtered(
            lambda event: event.res_id == subscription.id
        )
        self.assertEqual(str(ended.occurred_at), "2026-01-20 09:00:00")

    def test_backfill_as_of_an_earlier_day(self):
        with freeze_time("2026-02-25 12:00:00"):
            customers = self._life()
        self._forget()
        rows = self.env["customer.lifecycle"]._ensure(customers)
        self.engine.backfill("2026-01-05")
        self.assertFalse(any(rows.mapped("subscription_count")))
        self.assertFalse(any(self._told(c) for c in customers))
        self.engine.backfill("2026-01-15")
        facts = self._facts(customers[0])[0]
        self.assertEqual(facts["first_subscription_date"], date(2026, 1, 10))
        self.assertTrue(facts["has_active_subscription"])
        self.assertFalse(facts["last_renewal_date"])
        self.assertEqual([self._told(c) for c in customers], [["started"]] * 4)
        self.engine.backfill("2026-02-25")
        self.assertEqual(
            self._facts(customers[0])[0]["last_renewal_date"], date(2026, 2, 10)
        )

    def test_backfill_makes_up_for_what_nobody_listened_to(self):
        with freeze_time("2026-01-10 12:00:00"):
            closed, opened = self._start(), self._start()
            self._then(opened, "close_subscription")
            self._settle()
        told = self._told()
        self.env.cr.execute(
            """
            UPDATE sale_subscription SET write_date = '2026-02-20',
                   in_progress = id = %s, date_start = '2026-02-10'
             WHERE id = ANY(%s)
            """,
            [opened.id, [closed.id, opened.id]],
        )
        self.env.invalidate_all()
        closed.stage_id = self.closed
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE sale_subscription SET write_date = '2026-02-20' WHERE id = %s",
            [closed.id],
        )
        with freeze_time("2026-02-25 12:00:00"):
            self.engine.backfill()
        self.assertEqual(self._told()[len(told) :], ["started", "ended"])
        self.env.cr.execute(
            self.env["customer.lifecycle"]._subscription_periods_query()
        )
        periods = [
            row[2:] for row in self.env.cr.fetchall() if row[0] == self.customer.id
        ]
        self.assertIn((date(2026, 1, 10), date(2026, 2, 20)), periods)
        self.assertIn((date(2026, 2, 10), None), periods)

    def test_installing_sends_nothing(self):
        self._start()
        self._forget()
        post_init_hook(self.env)
        self.assertTrue(self._row().has_active_subscription)
        self.assertFalse(self.events.search([("is_pending", "=", True)]))

    def test_uninstalling_forgets_the_facts(self):
        self._start()
        self._settle()
        self.env.flush_all()
        uninstall_hook(self.env)
        self.env.invalidate_all()
        row = self._row()
        self.assertFalse(row.has_active_subscription)
        self.assertFalse(row.subscription_mrr)
        self.assertFalse(row.facts_on)
        self.assertFalse(row.next_evaluation_date)
