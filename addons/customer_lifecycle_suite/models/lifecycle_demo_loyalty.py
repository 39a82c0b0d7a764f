from datetime import timedelta

from odoo import Command, api, fields, models

from odoo.addons.loyalty_program.models.loyalty_program_templates import TEMPLATE
from odoo.addons.loyalty_program.tools.invitation import Invitation

from ..tools.demo_names import person

# How many points a taka earns: small baskets, and tiers that regulars reach.
POINTS = 10
REWARDS = [
    {"points": 1000, "value": 5, "type": "discount"},
    {"points": 2500, "value": 15, "type": "discount"},
    {"points": 5000, "value": 35, "type": "discount"},
]
# What a single day may earn; the largest order of the story is above it.
DAILY_CAP = 4000
# Members who turned points into a code; every second paid with it.
REDEEMED = 24
# Friends who were invited, how many of them ordered, and of those paid.
INVITED, ORDERED, PAID = 9, 6, 4
# Behind all other names of the demo.
FIRST_FRIEND = 20_000


class LifecycleDemoLoyalty(models.AbstractModel):
    """A club that opens today and thanks for what was bought before: points are those
    of the history; redemptions and invitations are generated, always alike.
    """

    _inherit = "lifecycle.demo"

    @api.model
    def _tell_loyalty(self, open_history, bar):
        """Open the club, credit the past, and let its members live a little."""
        now = fields.Datetime.now()
        program = self._open_club()
        backfill = self.env["loyalty.backfill"].create({"program_id": program.id})
        backfill.action_start()
        while backfill._work(now):
            bar.show(0.8 * backfill.progress / 100)
        self._redeem_points(program)
        self._invite_friends(program, now)
        self._buy_too_much(program)

    @api.model
    def _open_club(self):
        programs = self.env["loyalty.program"]
        template = programs._get_template_values()[TEMPLATE]
        rules = [
            {**rule, "points_per_unit": POINTS} if rule["type"] == "purchase" else rule
            for rule in template["earning_rules"]
        ]
        return programs.create(
            {
                **template,
                "name": "Dairy Club",
                "code": "dairy_club",
                "company_id": self.env.company.id,
                "earning_rules": rules,
                "redemption_rules": REWARDS,
                "daily_earning_cap": DAILY_CAP,
            }
        )

    @api.model
    def _redeem_points(self, program):
        """Some members turn points into a code, and some of them use it."""
        accounts = self.env["customer.loyalty"].search(
            [("program_id", "=", program.id), ("points_balance", ">=", 1000)],
            order="points_lifetime desc, id",
        )[: REDEEMED * 5 : 5]
        for number, account in enumerate(accounts):
            rewards = program.reward_ids.sorted("required_points", reverse=True)
            reward = rewards.filtered(
                lambda r, a=account: r.required_points <= a.points_balance
            )[:1]
            code = account._redeem_reward(reward)["code"]
            if number % 2:
                self._pay_with(account.customer_id, code, 60 + number)

    @api.model
    def _pay_with(self, customer, code, amount):
        order = self._demo_order(customer, amount)
        for coupon, rewards in order._try_apply_code(code).items():
            order._apply_program_reward(rewards[:1], coupon)
        order.action_confirm()

    @api.model
    def _demo_order(self, customer, amount):
        product = self.env["sale.order.line"].search([], limit=1, order="id").product_id
        line = {"product_id": product.id, "price_unit": amount, "tax_ids": False}
        orders = self.env["sale.order"].with_context(tracking_disable=True)
        return orders.create(
            {"partner_id": customer.id, "order_line": [Command.create(line)]}
        )

    @api.model
    def _invite_friends(self, program, now):
        """Friends who signed up, who ordered, and whose payment rewarded both."""
        advocates = self.env["customer.loyalty"].search(
            [("program_id", "=", program.id), ("current_tier", "=", "gold")],
            order="id",
            limit=INVITED,
        )
        for number, advocate in enumerate(advocates):
            name, email = person(FIRST_FRIEND + number)
            friend = self.env["res.partner"].create({"name": name, "email": email})
            self.env["loyalty.referral"]._attribute(
                Invitation(advocate.referral_code, now - timedelta(days=number)),
                friend,
                now,
            )
            if number < ORDERED:
                order = self._demo_order(friend, 40 + 7 * number)
                order.action_confirm()
                if number < PAID:
                    self._let_pay(order)

    @api.model
    def _let_pay(self, order):
        """The friend pays: from then on the invitation is worth its points."""
        order.order_line.qty_delivered = 1
        invoice = order._create_invoices()
        invoice.action_post()
        wizard = self.env["account.payment.register"].with_context(
            active_model="account.move", active_ids=invoice.ids
        )
        wizard.create({"payment_date": self._today()}).action_create_payments()

    @api.model
    def _buy_too_much(self, program):
        """An order above the daily limit, for somebody to look at."""
        best = self.env["customer.loyalty"].search(
            [("program_id", "=", program.id)], order="points_lifetime desc, id", limit=1
        )
        self._demo_order(best.customer_id, DAILY_CAP / POINTS + 50).action_confirm()
