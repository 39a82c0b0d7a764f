from hashlib import sha256

from odoo import Command, fields, models

from odoo.addons.customer_lifecycle.tools.json_view import whole

from ..const import APART, TIERS

# Context of a program that is taken out of the archive with its rewards.
COMES_BACK = "loyalty_program_comes_back"


class LoyaltyReward(models.Model):
    _name = "loyalty.reward"
    _inherit = ["loyalty.checked.mixin", "loyalty.reward"]

    min_tier = fields.Selection(
        TIERS, "From tier", help="Empty: for every member of the program."
    )
    code_program_id = fields.Many2one(
        "loyalty.program",
        readonly=True,
        copy=False,
        help="Carries the codes that this reward is redeemed into.",
        prefetch=APART,
    )

    code_terms = fields.Char(readonly=True, copy=False, prefetch=APART)

    is_dropped = fields.Boolean(
        readonly=True,
        copy=False,
        help="Was taken out of the program's JSON, and only stands for past orders.",
        prefetch=APART,
    )
    redemption_count = fields.Integer(
        "Codes redeemed", compute="_compute_redemption_count"
    )

    def _compute_redemption_count(self):
        counts = dict(
            self.env["loyalty.transaction"]
            .sudo()
            ._read_group(
                [
                    ("source_type", "=", self._name),
                    ("source_id", "in", self.ids),
                    ("redemption_code", "!=", False),
                    ("points", "<", 0),
                ],
                ["source_id"],
                ["__count"],
            )
        )
        for reward in self:
            reward.redemption_count = counts.get(reward.id, 0)

    def write(self, vals):
        """Whoever may change rewards may, with them, what stands for them on orders.

        A program that comes back from the archive leaves dropped rewards there.
        """
        rewards = self
        if vals.get("active") and self.env.context.get(COMES_BACK):
            rewards = self.filtered(lambda reward: not reward.is_dropped)
        elif vals.get("active"):
            vals = {**vals, "is_dropped": False}
        if {"description", "active"} & set(vals) and not self._may_write_products():
            self.check_access("write")
            return super(LoyaltyReward, rewards.sudo()).write(vals)
        return super(LoyaltyReward, rewards).write(vals)

    def _may_write_products(self):
        return self.env["product.product"].has_access("write")

    def _create_missing_discount_line_products(self):
        rewards = self if self._may_write_products() else self.sudo()
        return super(LoyaltyReward, rewards)._create_missing_discount_line_products()

    def _is_for(self, tier):
        """Whether a member of a tier may have the reward."""
        rank = [code for code, _label in TIERS]
        return not self.min_tier or rank.index(tier) >= rank.index(self.min_tier)

    def _refusal_for(self, card):
        """Say why a card may not pay for the reward; nothing when it may.

        Programs without accounts are left as they are.

        :param card: ``loyalty.card``
        """
        program = self.program_id.sudo()
        if not program.accounts_since or card.program_id != self.program_id:
            return ""
        if not program._earns():
            return self.env._("%s cannot be claimed now.", self.description)
        if not self.min_tier:
            return ""
        tier = card.sudo().account_ids.current_tier or program._first_tier(program.id)
        if not self._is_for(tier):
            return self.env._("%s is for members of higher tiers.", self.description)
        return ""

    def _as_redemption(self):
        """Return the entry of ``redemption_rules``; nothing for other rewards."""
        self.ensure_one()
        if not self.active:
            return None
        points = whole(self.required_points)
        if self.reward_type == "product":
            return {"points": points, "reward_id": self.id, "type": "product"}
        plain = (self.reward_type, self.discount_mode, self.discount_applicability)
        if plain == ("discount", "per_order", "order"):
            return {"points": points, "value": whole(self.discount), "type": "discount"}
        return None

    # ------------------------------------------------------------------------ worth
    def _is_percent(self):
        return self.reward_type == "discount" and self.discount_mode == "percent"

    def _point_worth(self, average, moment):
        """Return what the reward gives for a point, in the program's currency.

        :param float average: what an order comes to, in that currency
        :param datetime moment: naive UTC, of the rates
        """
        self.ensure_one()
        if self.reward_type == "product":
            return self._product_worth(moment) / self.required_points
        if self.reward_type != "discount":
            return 0.0
        if self.discount_mode == "per_point":
            return self.discount
        worth = self.discount
        if self._is_percent():
            worth = average * self.discount / 100
            if self.discount_max_amount:
                worth = min(worth, self.discount_max_amount)
        return worth / self.required_points

    def _product_worth(self, moment):
        """Return the sales price of the products that one redemption gives; of several
        to choose from, that of the dearest.
        """
        program = self.program_id
        company = program.company_id or self.env.company
        prices = [
            product.currency_id._convert(
                product.lst_price,
                program.currency_id,
                company,
                moment.date(),
                round=False,
            )
            for product in self.reward_product_ids.with_company(company)
        ]
        return max(prices, default=0.0) * self.reward_product_qty

    # ------------------------------------------------------------------------ codes
    def _code_program(self):
        """Return the standard program of one-time codes that pay this reward.

        Terms that change make a new one: codes that are out keep what they promised.
        """
        self.ensure_one()
        values = self._code_values()
        terms = repr((self.currency_id.id, sorted(values.items())))
        terms = sha256(terms.encode()).hexdigest()
        if not self.code_program_id or self.code_terms != terms:
            self.code_program_id = self._create_code_program(values)
            self.code_terms = terms
        return self.code_program_id

    def _code_worth(self):
        """Return what a code takes off an order, in the program's currency; 0 where
        that depends on the order.
        """
        if self.reward_type != "discount" or self.discount_mode == "percent":
            return 0
        points = self.required_points if self.discount_mode == "per_point" else 1
        return self.discount * points

    def _code_values(self):
        """Return the reward of a code: all that the points of one redemption buy."""
        values = self.copy_data(
            {"required_points": 1, "min_tier": False, "clear_wallet": False}
        )[0]
        values.pop("program_id", None)
        if self.reward_type == "discount" and self.discount_mode == "per_point":
            values |= {"discount_mode": "per_order", "discount": self._code_worth()}
        return values

    def _create_code_program(self, values):
        return self.env["loyalty.program"].create(
            {
                "name": f"{self.program_id.name}: {self.description}",
                "company_id": self.program_id.company_id.id,
                "currency_id": self.program_id.currency_id.id,
                "program_type": "coupons",
                "applies_on": "current",
                "trigger": "with_code",
                "is_personal": True,
                "portal_visible": False,
                "rule_ids": [Command.clear()],
                "reward_ids": [Command.clear(), Command.create(values)],
                "communication_plan_ids": [Command.clear()],
            }
        )
