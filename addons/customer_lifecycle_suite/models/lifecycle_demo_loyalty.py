from odoo import api, models

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
# Of a hundred days, on how many a member redeems, or invites a friend.
REDEEMING, INVITING = 30, 12
# How many days before the end a member buys more than a day may earn.
TOO_MUCH = 5
CLUB = "dairy_club"
# Behind all other names of the demo.
FIRST_FRIEND = 20_000


class LifecycleDemoLoyalty(models.AbstractModel):
    """A club that opens on the first day and thanks for what was bought before: points
    are those of the orders; redemptions and invitations are generated, always alike.
    """

    _inherit = "lifecycle.demo"

    @api.model
    def _tell_loyalty(self, open_history, bar):
        """Open the club, and credit what was bought before."""
        program = self._open_club()
        backfill = self.env["loyalty.backfill"].create({"program_id": program.id})
        backfill.action_start()
        while backfill._work(self._now()):
            bar.show(backfill.progress / 100)

    @api.model
    def _shop(self, day, purchases):
        result = super()._shop(day, purchases)
        self._enjoy_the_club(day)
        return result

    @api.model
    def _enjoy_the_club(self, day):
        """Members redeem and invite friends; near the end one buys too much."""
        program = self.env["loyalty.program"].search(
            [("code", "=", CLUB), ("company_id", "=", self.env.company.id)]
        )
        if not program:
            return
        dice = self._random("club", day)
        self._let_friends_order(program, day)
        if dice.randrange(100) < REDEEMING:
            self._redeem_points(program, dice)
        if dice.randrange(100) < INVITING:
            self._invite_a_friend(program, day, dice)
        if (self._today() - day).days == TOO_MUCH:
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
                "code": CLUB,
                "company_id": self.env.company.id,
                "earning_rules": rules,
                "redemption_rules": REWARDS,
                "daily_earning_cap": DAILY_CAP,
            }
        )

    @api.model
    def _redeem_points(self, program, dice):
        """A member turns points into a code; every second one uses it at once."""
        accounts = self.env["customer.loyalty"].search(
            [("program_id", "=", program.id), ("points_balance", ">=", 1000)],
            order="id",
        )
        if not accounts:
            return
        account = dice.choice(accounts)
        rewards = program.reward_ids.sorted("required_points", reverse=True)
        reward = rewards.filtered(
            lambda r: r.required_points <= account.points_balance
        )[:1]
        code = account._redeem_reward(reward)["code"]
        if dice.random() < 0.5:
            self._pay_with(account.customer_id, code, dice.randint(60, 100))

    @api.model
    def _invite_a_friend(self, program, day, dice):
        """A friend of a member signs up; some order on a later day."""
        advocates = self.env["customer.loyalty"].search(
            [("program_id", "=", program.id), ("points_lifetime", ">=", 1000)],
            order="id",
        )
        if not advocates:
            return
        advocate = dice.choice(advocates)
        number = (self._today() - day).days
        name, email = person(FIRST_FRIEND + number)
        friend = self.env["res.partner"].create(
            {"name": name, "email": email, "ref": f"F{number:05}", "customer_rank": 1}
        )
        self.env["loyalty.referral"]._attribute(
            Invitation(advocate.referral_code, self._now()), friend, self._now()
        )

    @api.model
    def _let_friends_order(self, program, day):
        """A week later two of three order; of these, two of three pay."""
        number = (self._today() - day).days + 7
        friend = self.env["res.partner"].search([("ref", "=", f"F{number:05}")])
        if friend and number % 3:
            order = self._orders([(friend, 40 + number % 70)])
            if number % 9 in (1, 2, 4, 5):
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
        wizard.create({"payment_date": self._now().date()}).action_create_payments()

    @api.model
    def _buy_too_much(self, program):
        """An order above the daily limit, for somebody to look at."""
        best = self.env["customer.loyalty"].search(
            [("program_id", "=", program.id)], order="points_lifetime desc, id", limit=1
        )
        self._orders([(best.customer_id, DAILY_CAP / POINTS + 50)])
