from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from odoo.addons.customer_lifecycle.tools.bounds import check_range
from odoo.addons.customer_lifecycle.tools.clock import Clock

from ..const import APART, SHORTFALLS, TIER_BASES
from ..tools.source import TOGETHER
from .loyalty_program_templates import TEMPLATE
from .loyalty_reward import COMES_BACK

# What accounts rest on, and what their points are worth.
FROZEN = {"program_type", "applies_on", "company_id", "currency_id"}
CACHED = {"is_active", "tier_basis"}
MAX_MONTHS = 1200
MAX_DAYS = 3650


class LoyaltyProgram(models.Model):
    """A program may keep accounts: from then on a ledger explains each of its points.

    Programs that were there before stay as they are until a manager turns that on.
    """

    _name = "loyalty.program"
    _inherit = [
        "loyalty.checked.mixin",
        "loyalty.program",
        "loyalty.program.views",
        "loyalty.program.opening",
        "loyalty.program.limits",
        "loyalty.program.templates",
        "loyalty.program.referral",
        "loyalty.program.levels",
        "loyalty.program.terms",
        "loyalty.program.value",
    ]

    code = fields.Char(
        copy=False, help="What other systems call it; unique.", prefetch=APART
    )
    description = fields.Text(translate=True, prefetch=APART)
    is_active = fields.Boolean(
        "Accounts",
        copy=False,
        help="Customers have accounts with a ledger and tiers. Switched off, nothing "
        "is earned or redeemed any more; what happens to cards is still written down.",
    )
    accounts_since = fields.Datetime(readonly=True, copy=False)
    points_expiry_months = fields.Integer(
        "Points expire after (months)", default=12, help="0: never."
    )
    pending_days = fields.Integer(
        "Spendable after (days)", help="0: as soon as the order is confirmed."
    )
    tier_ids = fields.One2many("loyalty.tier", "program_id", "Tiers", copy=True)
    earning_rule_ids = fields.One2many(
        "loyalty.earning.rule", "program_id", "Further earning rules", copy=True
    )
    # Neither is required in the database: tests of standard create programs before this
    # addon is loaded. Without a word both are as by default.
    tier_basis = fields.Selection(
        TIER_BASES, "Tiers by", default="lifetime", prefetch=APART
    )
    tier_window_months = fields.Integer("Months that count", default=12, prefetch=APART)
    tier_grace_days = fields.Integer(
        "Grace (days)",
        default=30,
        help="How long a tier is kept after its points have become too few.",
        prefetch=APART,
    )
    shortfall = fields.Selection(
        SHORTFALLS,
        "Earned points that were spent",
        default="debt",
        help="When an order is cancelled whose points have been spent already.",
        prefetch=APART,
    )
    code_validity_days = fields.Integer(
        "Codes are valid for (days)",
        default=30,
        help="Of rewards that are redeemed into a code; unused, the points come back.",
        prefetch=APART,
    )
    is_open = fields.Boolean(
        "Join with the first order",
        default=True,
        help="Customers get an account with the first order that earns points.",
        prefetch=APART,
    )
    # For lifecycle managers, who do not see the cards of other programs.
    coupon_count = fields.Integer(compute_sudo=True)
    account_ids = fields.One2many("customer.loyalty", "program_id")
    member_count = fields.Integer("Members", compute="_compute_member_count")

    _code_uniq = models.UniqueIndex(
        "(code) WHERE code IS NOT NULL", "code: this one is another program's already."
    )

    def _compute_member_count(self):
        counts = dict(
            self.env["customer.loyalty"]._read_group(
                [("program_id", "in", self.ids)], ["program_id"], ["__count"]
            )
        )
        for program in self:
            program.member_count = counts.get(program, 0)

    @api.constrains(
        "points_expiry_months",
        "pending_days",
        "tier_window_months",
        "tier_grace_days",
        "code_validity_days",
    )
    def _check_ranges(self):
        for name, most in (
            ("points_expiry_months", MAX_MONTHS),
            ("pending_days", MAX_DAYS),
            ("tier_window_months", MAX_MONTHS),
            ("tier_grace_days", MAX_DAYS),
            ("code_validity_days", MAX_DAYS),
        ):
            for program in self:
                check_range(program, name, 0, most)

    @api.constrains("tier_basis", "tier_window_months")
    def _check_window(self):
        """A window that rolls has a length."""
        for program in self.filtered(lambda p: p.tier_basis == "rolling"):
            check_range(program, "tier_window_months", 1, MAX_MONTHS)

    @api.constrains("code")
    def _check_code(self):
        for program in self:
            if program.code is not False and not (program.code or "").strip():
                raise ValidationError(self.env._("code: must not be empty."))

    @api.constrains("reward_ids")
    def _constrains_reward_ids(self):
        """Points of programs with tiers may be good for nothing else."""
        kept = self.filtered(lambda p: p.is_active or p.tier_ids)
        return super(LoyaltyProgram, self - kept)._constrains_reward_ids()

    def write(self, vals):
        if not FROZEN.isdisjoint(vals):
            self._check_frozen(vals)
        programs = self._with_rewards() if "active" in vals else self
        if "tier_ids" in vals:
            # One after the other, they may be out of order in between.
            programs = programs.with_context(loyalty_tiers=TOGETHER)
        result = super(LoyaltyProgram, programs).write(vals)
        if "tier_ids" in vals:
            self.tier_ids._check_order()
        if not CACHED.isdisjoint(vals):
            self.env.registry.clear_cache()
        if vals.get("is_active"):
            self._open_accounts()
        return result

    def _with_rewards(self):
        """Return the programs such that they go into the archive with their rewards and
        what stands for these on orders, and come back with those that were not dropped.
        """
        programs = self.with_context(**{COMES_BACK: True})
        if self.reward_ids._may_write_products():
            return programs
        self.check_access("write")
        return programs.sudo()

    @api.model_create_multi
    def create(self, vals_list):
        programs = super().create(vals_list)
        programs.filtered("is_active")._open_accounts()
        return programs

    def action_open_members(self):
        """Open the accounts of the program."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "loyalty_program.customer_loyalty_action"
        )
        return {**action, "domain": [("program_id", "=", self.id)]}

    def _check_frozen(self, vals):
        """What accounts rest on does not change under them."""
        for program in self.filtered("accounts_since"):
            for name in sorted(FROZEN.intersection(vals)):
                field = self._fields[name]
                now = field.convert_to_write(program[name], program)
                if (vals[name] or False) != (now or False):
                    program._refuse_change(name)

    def _refuse_change(self, name):
        """Raise UserError: a field stays as it is. The currency does as soon as points
        have moved, which were worth something in it.
        """
        moved = self.env["loyalty.transaction"].sudo()
        mine = [("program_id", "=", self.id)]
        is_currency = name in ("currency_id", "points_currency")
        if is_currency and not moved.search_count(mine, limit=1):
            return
        raise UserError(
            self.env._(
                "%(name)s: cannot be changed any more, %(program)s keeps accounts.",
                name=name,
                program=self.name,
            )
        )

    @api.model
    def get_program_templates(self):
        """Offer a program with tiers first of all."""
        found = super().get_program_templates()
        menu = self.env.context.get("menu_type")
        if menu == "gift_ewallet":
            return found
        entry = {
            "title": self.env._("Loyalty program with tiers"),
            "description": self.env._(
                "Points for orders, friends and birthdays; four tiers from bronze to "
                "platinum"
            ),
            "icon": "loyalty_cards_2",
        }
        if menu == "loyalty_accounts":
            found = {key: found[key] for key in ("loyalty", "fidelity")}
        return {TEMPLATE: entry, **found}

    @api.model
    def _get_template_values(self):
        return {**super()._get_template_values(), TEMPLATE: self._preset()}

    # ----------------------------------------------------------------------- points
    def _expiry(self, moment):
        """Return when points that are earned at a moment expire, or None.

        :param datetime moment: naive UTC
        """
        months = self.points_expiry_months
        return moment + relativedelta(months=months) if months else None

    def _earns(self):
        """Return those that are switched on. Of orders, standard asks only programs
        whose dates include the day of the order, or of its payment.
        """
        return self.filtered(lambda program: program.is_active and program.active)

    @api.model
    def _of_companies(self, companies):
        """Domain of the programs of companies, of those that they are branches of, and
        of those that all share.
        """
        return models.check_company_domain_parent_of(self, companies)

    def _runs(self):
        """Return those that are switched on, and whose dates include today. Once they
        have ended nobody joins, earns by other things than orders or redeems; points
        expire and are taken or given back all the same.
        """
        return self._earns().filtered(lambda program: program._is_within_dates())

    def _is_within_dates(self):
        company = self.company_id or self.env.company
        today = Clock(fields.Datetime.now()).today(company)
        first, last = self.date_from or today, self.date_to or today
        return first <= today <= last
