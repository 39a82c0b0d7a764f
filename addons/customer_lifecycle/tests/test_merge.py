from datetime import timedelta

from odoo import Command
from odoo.exceptions import UserError
from odoo.tests import tagged

from .common import NOW, LifecycleCommon


@tagged("post_install", "-at_install")
class TestMerge(LifecycleCommon):
    def _merge(self, target, *sources):
        """Merge through the wizard, as a person does."""
        partners = target.union(*sources)
        wizard = self.env["base.partner.merge.automatic.wizard"].create(
            {
                "state": "selection",
                "partner_ids": [Command.set(partners.ids)],
                "dst_partner_id": target.id,
            }
        )
        wizard.action_merge()
        self.env.flush_all()
        self.env.invalidate_all()
        self.assertFalse(self.env["res.partner"].union(*sources).exists())

    def _traces(self, *customers):
        ids = [customer.id for customer in customers]
        domain = [("customer_id", "in", ids)]
        return self.history.search(domain).ids, self.events.search(domain).ids

    def _assert_counted(self, customer, orders, revenue, company=None):
        self._settle()
        row = self._row(customer, company)
        self.assertRecordValues(
            row, [{"total_orders": orders, "total_revenue": revenue}]
        )
        self.assertFalse(self._integrity(customer))

    def test_two_customers_become_one_with_all_orders_and_traces(self):
        target, source = self._customer_of(40, 5), self._customer_of(100)
        traces = self._traces(target, source)
        self._merge(target, source)
        history, events = self._traces(target)
        self.assertEqual(set(history), set(traces[0]))
        self.assertLessEqual(set(traces[1]), set(events))
        rows = self.history.browse(history).lifecycle_id
        self.assertEqual(rows, self._row(target))
        self._assert_counted(target, 3, 30)

    def test_three_customers_at_once(self):
        target = self._customer_of(5)
        self._merge(target, self._customer_of(10), self._customer_of(20, 21))
        self._assert_counted(target, 4, 40)

    def test_a_customer_into_a_contact_without_a_row(self):
        target, source = self._create_customer(), self._customer_of(10)
        traces = self._traces(source)
        self._merge(target, source)
        self.assertLessEqual(set(traces[1]), set(self._traces(target)[1]))
        self._assert_counted(target, 1, 10)

    def test_pending_events_of_both_are_still_handed_out(self):
        target, source = self._customer_of(5), self._customer_of(10)
        self._order(source, NOW - timedelta(days=1))
        self._merge(target, source)
        pending = self.events.search([("is_pending", "=", True)])
        self.assertEqual(pending.customer_id, target)
        self._assert_counted(target, 3, 30)

    def test_what_waits_for_a_consumer_goes_along(self):
        target, source = self._customer_of(5), self._customer_of(10)
        event = self.events.search([("customer_id", "=", source.id)], limit=1)
        self.retries._park(event, "test", "no such luck")
        self._merge(target, source)
        retry = self.retries.search([("event_id", "=", event.id)])
        self.assertEqual(retry.customer_id, target)

    def test_the_pin_of_either_survives(self):
        for pinned in (0, 1):
            with self.subTest(pinned):
                both = [self._customer_of(5), self._customer_of(10)]
                self._row(both[pinned]).update_stage("churned", "manual")
                self._merge(*both)
                self._settle()
                row = self._row(both[0])
                self.assertEqual(row.current_stage, "churned")
                self.assertEqual(row.stage_pinned_until, self._days_ago(-30))

    def test_two_pins_keep_the_targets(self):
        target, source = self._customer_of(5), self._customer_of(10)
        self._row(target).update_stage("at_risk", "manual")
        self._row(source).update_stage("churned", "manual")
        self._merge(target, source)
        self._settle()
        self.assertEqual(self._row(target).current_stage, "at_risk")

    def test_onboarding_and_snooze_survive(self):
        target, source = self._customer_of(5), self._customer_of(10)
        started = NOW - timedelta(days=3)
        self._row(source).write(
            {
                "onboarding_status": "in_progress",
                "onboarding_started_at": started,
                "onboarding_completion_rate": 40,
                "clv_segment": "vip",
            }
        )
        self._row(source)._mark_handled(9)
        self._merge(target, source)
        self.assertRecordValues(
            self._row(target),
            [
                {
                    "onboarding_status": "in_progress",
                    "onboarding_started_at": started,
                    "onboarding_completion_rate": 40,
                    "clv_segment": "vip",
                    "handled_until": self._days_ago(-9),
                    "handled_by_id": self.env.uid,
                }
            ],
        )

    def test_rows_of_several_companies_are_merged_company_by_company(self):
        second, third = self._create_company(), self._create_company("Asia/Dhaka")
        target, source = self._customer_of(5), self._customer_of(10)
        for customer, company in ((target, second), (source, second), (source, third)):
            self._order(customer, NOW, company=company)
        self._settle()
        self._merge(target, source)
        self._assert_counted(target, 2, 20)
        self._assert_counted(target, 2, 20, second)
        self._assert_counted(target, 1, 10, third)
        self.assertEqual(len(self._rows(target)), 3)

    def test_a_contact_of_one_company_into_a_contact_of_another(self):
        companies = [self._create_customer(is_company=True) for _n in range(2)]
        contacts = [self._create_customer(parent_id=c.id) for c in companies]
        for contact in contacts:
            self._order(contact, NOW)
        self._settle()
        self._merge(contacts[1], contacts[0])
        self._assert_counted(companies[1], 2, 20)
        self._assert_counted(companies[0], 0, 0)

    def test_a_customer_into_a_contact_counts_for_its_company(self):
        company = self._create_customer(is_company=True)
        contact = self._create_customer(parent_id=company.id)
        source = self._customer_of(10)
        traces = self._traces(source)
        self._merge(contact, source)
        self.assertLessEqual(set(traces[1]), set(self._traces(company)[1]))
        self.assertFalse(self._row(contact))
        self._assert_counted(company, 1, 10)

    def test_a_company_with_contacts_brings_their_orders(self):
        companies = [self._create_customer(is_company=True) for _n in range(2)]
        for company in companies:
            self._order(self._create_customer(parent_id=company.id), NOW)
        self._settle()
        self._merge(*companies)
        self._assert_counted(companies[0], 2, 20)

    def test_parent_with_child_cannot_be_merged_and_nothing_is_lost(self):
        company = self._create_customer(is_company=True)
        contact = self._create_customer(parent_id=company.id)
        self._order(contact, NOW)
        self._settle()
        with self.assertRaises(UserError):
            self._merge(company, contact)
        self._assert_counted(company, 1, 10)

    def test_who_joins_a_company_brings_orders_and_traces(self):
        person, company = self._customer_of(10), self._create_customer(is_company=True)
        self._order(company, NOW)
        self._settle()
        traces = self._traces(person)
        person.parent_id = company
        self.assertFalse(self._row(person))
        self.assertLessEqual(set(traces[0]), set(self._traces(company)[0]))
        self._assert_counted(company, 2, 20)

    def test_who_leaves_a_company_takes_the_orders_along(self):
        company = self._create_customer(is_company=True)
        contact = self._create_customer(parent_id=company.id)
        self._order(contact, NOW)
        self._order(company, NOW)
        self._settle()
        contact.parent_id = False
        self._assert_counted(contact, 1, 10)
        self._assert_counted(company, 1, 10)

    def test_a_contact_who_becomes_a_company_and_back(self):
        company = self._create_customer(is_company=True)
        contact = self._create_customer(parent_id=company.id)
        self._order(contact, NOW)
        self._settle()
        contact.is_company = True
        self._assert_counted(contact, 1, 10)
        self._assert_counted(company, 0, 0)
        contact.is_company = False
        self._assert_counted(company, 1, 10)
        self.assertFalse(self._row(contact))

    def test_contacts_below_a_moving_person_move_along(self):
        person, company = (
            self._create_customer(),
            self._create_customer(is_company=True),
        )
        self._order(self._create_customer(parent_id=person.id), NOW)
        self._settle()
        self._assert_counted(person, 1, 10)
        person.parent_id = company
        self._assert_counted(company, 1, 10)

    def test_a_contact_created_with_a_parent_later_changed_touches_three(self):
        first, second = (self._create_customer(is_company=True) for _n in range(2))
        contact = self._create_customer(parent_id=first.id)
        self._order(contact, NOW)
        self._settle()
        contact.parent_id = second
        self._assert_counted(second, 1, 10)
        self._assert_counted(first, 0, 0)

    def test_contacts_of_a_merged_customer_count_for_the_company_they_come_to(self):
        """Standard's SQL makes the contact merged into the customer of its contacts."""
        company = self._create_customer(is_company=True)
        contact = self._create_customer(parent_id=company.id)
        source = self._create_customer()
        below = self._create_customer(parent_id=source.id)
        self._order(below, NOW)
        self._settle()
        self._merge(contact, source)
        self.assertEqual(below.commercial_partner_id, company)
        self._order(below, NOW)
        self._assert_counted(company, 2, 20)
        self.assertFalse(self._row(contact))

    def test_contacts_below_a_merged_contact_leave_its_company(self):
        companies = [self._create_customer(is_company=True) for _n in range(2)]
        source = self._create_customer(parent_id=companies[0].id)
        self._order(self._create_customer(parent_id=source.id), NOW)
        self._settle()
        self._merge(companies[1], source)
        self._assert_counted(companies[1], 1, 10)
        self._assert_counted(companies[0], 0, 0)

    def test_a_contact_that_has_a_row_by_mistake_is_merged_all_the_same(self):
        company = self._create_customer(is_company=True)
        contact = self._create_customer(parent_id=company.id)
        target = self._customer_of(5)
        self.lifecycle._insert_missing([(contact.id, self.env.company.id)])
        self._merge(target, contact)
        self._assert_counted(company, 1, 10)
