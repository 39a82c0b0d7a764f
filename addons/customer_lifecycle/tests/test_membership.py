from odoo.tests import new_test_user, tagged

from .common import NOW, LifecycleCommon


@tagged("post_install", "-at_install")
class TestMembership(LifecycleCommon):
    def test_a_plain_contact_is_no_customer(self):
        contact = self._create_customer()
        self._create_order(contact)
        self._settle()
        self.assertFalse(self._row(contact))

    def test_a_confirmed_order_makes_a_customer(self):
        customer = self._create_customer()
        self._order(customer)
        self._dispatch()
        self.assertTrue(self._row(customer))

    def test_an_order_of_a_contact_makes_the_company_a_customer(self):
        company = self._create_customer(is_company=True)
        contact = self._create_customer(parent_id=company.id)
        self._order(contact)
        self._settle()
        self.assertFalse(self._row(contact))
        self.assertEqual(self._row(company).total_orders, 1)

    def test_a_portal_login_makes_a_customer_of_its_company(self):
        company = self._create_company()
        user = new_test_user(
            self.env,
            "milk@example.com",
            "base.group_portal",
            company_id=company.id,
            company_ids=[(6, 0, company.ids)],
        )
        self._dispatch()
        rows = self._rows(user.partner_id)
        self.assertRecordValues(rows, [{"company_id": company.id}])

    def test_an_employee_is_no_customer(self):
        user = new_test_user(self.env, "staff", "base.group_user")
        self._dispatch()
        self.assertFalse(self._rows(user.partner_id))

    def test_becoming_portal_later_counts_and_archived_logins_do_not(self):
        user = new_test_user(self.env, "later", "base.group_user", active=False)
        user.group_ids = self.group_portal
        self._dispatch()
        self.assertFalse(self._rows(user.partner_id))
        user.active = True
        self._dispatch()
        self.assertTrue(self._rows(user.partner_id))

    def test_customer_rank_counts_at_creation_and_later(self):
        born = self._create_customer(customer_rank=1)
        grown = self._create_customer()
        grown.customer_rank = 1
        self._dispatch()
        self.assertTrue(self._row(born))
        self.assertTrue(self._row(grown))

    def test_customer_rank_of_a_contact_counts_for_its_company(self):
        company = self._create_customer(is_company=True)
        self._create_customer(parent_id=company.id, customer_rank=1)
        self._dispatch()
        self.assertTrue(self._row(company))

    def test_who_signed_up_in_one_company_is_missing_in_no_other(self):
        second = self._create_company()
        customer = self.env["res.partner"].with_company(second)
        customer = customer.create({"name": "Only second", "customer_rank": 1})
        self._dispatch()
        self.assertEqual(self._rows(customer).company_id, second)
        self.assertFalse(self._integrity(customer))
        self.engine.backfill()
        self.assertEqual(self._rows(customer).company_id, second)

    def test_each_company_of_an_order_has_its_own_row(self):
        second, customer = self._create_company(), self._create_customer()
        self._order(customer)
        self._order(customer, company=second)
        self._order(customer, company=second)
        self._settle()
        rows = self._rows(customer).sorted("total_orders")
        self.assertEqual(rows.company_id, self.env.company | second)
        self.assertEqual(rows.mapped("total_orders"), [1, 2])

    def test_ensure_twice_makes_one_row_and_one_sign_up(self):
        customer = self._create_customer()
        first = self.lifecycle._ensure(customer)
        self.assertEqual(self.lifecycle._ensure(customer), first)
        self.assertEqual(self._types(customer), ["signup"])

    def test_ensure_of_a_contact_is_a_row_of_its_company(self):
        company = self._create_customer(is_company=True)
        contact = self._create_customer(parent_id=company.id)
        self.assertEqual(self.lifecycle._ensure(contact).customer_id, company)

    def test_a_new_row_enters_acquired_without_a_move(self):
        customer = self._create_customer()
        row = self.lifecycle._ensure(customer)
        self.assertEqual(row.current_stage, "acquired")
        self.assertFalse(self._moves(customer))

    def test_the_weekly_run_finds_who_slipped_through(self):
        customer = self._create_customer()
        self.env.cr.execute(
            "UPDATE res_partner SET customer_rank = 3 WHERE id = %s", [customer.id]
        )
        self.assertEqual(
            self._integrity(customer),
            [
                {
                    "customer_id": customer.id,
                    "company_id": self.env.company.id,
                    "missing": True,
                }
            ],
        )
        self.lifecycle._insert_rows(self.lifecycle._members_query(NOW), NOW)
        self.assertTrue(self._row(customer))

    def test_an_archived_customer_keeps_the_row_and_is_not_evaluated(self):
        customer = self._customer_of(5)
        customer.active = False
        row = self._row(customer)
        row.next_evaluation_date = False
        self.env.flush_all()
        self.assertNotIn(row.id, self.engine._due_ids(NOW, 10_000))
