import os
import random
from datetime import timedelta

from odoo import Command
from odoo.tests import freeze_time, tagged

from .common import NOW, LifecycleCommon

FULL = os.environ.get("LIFECYCLE_FULL") == "1"
OPERATIONS = 10_000 if FULL else 1_500
CUSTOMERS = 200
SEED = 20400615
# (operation, how often)
WEIGHTS = {
    "confirm": 30,
    "cancel": 16,
    "change_amount": 14,
    "change_date": 12,
    "change_partner": 8,
    "change_company": 4,
    "reparent": 6,
    "turn_company": 2,
    "archive": 3,
    "pin": 2,
    "merge": 2,
    "new_customer": 1,
}


@tagged("post_install", "-at_install")
class TestIntegrityRandom(LifecycleCommon):
    """Whatever is done to orders and customers, the facts follow."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.random = random.Random(SEED)
        cls.companies = [cls.env.company, cls._create_company("Asia/Dhaka")]
        cls.partners = [cls._create_customer() for _n in range(CUSTOMERS)]
        cls.orders = [cls._new_order() for _n in range(2 * CUSTOMERS)]

    @classmethod
    def _new_order(cls):
        partner = cls.random.choice(cls.partners)
        company = cls.random.choice(cls.companies)
        return cls._create_order(partner, cls._moment(), cls._amount(), company)

    @classmethod
    def _moment(cls):
        return NOW - timedelta(minutes=cls.random.randint(-20_000, 300_000))

    @classmethod
    def _amount(cls):
        return cls.random.randint(0, 100_000) / 100

    def _pick(self, *states):
        orders = self.random.sample(self.orders, 20)
        return next((order for order in orders if order.state in states), None)

    # ------------------------------------------------------------------ operations
    def _confirm(self):
        order = self._pick("draft", "cancel")
        if order is None:
            order = self._new_order()
            self.orders.append(order)
        if order.state == "cancel":
            order.action_draft()
        moment = order.date_order
        order.action_confirm()
        order.date_order = moment

    def _cancel(self):
        if order := self._pick("sale"):
            order._action_cancel()

    def _change_amount(self):
        if order := self._pick("sale", "draft"):
            order.order_line.price_unit = self._amount()

    def _change_date(self):
        if order := self._pick("sale", "draft"):
            order.date_order = self._moment()

    def _change_partner(self):
        if order := self._pick("sale", "draft"):
            order.partner_id = self.random.choice(self.partners)

    def _change_company(self):
        """As an import or a script would: Odoo's own form does not let one."""
        if order := self._pick("sale"):
            company = self.random.choice(self.companies)
            order.flush_recordset()
            order._write_multi([{"company_id": company.id}])
            order.invalidate_recordset()

    def _reparent(self):
        child, parent = self.random.sample(self.partners, 2)
        if child.child_ids or parent.parent_id:
            return
        child.parent_id = self.random.choice([parent, False])

    def _turn_company(self):
        partner = self.random.choice(self.partners)
        partner.is_company = not partner.is_company

    def _archive(self):
        partner = self.random.choice(self.partners)
        partner.active = not partner.active

    def _pin(self):
        rows = self._rows(self.random.choice(self.partners))
        if rows:
            stages = ("churned", "active", "engaged")
            rows[0].update_stage(self.random.choice(stages), "manual")

    def _merge(self):
        target, *sources = self.random.sample(self.partners, self.random.choice((2, 3)))
        chosen = target.union(*sources)
        if chosen & (chosen.child_ids | chosen.parent_id):
            return
        wizard = self.env["base.partner.merge.automatic.wizard"].create(
            {
                "state": "selection",
                "partner_ids": [Command.set(chosen.ids)],
                "dst_partner_id": target.id,
            }
        )
        wizard.action_merge()
        self.env.invalidate_all()
        self.partners[:] = [p for p in self.partners if p not in sources]
        self.partners += [self._create_customer() for _source in sources]

    def _new_customer(self):
        self.partners.append(self._create_customer(customer_rank=1))

    # ------------------------------------------------------------------------ tests
    def test_facts_equal_orders_after_thousands_of_operations(self):
        names = self.random.choices(list(WEIGHTS), list(WEIGHTS.values()), k=OPERATIONS)
        for number, name in enumerate(names, 1):
            getattr(self, f"_{name}")()
            if self.random.random() < 0.3:
                self.env.flush_all()
            if number % 500 == 0:
                self._settle_all()
        self._assert_sound(NOW)
        later = NOW + timedelta(days=9)  # some future orders count by then
        with freeze_time(later):
            self._assert_sound(later)

    def _settle_all(self, now=NOW):
        # One transaction stands for thousands: nobody else measures its tables.
        self.env.flush_all()
        self.env.cr.execute("ANALYZE sale_order, res_partner, customer_lifecycle")
        self._settle(now)

    def _assert_sound(self, now):
        self._settle_all(now)
        self.assertEqual(self.engine.check_integrity(), [])
        self.assertEqual(self.engine.evaluate_all_customers(now), 0)
        self.assertFalse(self.retries.search([]))
        self.env.cr.execute(
            """
            SELECT count(*), count(*) FILTER (WHERE h.customer_id <> l.customer_id
                                                OR h.company_id <> l.company_id)
              FROM lifecycle_stage_history h
              JOIN customer_lifecycle l ON l.id = h.lifecycle_id
            """
        )
        moves, strayed = self.env.cr.fetchone()
        self.assertGreater(moves, CUSTOMERS)
        self.assertFalse(strayed)
