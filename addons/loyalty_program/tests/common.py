from odoo import Command
from odoo.tests import freeze_time, new_test_user

from odoo.addons.customer_lifecycle.tests.common import NOW, LifecycleCommon

RULES = [{"type": "purchase", "points_per_unit": 1, "unit": "currency"}]
REWARDS = [{"points": 100, "value": 10, "type": "discount"}]


class LoyaltyCommon(LifecycleCommon):
    """A shop with a program that keeps accounts."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env.user.group_ids += cls.env.ref(
            "customer_lifecycle.group_lifecycle_manager"
        )
        cls.accounts = cls.env["customer.loyalty"]
        cls.transactions = cls.env["loyalty.transaction"]
        cls.service = cls.env["loyalty.service"]
        cls.ledger = cls.env["loyalty.ledger"]
        cls.shop = cls.env.company
        cls.env["loyalty.program"].search([]).action_archive()
        cls.program = cls._program()

    @classmethod
    def _program(cls, **values):
        number = next(cls.numbers)
        return cls.env["loyalty.program"].create(
            {
                "name": f"Program {number}",
                "code": f"program_{number}",
                "program_type": "loyalty",
                "company_id": cls.shop.id,
                "is_active": True,
                "earning_rules": RULES,
                "redemption_rules": REWARDS,
                **values,
            }
        )

    @classmethod
    def _member(cls, points=0, program=None, **values):
        """A customer with an account, and points on it."""
        program = program or cls.program
        customer = cls._create_customer(**values)
        account = cls.accounts.sudo()._enroll(program, customer, NOW)
        if points:
            account.earn_points(points, "test")
        return account

    @classmethod
    def _buy(cls, account, amount=100.0, **values):
        """A confirmed order of a member, or of any contact."""
        customer = values.pop("partner", None) or account.customer_id
        order = cls._create_order(customer, None, amount, **values)
        order.action_confirm()
        return order

    @classmethod
    def _claim(cls, order, account, reward=None):
        """Put a reward onto an order, as the button does."""
        order._update_programs_and_rewards()
        reward = reward or account.program_id.reward_ids[:1]
        return order._apply_program_reward(reward, account.card_id)

    @classmethod
    def _refund_apart(cls, invoice, amount):
        """A posted credit note over an invoice, with a line of its own."""
        refund = invoice._reverse_moves([{"date": invoice.date}])
        line = {"name": "Spilt milk", "price_unit": amount, "tax_ids": False}
        refund.invoice_line_ids = [Command.clear(), Command.create(line)]
        refund.action_post()
        return refund

    @classmethod
    def _user(cls, login, group, company=None):
        company = company or cls.shop
        return new_test_user(
            cls.env, login, group, company_id=company.id, company_ids=company.ids
        )

    @classmethod
    def _rows_of(cls, account):
        """[(type, points)] of an account, the first first."""
        cls.env.flush_all()
        found = cls.transactions.search([("loyalty_id", "=", account.id)], order="id")
        return found.mapped(lambda row: (row.transaction_type, row.points))

    def _assert_sound(self, *accounts):
        """Everything that an auditor compares."""
        self.env.invalidate_all()
        found = self.env["loyalty.audit"]._differences(
            self.accounts.union(*accounts) if accounts else None
        )
        self.assertFalse(found)


__all__ = ["NOW", "Command", "LoyaltyCommon", "freeze_time"]
