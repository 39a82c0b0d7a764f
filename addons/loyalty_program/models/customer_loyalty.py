from collections import Counter
from datetime import timedelta
from functools import cache

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL, ormcache

from odoo.addons.customer_lifecycle.tools.clock import Clock

from ..const import DIGITS, EXPIRING_DAYS, TIERS
from ..tools.movement import rounded


class CustomerLoyalty(models.Model):
    """A contact's account in a program: what its card holds, and how that came.

    Accounts belong to the exact contact, as cards do in standard; the lifecycle of its
    company sums them up.

    Figures are written by the ledger, in SQL, together with the row that explains them.
    """

    _name = "customer.loyalty"
    _description = "Loyalty Account"
    _inherit = [
        "customer.loyalty.moves",
        "customer.loyalty.referral",
        "customer.loyalty.portal",
        "customer.loyalty.journey",
        "customer.loyalty.news",
        "customer.loyalty.reward",
        "customer.loyalty.card",
        "mail.thread",
    ]
    _order = "points_lifetime desc, id"
    _rec_name = "customer_id"
    # Marketers may write notes on accounts, of which they change nothing else.
    _mail_post_access = "read"

    active = fields.Boolean(default=True, readonly=True)
    customer_id = fields.Many2one(
        "res.partner", required=True, ondelete="restrict", readonly=True, index=True
    )
    program_id = fields.Many2one(
        "loyalty.program", required=True, ondelete="restrict", readonly=True, index=True
    )
    merged_into_id = fields.Many2one(
        "customer.loyalty", readonly=True, index="btree_not_null", ondelete="restrict"
    )
    card_id = fields.Many2one(
        "loyalty.card", required=True, ondelete="restrict", readonly=True
    )
    company_id = fields.Many2one("res.company", ondelete="restrict", readonly=True)
    points_balance = fields.Float(
        "Balance", digits=DIGITS, required=True, default=0, readonly=True
    )
    points_debt = fields.Float(
        "Debt",
        digits=DIGITS,
        required=True,
        default=0,
        readonly=True,
        help="Points that were taken back after they had been spent; what is earned "
        "next pays them first.",
    )
    points_lifetime = fields.Float(
        "Lifetime points", digits=DIGITS, required=True, default=0, readonly=True
    )
    points_brought = fields.Float(
        digits=DIGITS,
        required=True,
        default=0,
        readonly=True,
        help="Lifetime points of accounts that were merged into this one.",
    )
    points_redeemed = fields.Float(
        "Redeemed", digits=DIGITS, required=True, default=0, readonly=True
    )
    points_expired = fields.Float(
        "Expired", digits=DIGITS, required=True, default=0, readonly=True
    )
    points_pending = fields.Float(
        "Pending", digits=DIGITS, compute="_compute_points_pending"
    )
    points_held = fields.Float(
        "Held for review", digits=DIGITS, compute="_compute_points_pending"
    )
    current_tier = fields.Selection(
        TIERS,
        "Tier",
        required=True,
        default="bronze",
        readonly=True,
        group_expand=True,
    )
    tier_qualified_at = fields.Datetime("Tier since", readonly=True)
    tier_grace_until = fields.Datetime(
        readonly=True, help="Until then the tier is kept, though its points lack."
    )
    next_tier_points = fields.Float(
        "To the next tier", digits=DIGITS, required=True, default=0, readonly=True
    )
    joined_at = fields.Datetime("Joined", readonly=True)
    total_orders = fields.Integer("Orders", compute="_compute_purchases")
    total_spend = fields.Monetary(
        "Spent",
        compute="_compute_purchases",
        help="What the confirmed orders came to, before refunds.",
    )
    currency_id = fields.Many2one(related="program_id.currency_id")
    referral_code = fields.Char(required=True, readonly=True, copy=False)
    transaction_ids = fields.One2many(
        "loyalty.transaction", "loyalty_id", "Transactions", readonly=True
    )
    lot_ids = fields.One2many("loyalty.point.lot", "loyalty_id", "Lots", readonly=True)
    pending_ids = fields.One2many(
        "loyalty.pending", "loyalty_id", "Pending points", readonly=True
    )
    code_ids = fields.One2many(
        "loyalty.transaction",
        "loyalty_id",
        "Codes",
        domain=[("redemption_code", "!=", False), ("points", "<", 0)],
        readonly=True,
    )

    _customer_uniq = models.UniqueIndex(
        "(customer_id, program_id) WHERE active",
        "A customer has one account in a program.",
    )
    _card_uniq = models.UniqueIndex("(card_id)", "A card has one account.")
    _referral_uniq = models.UniqueIndex("(referral_code)")
    _tier_idx = models.Index("(program_id, current_tier) WHERE active")

    def init(self):
        # Room beside each account: figures change with every order, and whose new
        # version finds room on its page need not be written into eight indexes.
        self.env.cr.execute("ALTER TABLE customer_loyalty SET (fillfactor = 80)")
        return super().init()

    @api.model
    @ormcache()
    def _posted_fields(self):
        """Return the names of what a posting may change: whose account it is, and of
        what, stays, and with it what other models know of it.
        """
        return tuple(
            name for name, field in self._fields.items() if field.type != "many2one"
        )

    def _compute_points_pending(self):
        rows = (
            self.env["loyalty.pending"]
            .sudo()
            ._read_group(
                [("loyalty_id", "in", self.ids), ("state", "in", ("waiting", "held"))],
                ["loyalty_id", "state"],
                ["points:sum"],
            )
        )
        found = {(account, state): points for account, state, points in rows}
        for account in self:
            account.points_pending = found.get((account, "waiting"), 0)
            account.points_held = found.get((account, "held"), 0)

    def _compute_purchases(self):
        """Count the confirmed orders of the contact, in the program's company.

        Orders in another currency count at the rate of their own day; between company
        and program, whose currencies may differ, that of today is taken.
        """
        self.env.flush_all()
        rate_of = cache(self._spend_rate)
        orders, spend = Counter(), Counter()
        for row in self.env.execute_query(self._purchases_query()):
            number, program, company, is_own, count, amount = row
            orders[number] += count
            spend[number] += amount * (1 if is_own else rate_of(program, company))
        for account in self:
            account.total_orders = orders[account.id]
            account.total_spend = spend[account.id]

    def _purchases_query(self):
        """Sum up orders in the program's currency, and others in the company's."""
        return SQL(
            """
            SELECT a.id, a.program_id, o.company_id, o.currency_id = g.currency_id,
                   count(*), sum(CASE WHEN o.currency_id = g.currency_id
                       THEN o.amount_total
                       ELSE o.amount_total / coalesce(nullif(o.currency_rate, 0), 1)
                       END)::float8
              FROM customer_loyalty a JOIN loyalty_program g ON g.id = a.program_id
              JOIN sale_order o
                ON o.partner_id = a.customer_id AND o.state = 'sale'
               AND (a.company_id IS NULL OR o.company_id = a.company_id)
             WHERE a.id = ANY(%s) GROUP BY 1, 2, 3, 4
            """,
            self.ids,
        )

    def _spend_rate(self, program, company):
        program = self.env["loyalty.program"].sudo().browse(program)
        return program._company_rate(company, fields.Datetime.now())

    def _tier_name(self):
        """Return the name that the program gives to the account's tier."""
        tiers = self.sudo().program_id.tier_ids
        return tiers.filtered(lambda tier: tier.code == self.current_tier)[:1].name

    def _progress(self):
        """Return how far the account is from its tier to the next, in percent.

        By the points that count for tiers, of which ``next_tier_points`` lack.
        """
        programs = self.env["loyalty.program"]
        program = self.program_id.id
        goal = programs._goal(program, self.current_tier)
        if goal is None:
            return 100.0
        start = max(
            (
                p
                for p, code, _m in programs._tier_table(program)
                if code == self.current_tier
            ),
            default=0,
        )
        reached = goal - self.next_tier_points - start
        return 100 * min(max(reached / (goal - start), 0.0), 1.0)

    def _spendable(self):
        """Return the balance, without what has expired and only waits for the job that
        books it; nothing where points are owed.
        """
        due = self._due_points().get(self, 0)
        return max(rounded(self.points_balance - due), 0.0)

    def _due_points(self):
        """Return {account: points} of what has expired and was not booked yet."""
        now = fields.Datetime.now()
        due = [("remaining", ">", 0), ("expires_at", "<=", now)]
        return self._sum_of("loyalty.point.lot", due, "remaining")

    def _expiring(self, days=EXPIRING_DAYS):
        """Return [{date, points}] of what expires within some days, in local days."""
        now = fields.Datetime.now()
        found = {}
        for lot in (
            self.env["loyalty.point.lot"]
            .sudo()
            .search(
                [
                    ("loyalty_id", "=", self.id),
                    ("remaining", ">", 0),
                    ("expires_at", ">", now),
                    ("expires_at", "<=", now + timedelta(days=days)),
                ],
                order="expires_at",
            )
        ):
            company = self.company_id or self.env.company
            day = Clock(lot.expires_at).today(company).isoformat()
            found[day] = found.get(day, 0) + lot.remaining
        return [{"date": day, "points": points} for day, points in found.items()]

    def unlink(self):  # pylint: disable=method-required-super
        raise UserError(  # pylint: disable=no-raise-unlink
            self.env._("Loyalty accounts cannot be deleted: they are a ledger.")
        )

    # ------------------------------------------------------------------------ open
    @api.model
    def _account_of(self, program, customer):
        """Return the account of a customer, the empty recordset if there is none."""
        domain = [
            ("program_id", "=", program.id),
            ("customer_id", "=", customer.id),
            ("active", "=", True),
        ]
        return self.sudo().search(domain, limit=1)

    @api.model
    def _open(self, program, customer, now):
        """Return the account of a customer, opened with an empty card if need be.

        :param program: ``loyalty.program`` that keeps accounts
        :param customer: ``res.partner``, the exact contact
        :param datetime now: naive UTC
        """
        account = self._account_of(program, customer)
        if account:
            return account
        cards = self.env["loyalty.card"].sudo()
        cards = cards.with_context(loyalty_no_mail=True, tracking_disable=True)
        cards.create({"program_id": program.id, "partner_id": customer.id, "points": 0})
        return self._account_of(program, customer)
