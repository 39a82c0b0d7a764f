from datetime import date

from odoo.tests import freeze_time, tagged

from .common import SubscriptionCommon


@tagged("post_install", "-at_install")
class TestSubscriptionRenewals(SubscriptionCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        with freeze_time("2026-01-10 12:00:00"):
            cls.subscription = cls._start()

    def _renew(self, day, post=True):
        with freeze_time(f"{day} 12:00:00"):
            invoice = self._invoice(self.subscription, post)
            self._settle()
        return invoice

    def test_first_invoice_is_the_purchase_and_the_next_a_renewal(self):
        self._renew("2026-01-10")
        self.assertEqual(self._told(), ["started"])
        self.assertFalse(self._row().last_renewal_date)
        self._renew("2026-02-10")
        self.assertEqual(self._told(), ["started", "renewed"])
        self.assertEqual(self._row().last_renewal_date, date(2026, 2, 10))
        event = self._new_events("subscription_renewed")
        self.assertEqual(
            event.event_key,
            f"subscription_renewed:{self.subscription.id}:2026-02-10",
        )
        self.assertEqual(event.data["document_model"], "account.move")
        self.assertEqual(
            event.data["document_id"], max(self.subscription.invoice_ids.ids)
        )

    def test_draft_invoice_renews_when_posted(self):
        self._renew("2026-01-10")
        invoice = self._renew("2026-02-10", post=False)
        self.assertFalse(self._row().last_renewal_date)
        with freeze_time("2026-02-12 12:00:00"):
            invoice.action_post()
            self._settle()
        self.assertEqual(self._row().last_renewal_date, date(2026, 2, 10))

    def test_cancelled_renewal_is_none(self):
        self._renew("2026-01-10")
        invoice = self._renew("2026-02-10")
        invoice.button_draft()
        self._settle()
        self.assertFalse(self._row().last_renewal_date)
        invoice.action_post()
        self._settle()
        self.assertEqual(self._row().last_renewal_date, date(2026, 2, 10))
        self.assertEqual(self._told().count("renewed"), 1)

    def test_reversed_renewal_is_none(self):
        self._renew("2026-01-10")
        invoice = self._renew("2026-02-10")
        wizard = (
            self.env["account.move.reversal"]
            .with_context(active_model="account.move", active_ids=invoice.ids)
            .create({"journal_id": invoice.journal_id.id})
        )
        wizard.refund_moves()
        wizard.new_move_ids.action_post()
        self.assertEqual(invoice.payment_state, "reversed")
        self._settle()
        self.assertFalse(self._row().last_renewal_date)

    def test_invoice_dated_ahead_counts_from_the_day_it_was_made(self):
        self._renew("2026-01-10")
        self.subscription.recurring_next_date = date(2026, 6, 1)
        with freeze_time("2026-02-10 12:00:00"):
            invoice = self._invoice(self.subscription)
            self.env.flush_all()
            # The clock of the database does not follow the test's.
            self.env.cr.execute(
                "UPDATE account_move SET create_date = '2026-02-10' WHERE id = %s",
                [invoice.id],
            )
            self._settle()
        self.assertEqual(invoice.invoice_date, date(2026, 6, 1))
        self.assertEqual(self._row().last_renewal_date, date(2026, 2, 10))

    def test_generated_order_is_an_order_and_a_renewal(self):
        self.monthly.invoicing_mode = "sale_and_invoice"
        for day in ("2026-01-10", "2026-02-10"):
            with freeze_time(f"{day} 12:00:00"):
                self.subscription.generate_invoice()
                self._settle()
        row = self._row()
        self.assertEqual(row.total_orders, 2)
        self.assertEqual(row.total_revenue, 60.0)
        self.assertEqual(row.last_order_date, date(2026, 2, 10))
        self.assertEqual(row.last_renewal_date, date(2026, 2, 10))
        self.assertEqual(self._told(), ["started", "renewed"])

    def test_cancelled_generated_order_is_no_renewal(self):
        self.monthly.invoicing_mode = "sale_and_invoice"
        for day in ("2026-01-10", "2026-02-10"):
            with freeze_time(f"{day} 12:00:00"):
                self.subscription.generate_invoice()
                self._settle()
        order = self.subscription.sale_order_ids.sorted("id")[-1]
        order.action_unlock()
        order._action_cancel()
        self._settle()
        self.assertFalse(self._row().last_renewal_date)
        self.assertEqual(self._row().total_orders, 1)

    def test_first_invoice_renews_what_an_order_began(self):
        other = self._create_customer()
        with freeze_time("2026-01-10 12:00:00"):
            order = self._create_order(other)
            subscription = self._start(partner_id=other.id, sale_order_id=order.id)
            subscription.recurring_next_date = date(2026, 2, 10)
            self._settle()
        with freeze_time("2026-02-10 12:00:00"):
            self._invoice(subscription)
            self._settle()
        self.assertEqual(self._told(other), ["started", "renewed"])
        self.assertEqual(self._row(other).last_renewal_date, date(2026, 2, 10))

    def test_other_invoices_touch_nobody(self):
        self._settle()
        before = self.events.search_count([])
        invoice = self.env["account.move"].create(
            {
                "move_type": "out_invoice",
                "partner_id": self.customer.id,
                "invoice_line_ids": [(0, 0, {"product_id": self.milk.id})],
            }
        )
        invoice.action_post()
        self.env.flush_all()
        told = self.events.search([], offset=0, limit=5, order="id desc")
        new = self.events.search_count([]) - before
        self.assertFalse(
            [e for e in told[:new] if e.event_type.startswith("subscription")]
        )

    def test_renewals_outlive_a_deleted_subscription(self):
        self._renew("2026-01-10")
        self._renew("2026-02-10")
        self.subscription.unlink()
        self._settle()
        self.assertEqual(self._row().last_renewal_date, date(2026, 2, 10))

    def test_silence_counts_from_the_renewal(self):
        self._renew("2026-01-10")
        self._renew("2026-02-10")
        with freeze_time("2026-02-15 12:00:00"):
            facts = self.engine.explain(self.customer.id)
        self.assertEqual(facts["facts"]["days_since_last_order"], 5)
        parts = {part["key"]: part["points"] for part in facts["score_parts"]}
        self.assertEqual(parts["recency"], 30)
        self.assertEqual(parts["orders"], 0)
        self.assertEqual(parts["subscription"], 25)
