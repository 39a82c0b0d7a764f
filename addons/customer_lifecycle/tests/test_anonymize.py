from odoo.tests import tagged

from .common import LifecycleCommon


@tagged("post_install", "-at_install")
class TestAnonymize(LifecycleCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.customer = cls._customer_of(40, 5, birthday="1990-01-31")
        cls.row = cls._row(cls.customer)
        cls.row.update_stage("churned", "manual", {"note": "Mr Rahman moved to Sylhet"})

    def _anonymize(self, customer):
        self.engine._anonymize_customer(customer)
        self.env.invalidate_all()

    def test_what_identifies_is_gone(self):
        self._anonymize(self.customer)
        self.assertFalse(self.customer.birthday)
        domain = [("customer_id", "=", self.customer.id)]
        self.assertFalse(any(self.events.search(domain).mapped("data")))
        details = self.history.search(domain).mapped("trigger_details")
        self.assertNotIn("Rahman", str(details))

    def test_figures_history_and_timeline_stay(self):
        types, moves = self._types(self.customer), self._moves(self.customer)
        self._anonymize(self.customer)
        self.assertEqual(self._types(self.customer), types)
        self.assertEqual(self._moves(self.customer), moves)
        self.assertEqual((self.row.total_orders, self.row.total_revenue), (2, 20))
        self.assertFalse(self._integrity(self.customer))

    def test_others_keep_theirs(self):
        other = self._customer_of(3, birthday="1980-01-01")
        self._anonymize(self.customer)
        self.assertTrue(other.birthday)
        domain = [("customer_id", "=", other.id), ("res_model", "=", "sale.order")]
        self.assertTrue(all(self.events.search(domain).mapped("data")))

    def test_a_contacts_own_orders_are_forgotten_with_the_contact(self):
        """The timeline belongs to the company; what the contact did is in it."""
        company = self._create_customer(is_company=True)
        gone, stays = (self._create_customer(parent_id=company.id) for _n in range(2))
        orders = [self._order(contact) for contact in (gone, stays)]
        self._anonymize(gone)
        for order, known in zip(orders, (False, True), strict=True):
            event = self.events.search(
                [("event_key", "=", f"order_confirmed:{order.id}:1")]
            )
            self.assertEqual(bool(event.data), known)

    def test_again_is_harmless(self):
        self._anonymize(self.customer)
        self._anonymize(self.customer)
        self.assertFalse(self._integrity(self.customer))

    def test_an_anonymized_customer_can_be_evaluated_on(self):
        self._anonymize(self.customer)
        self._order(self.customer)
        self._settle()
        self.assertEqual(self.row.total_orders, 3)
