from datetime import datetime, timedelta
from itertools import count

from odoo import Command, fields
from odoo.tests import freeze_time, new_test_user

from odoo.addons.base.tests.common import BaseCommon

# Far enough ahead that whatever the database really dates is past.
NOW = datetime(2040, 6, 15, 12)


@freeze_time(NOW)
class LifecycleCommon(BaseCommon):
    """A shop whose clock the tests set; nobody but their own customers in sight."""

    numbers = count(1)

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env.company.partner_id.tz = "UTC"
        cls.engine = cls.env["lifecycle.engine"]
        cls.lifecycle = cls.env["customer.lifecycle"]
        cls.events = cls.env["lifecycle.event"]
        cls.history = cls.env["lifecycle.stage.history"]
        cls.retries = cls.env["lifecycle.event.retry"]
        cls.policy = cls.env["lifecycle.policy"]._ensure(cls.env.company)
        cls.product = cls.env["product.product"].create(
            {"name": "Milk", "type": "service", "list_price": 10.0, "taxes_id": False}
        )

    # ------------------------------------------------------------------- factories
    @classmethod
    def _create_customer(cls, **values):
        name = f"Customer {next(cls.numbers)}"
        return cls.env["res.partner"].create({"name": name, **values})

    @classmethod
    def _create_company(cls, tz="UTC", currency=None):
        values = {"name": f"Company {next(cls.numbers)}"}
        if currency:
            values["currency_id"] = currency.id
        company = cls.env["res.company"].create(values)
        company.partner_id.tz = tz
        cls.env.user.company_ids += company
        return company

    @classmethod
    def _user_of(cls, company, login, groups, **values):
        """A user of one company alone."""
        return new_test_user(
            cls.env,
            login,
            groups,
            company_id=company.id,
            company_ids=[Command.set(company.ids)],
            **values,
        )

    @classmethod
    def _merge_partners(cls, source, target):
        """The source turns out to be the target."""
        wizard = cls.env["base.partner.merge.automatic.wizard"].create({})
        wizard._merge((source | target).ids, target)
        cls.env.invalidate_all()

    @classmethod
    def _create_order(cls, partner, date=None, amount=10.0, company=None, **values):
        """A quotation of ``amount``; ``date`` is kept when it is confirmed."""
        company = company or cls.env.company
        line = {"product_id": cls.product.id, "price_unit": amount}
        line |= {"product_uom_qty": 1, "tax_ids": False}
        values = {
            "partner_id": partner.id,
            "company_id": company.id,
            "order_line": [Command.create(line)],
            **values,
        }
        if date:
            values["date_order"] = date
        return cls.env["sale.order"].with_company(company).create(values)

    @classmethod
    def _order(cls, partner, date=None, amount=10.0, company=None, **values):
        """A confirmed order."""
        order = cls._create_order(partner, date, amount, company, **values)
        order.action_confirm()
        if date:
            order.date_order = date
        cls.env.flush_all()
        return order

    @classmethod
    def _customer_of(cls, *days, now=NOW, amount=10.0, **values):
        """A customer who ordered so many days before ``now``, counted and evaluated."""
        customer = cls._create_customer(**values)
        for day in days:
            cls._order(customer, now - timedelta(days=day), amount)
        cls._signed_up(customer, now - timedelta(days=max(days, default=0) + 400))
        cls._settle(now)
        return customer

    @classmethod
    def _signed_up(cls, partner, moment):
        cls.env.flush_all()
        cls.env.cr.execute(
            "UPDATE res_partner SET create_date = %s WHERE id = %s",
            [moment, partner.id],
        )
        partner.invalidate_recordset(["create_date"])

    # ------------------------------------------------------------------------ jobs
    @classmethod
    def _dispatch(cls):
        cls.env.flush_all()
        while pending := cls.events.search([("is_pending", "=", True)], order="id"):
            cls.retries._dispatch(pending)
        # The key of a change names its transaction; a test is but one.
        cls.env.cr.execute(
            "UPDATE lifecycle_event SET event_key = event_key || ':' || id"
            " WHERE event_type = 'order_changed'"
            " AND event_key NOT LIKE '%%:%%:%%:%%:%%'"
        )

    @classmethod
    def _settle(cls, now=NOW):
        """What the crons do: hand out the events, evaluate who is due."""
        for _round in range(2):  # what the first one finds out is news, too
            cls._dispatch()
            while cls.engine._evaluate_due(now, 10_000):
                pass

    @classmethod
    def _row(cls, customer, company=None):
        rows = cls.lifecycle.sudo().with_context(active_test=False)
        return rows.search(
            [
                ("customer_id", "=", customer.id),
                ("company_id", "=", (company or cls.env.company).id),
            ]
        )

    @classmethod
    def _rows(cls, customers):
        return cls.lifecycle.sudo().search([("customer_id", "in", customers.ids)])

    @classmethod
    def _types(cls, customer, *wanted):
        """Types of a customer's events, in the order of their being recorded."""
        cls.env.flush_all()
        found = cls.events.search([("customer_id", "=", customer.id)], order="id")
        types = found.mapped("event_type")
        return [t for t in types if not wanted or t in wanted]

    @classmethod
    def _moves(cls, customer):
        found = cls.history.search([("customer_id", "=", customer.id)], order="id")
        return found.mapped(lambda h: (h.from_stage, h.to_stage))

    def _integrity(self, customers):
        """Differences between facts and orders of these customers."""
        found = self.engine.check_integrity()
        return [row for row in found if row["customer_id"] in customers.ids]

    @classmethod
    def _days_ago(cls, days, now=NOW):
        return fields.Date.to_date(now) - timedelta(days=days)
