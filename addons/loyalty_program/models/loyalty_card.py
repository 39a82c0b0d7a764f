from secrets import token_hex

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import SQL

from ..const import APART
from ..tools.movement import rounded
from ..tools.source import ANY, Source, current_source, moving, posting
from .loyalty_guarded_mixin import changes

# What stays as it is on a card that has an account.
FIXED = {"partner_id", "program_id", "active"}


class LoyaltyCard(models.Model):
    """Whoever changes the points of a card changes its account, too."""

    _name = "loyalty.card"
    _inherit = [
        "loyalty.card",
        "loyalty.guarded.mixin",
        "loyalty.card.redemption",
        "loyalty.card.merge",
    ]

    account_ids = fields.One2many("customer.loyalty", "card_id", readonly=True)

    redemption_id = fields.Many2one(
        "loyalty.transaction",
        readonly=True,
        copy=False,
        index="btree_not_null",
        help="The points that this code was bought with.",
        prefetch=APART,
    )

    @api.model
    def _generate_code(self):
        """Make codes longer. Standard draws among four thousand million: in a club of a
        hundred thousand two are alike sooner or later, and nobody of a batch joins.
        """
        drawn = token_hex(4)
        return f"{super()._generate_code()}-{drawn[:4]}-{drawn[4:]}"

    def write(self, vals):
        sources = self._sources(vals)
        events = {source and source.event for source in sources.values()}
        if events == {"posted"}:
            # The ledger itself, with every order: an account's card, and no code.
            return super().write(vals)
        self._check_not_changed(vals)
        self._check_code_writable(vals, sources)
        self._check_writable(vals, sources)
        if "points" not in vals:
            return super().write(vals)
        ledger = self.env["loyalty.ledger"].sudo()
        standings = self._standings()
        if not standings:
            return super().write(vals)
        before = {card: card.points for card in self.sudo()}
        quiet = self._untracked() if len(standings) == len(self) else self
        values = {**vals, "points": rounded(vals["points"])}
        result = super(LoyaltyCard, quiet).write(values)
        for card in self.sudo().filtered(lambda card: card.id in standings):
            ledger._follow(card, standings[card.id], before[card], sources[card.id])
        return result

    def _sources(self, vals):
        """Return {card id: Source} of what was told of these cards, None where nothing
        was, and take it as used.
        """
        source = current_source()
        found = dict.fromkeys(self.ids)
        if "points" not in vals or source is None:
            return found
        for card in self.sudo():
            if source.covers(card.id, rounded(vals["points"] - card.points)):
                source.take(card.id)
                found[card.id] = source
        return found

    def _check_writable(self, vals, sources):
        """A card with an account stays its customer's; points are corrected by those
        who may adjust them, with a reason. Orders and tills say why themselves.

        :param dict sources: as of ``_sources``
        """
        # Every order writes points, and says why: that is not worth a query.
        points = set() if all(sources.values()) else {"points"}
        if self.env.su or (points | FIXED).isdisjoint(vals):
            return
        accounts = self.env["customer.loyalty"].sudo().with_context(active_test=False)
        if not accounts.search_count([("card_id", "in", self.ids)], limit=1):
            return
        for name in sorted(FIXED.intersection(vals)):
            if any(changes(card, name, vals) for card in self):
                raise UserError(
                    self.env._("%s: the card belongs to a loyalty account.", name)
                )
        if points.intersection(vals):
            self._check_adjusting()

    def _is_adjusted_by_user(self):
        groups = "customer_lifecycle.group_lifecycle_manager"
        return self.env.user.has_groups(f"{groups},sales_team.group_sale_manager")

    def _check_adjusting(self):
        if not self.env.su and not self._is_adjusted_by_user():
            raise AccessError(
                self.env._("points: are adjusted by managers, with a reason.")
            )

    def _standings(self):
        """Lock the accounts of those cards that have one; {card id: Standing}."""
        kept = self.sudo().filtered("program_id.accounts_since")
        if not kept:
            return {}
        return self.env["loyalty.ledger"].sudo()._lock_cards(kept.ids)

    def _write_posted(self, points):
        """Bring a card to the balance that the ledger has."""
        with posting(self.id):
            self._untracked().write({"points": points})

    @api.model_create_multi
    def create(self, vals_list):
        """Cards of programs with accounts are their customers', one for each."""
        self._check_not_given(vals_list)
        cards = super().create(vals_list)
        kept = cards.sudo().filtered(
            lambda card: card.program_id.accounts_since and card._has_owner()
        )
        if kept:
            kept._open_accounts(kept._source_of_gifts())
        return cards

    def _source_of_gifts(self):
        """Return the Source of who gives new cards of a program away, or None."""
        source = current_source()
        programs = source and source.model == "loyalty.program" and source.ids
        return source if programs and set(self.program_id.ids) <= {*programs} else None

    def _has_owner(self):
        return bool(
            self.program_id.is_nominative
            and self.partner_id
            and not self.partner_id.is_public
        )

    def _open_accounts(self, source):
        """Give each card an account; a second card of a customer is swept into the
        first, and archived.

        :param Source source: of the points that they have, or None
        """
        self.env.flush_all()
        now = fields.Datetime.now()
        self.env.cr.execute(self._open_query(now))
        self.env["customer.loyalty"].invalidate_model()
        self.invalidate_recordset(["account_ids"])
        standings = self._standings()
        for card in self:
            if card.id not in standings:
                card._sweep(source)
            elif card.points:
                ledger = self.env["loyalty.ledger"].sudo()
                ledger._follow(card, standings[card.id], 0, source)

    def _open_query(self, now):
        # An invisible rival makes this transaction start again, and then it is seen.
        return SQL(
            """
            INSERT INTO customer_loyalty (customer_id, program_id, card_id, company_id,
                active, points_balance, points_debt, points_lifetime, points_brought,
                points_redeemed, points_expired, current_tier, tier_qualified_at,
                next_tier_points, joined_at, referral_code, create_uid, create_date)
            SELECT DISTINCT ON (c.partner_id, c.program_id)
                   c.partner_id, c.program_id, c.id, g.company_id,
                   TRUE, 0, 0, 0, 0, 0, 0,
                   coalesce((SELECT t.code FROM loyalty_tier t
                              WHERE t.program_id = g.id AND t.min_points <= 0
                              ORDER BY t.min_points DESC LIMIT 1), 'bronze'), %(now)s,
                   coalesce((SELECT min(t.min_points) FROM loyalty_tier t
                              WHERE t.program_id = g.id AND t.min_points > 0), 0),
                   %(now)s, upper(substr(md5(random()::text || c.id), 1, 13)),
                   %(user)s, now() AT TIME ZONE 'UTC'
              FROM loyalty_card c JOIN loyalty_program g ON g.id = c.program_id
             WHERE c.id = ANY(%(cards)s)
             ORDER BY c.partner_id, c.program_id,
                   (c.expiration_date < %(now)s::date) IS TRUE, c.id
                ON CONFLICT DO NOTHING
            """,
            now=now,
            user=self.env.uid,
            cards=self.ids,
        )

    def _sweep(self, source):
        """Move the points of a surplus card to the customer's own, and archive it."""
        accounts = self.env["customer.loyalty"]
        account = accounts._account_of(self.program_id, self.partner_id)
        points = self.points
        with posting(self.id):
            quiet = self.with_context(loyalty_no_mail=True)
            quiet.write({"points": 0, "active": False})
        if points:
            primary = account.card_id
            given = source and Source(
                source.event, source.model, source.ids, source.text, {primary.id: ANY}
            )
            with moving(given):
                primary.points += points
