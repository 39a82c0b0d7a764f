from unittest.mock import patch

from odoo.tests import freeze_time, new_test_user, tagged

from .common import NOON, CampaignCommon, timedelta


@tagged("post_install", "-at_install")
class TestEvents(CampaignCommon):
    """What Odoo's own documents put on the timeline."""

    def _transaction(self, person, amount=25.0):
        provider = self.env["payment.provider"].create(
            {"name": "Test", "company_id": self.shop.id}
        )
        methods = self.env["payment.method"].with_context(active_test=False)
        method = methods.search([], limit=1)
        return self.env["payment.transaction"].create(
            {
                "provider_id": provider.id,
                "payment_method_id": method.id,
                "reference": f"tx{next(self.numbers)}",
                "amount": amount,
                "currency_id": self.shop.currency_id.id,
                "partner_id": person.id,
            }
        )

    def _events(self, person, event_type):
        return self.events.search(
            [("customer_id", "=", person.id), ("event_type", "=", event_type)]
        )

    def test_a_payment_that_fails_is_told_once(self):
        person = self._member()
        transaction = self._transaction(person)
        transaction._set_error("Card declined")
        transaction._set_error("Card declined")
        found = self._events(person, "payment_failed")
        self.assertEqual(len(found), 1)
        self.assertEqual(found.data["value"], 25)
        self.assertEqual(found.company_id, self.shop)

    def test_a_payment_that_is_given_up_failed_and_one_that_arrives_did_not(self):
        person = self._member()
        self._transaction(person)._set_canceled()
        self._transaction(person)._set_done()
        self.assertEqual(len(self._events(person, "payment_failed")), 1)
        self.assertEqual(len(self._events(person, "payment_done")), 1)

    def test_an_authorisation_is_no_money_yet(self):
        person = self._member()
        transaction = self._transaction(person)
        provider = transaction.provider_id

        def capture(self):
            self.support_manual_capture = "full_only"

        with patch.object(type(provider), "_compute_feature_support_fields", capture):
            provider.invalidate_recordset()
            transaction._set_authorized()
        self.assertFalse(self._events(person, "payment_done"))
        transaction._set_canceled()
        self.assertFalse(self._events(person, "payment_failed"))

    def test_a_payment_is_worth_what_is_left_without_taxes(self):
        person = self._member()
        country = self.env.ref("base.bd").id
        group = self.env["account.tax.group"].create(
            {"name": "VAT", "company_id": self.shop.id, "country_id": country}
        )
        tax = self.env["account.tax"].create(
            {
                "name": "VAT",
                "amount": 25,
                "company_id": self.shop.id,
                "tax_group_id": group.id,
                "country_id": country,
            }
        )
        order = self._create_order(person, NOON, 100, self.shop)
        order.order_line.tax_ids = tax
        transaction = self._transaction(person, order.amount_total)
        transaction.sale_order_ids = order
        transaction._set_done()
        found = self._events(person, "payment_done")
        self.assertEqual((found.data["amount"], found.data["value"]), (125, 100))
        self.assertEqual(found.data["documents"], [f"sale.order,{order.id}"])

    def test_money_changes_no_facts(self):
        person = self._member()
        self._transaction(person)._set_error("No")
        self.assertFalse(self._events(person, "payment_failed")._is_fact())

    def _invoice(self, person, due, amount=50):
        account = self.env["account.account"].create(
            {
                "code": f"INC{next(self.numbers)}",
                "name": "Sales",
                "account_type": "income",
            }
        )
        person.property_account_receivable_id = self.env["account.account"].create(
            {
                "code": f"REC{next(self.numbers)}",
                "name": "Receivable",
                "account_type": "asset_receivable",
                "reconcile": True,
            }
        )
        journal = self.env["account.journal"].search(
            [("company_id", "=", self.shop.id), ("type", "=", "sale")], limit=1
        ) or self.env["account.journal"].create(
            {"code": "SAL", "name": "Sales", "type": "sale"}
        )
        line = {"name": "Milk", "price_unit": amount, "account_id": account.id}
        move = self.env["account.move"].create(
            {
                "move_type": "out_invoice",
                "partner_id": person.id,
                "journal_id": journal.id,
                "invoice_date": due,
                "invoice_date_due": due,
                "invoice_line_ids": [(0, 0, {**line, "tax_ids": False})],
            }
        )
        move.action_post()
        return move

    def test_an_invoice_is_overdue_once(self):
        person, patient = self._member(), self._member()
        today = NOON.date()
        invoice = self._invoice(person, today - timedelta(days=1))
        self._invoice(patient, today)
        self._invoice(patient, today - timedelta(days=60))
        for _twice in range(2):
            self.env["account.move"]._record_overdue(NOON)
        found = self._events(person, "invoice_overdue")
        self.assertEqual(found.mapped("res_id"), invoice.ids)
        self.assertFalse(self._events(patient, "invoice_overdue"))

    def test_a_review_is_told_when_it_is_given(self):
        person = self._member()
        order = self._buys(person)
        rating = self.env["rating.rating"].create(
            {
                "res_model_id": self.env["ir.model"]._get_id("sale.order"),
                "res_id": order.id,
                "partner_id": person.id,
            }
        )
        self.assertFalse(self._events(person, "review_posted"))
        rating.write({"rating": 2, "consumed": True})
        rating.write({"rating": 3, "consumed": True})
        found = self._events(person, "review_posted")
        self.assertEqual(len(found), 1)
        self.assertEqual(found.data["rating"], 2)
        self.assertEqual(found.company_id, self.shop)

    def test_closing_the_account_is_a_goodbye(self):
        user = new_test_user(self.env, "leaver", "base.group_portal")
        user._deactivate_portal_user()
        self.assertEqual(len(self._events(user.partner_id, "account_closed")), 1)

    # --------------------------------------------------------------- risk reasons
    def test_the_most_telling_sign_is_the_reason(self):
        payment, rating, basket, rhythm, happy = (self._member() for _each in range(5))
        with freeze_time(NOON):
            now = self.env.cr.now()
        self._happens(payment, "payment_failed", at=now)
        self._happens(rating, "review_posted", at=now, data={"rating": 1})
        self._happens(happy, "review_posted", at=now, data={"rating": 5})
        for hours, quantity in ((1, 10), (2, 10), (3, 2)):
            order = self._create_order(
                basket, NOON + timedelta(hours=hours), company=self.shop
            )
            order.order_line.product_uom_qty = quantity
            order.action_confirm()
        for person in (payment, rating, basket, rhythm):
            self._row(person, self.shop).current_stage = "at_risk"
        rows = {
            person: self._row(person, self.shop).risk_reason
            for person in (payment, rating, basket, rhythm, happy)
        }
        self.assertEqual(
            list(rows.values()), ["payment", "rating", "basket", "rhythm", False]
        )
        for person, reason in rows.items():
            found = self.lifecycle.search(
                [
                    ("risk_reason", "=", reason),
                    ("company_id", "=", self.shop.id),
                ]
            )
            self.assertEqual(found.customer_id, person)
