from odoo import fields, models
from odoo.exceptions import ValidationError
from odoo.tools import SQL

from odoo.addons.loyalty_program.tools.movement import Movement, rounded, whole_points

PAID = ("paid", "done", "invoiced")


class PosOrderLoyalty(models.AbstractModel):
    """What an order of the till does to accounts, each thing once."""

    _name = "pos.order.loyalty"
    _description = "Loyalty of a Till's Order"
    _inherit = ["loyalty.guarded.mixin"]

    loyalty_terms = fields.Json(
        readonly=True,
        copy=False,
        help="Of each program: the rules by which the paid order was counted.",
    )

    def _loyalty_book(self):
        """Redeem, credit and take back what a paid order says; once, however often it
        is asked for.

        :raises ValidationError: a reward that the customer may not have
        """
        self.ensure_one()
        now = fields.Datetime.now()
        claimed = self._loyalty_claims()
        for program, lines in claimed.grouped(
            lambda line: line.reward_id.program_id
        ).items():
            self._loyalty_redeem(program, lines, now)
        self._loyalty_earn_once(now)
        for origin in self.lines.refunded_orderline_id.order_id:
            origin._loyalty_take_back(self, now)
            origin._loyalty_return_codes()

    def _loyalty_programs(self):
        """Return the programs with accounts that orders of this till earn in."""
        if not self.partner_id or self.partner_id.is_public:
            return self.env["loyalty.program"]
        # Of the till's company: a superuser sees those of all.
        companies = self.company_id.parent_ids
        programs = self.config_id._get_program_ids()
        return programs.filtered(
            lambda program: (
                program.accounts_since
                and (not program.company_id or program.company_id in companies)
            )
        )._earns()

    def _loyalty_claims(self):
        """Return the lines of rewards that are claimed of programs with accounts."""
        return self.lines.filtered(
            lambda line: (
                line.reward_id.program_id.accounts_since
                and not line.refunded_orderline_id
                and not self._loyalty_is_of_office(line)
            )
        )

    def _loyalty_account(self, program):
        return self.env["customer.loyalty"]._account_of(program, self.partner_id)

    def _loyalty_key(self, kind):
        return f"pos.order:{self.id}:{kind}"

    def _loyalty_row(self, standing, key):
        """Return the points of the row that a key stands for; None if there is none."""
        rows = self.env.execute_query(
            SQL(
                "SELECT points::float8 FROM loyalty_transaction"
                " WHERE loyalty_id IN (%s) AND idempotency_key = %s",
                self.env["loyalty.ledger"]._family(SQL("%s", standing.id)),
                key,
            )
        )
        return rows[0][0] if rows else None

    # ----------------------------------------------------------------------- redeem
    def _loyalty_redeem(self, program, lines, now):
        """Take what rewards cost from the customer's own account, and no other."""
        account = self._loyalty_account(program)
        # The till may know the card of a contact that was merged meanwhile.
        if not account or lines.coupon_id._successor() - account.card_id:
            raise ValidationError(
                self.env._(
                    "%(order)s: points of %(program)s can be spent by the member "
                    "alone whose they are. Please choose the customer, or take the "
                    "reward off.",
                    order=self.pos_reference or self.name,
                    program=program.name,
                )
            )
        account._expire_due(now)
        standing, key = account._locked(), self._loyalty_key("redeem")
        if self._loyalty_row(standing, key) is not None:
            return
        for reward in lines.reward_id:
            if refusal := reward._refusal_for(account.card_id):
                raise ValidationError(refusal)
        lines.coupon_id = account.card_id
        is_product = set(lines.reward_id.mapped("reward_type")) == {"product"}
        movement = self._loyalty_movement(
            "redeem",
            -self._loyalty_cost(lines, standing.available),
            key=key,
            redemption_type="product" if is_product else "discount",
            redemption_value=-sum(lines.mapped("price_subtotal")),
        )
        self.env["loyalty.ledger"]._move(standing, [movement], now)
        self._loyalty_tell(account, movement.points)

    # ------------------------------------------------------------------------- earn
    def _loyalty_earn_once(self, now):
        """Credit the order by the rules of today, and write them down: asked for again,
        it is worth what it was.
        """
        programs = self._loyalty_programs()
        if self.loyalty_terms or not programs:
            return
        for program in programs:
            self._loyalty_earn(program, now)
        self.loyalty_terms = {str(p.id): p._note_rules() for p in programs}

    def _loyalty_rules(self, program):
        """Return the rules by which the order was counted."""
        noted = (self.loyalty_terms or {}).get(str(program.id))
        return program.rule_ids if noted is None else program._by_rules(noted).rule_ids

    def _loyalty_earn(self, program, now):
        """Credit what the order earns; who buys first joins, where that is allowed."""
        points = self._loyalty_points(program)
        if points <= 0:
            return
        account = self._loyalty_account(program)
        if not account and program.is_open:
            accounts = self.env["customer.loyalty"]
            account = accounts._enroll(program, self.partner_id, now)
        if not account:
            return
        standing = account._locked()
        earned = program._points_for(program.id, points, standing.tier)
        if not earned:
            return
        movement = self._loyalty_movement(
            "earn",
            earned,
            key=self._loyalty_key("earn"),
            expires_at=program._expiry(now),
        )
        if self._loyalty_earn_again(standing, movement, now) or account._credit(
            standing, movement, now
        ):
            self._loyalty_tell(account, earned)

    # ---------------------------------------------------------------------- refunds
    def _loyalty_take_back(self, refund, now):
        """Undo the part of this order that its refunds took back, the last of which is
        new.

        :param refund: ``pos.order``
        """
        for account in self._loyalty_accounts():
            ledger, standing = self.env["loyalty.ledger"], account._locked()
            told = []
            if given := self._loyalty_give_back(standing, refund):
                ledger._move(standing, [given], now)
                told.append(given.points)
            if movement := self._loyalty_reversal(account, standing, refund):
                before = standing.balance
                name = self.pos_reference or self.name
                ledger._take_back(standing, movement, name, now)
                told.append(rounded(standing.balance - before))
            if told:
                refund._loyalty_tell(account, *told)

    def _loyalty_return_codes(self):
        """Give back points of codes that paid what was refunded."""
        lines = self.lines.filtered("coupon_id.redemption_id")
        for card, mine in lines.grouped("coupon_id").items():
            name = self.pos_reference or self.name
            card._settle_refund(self._loyalty_share(mine), 1, name)

    def _loyalty_accounts(self):
        """Return the accounts that this order moved points of, or will."""
        self.env.flush_all()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT DISTINCT coalesce(a.merged_into_id, a.id)
                  FROM (SELECT loyalty_id FROM loyalty_transaction
                         WHERE source_type = %(model)s AND source_id = %(id)s
                         UNION
                        SELECT loyalty_id FROM loyalty_pending
                         WHERE source_type = %(model)s AND source_id = %(id)s) t
                  JOIN customer_loyalty a ON a.id = t.loyalty_id
                """,
                model=self._name,
                id=self.id,
            )
        )
        return self.env["customer.loyalty"].browse([row[0] for row in rows])

    def _loyalty_give_back(self, standing, refund):
        """Return the movement that gives back points of refunded rewards."""
        redeemed = -(self._loyalty_row(standing, self._loyalty_key("redeem")) or 0)
        net = self.env["loyalty.ledger"]._net(standing, "redeem", self._name, self.ids)
        booked, transactions = net.get(self.id, (0, ()))
        lines = self._loyalty_claims().filtered(
            lambda line: line.coupon_id.id == standing.card_id
        )
        keeps = rounded(redeemed * (1 - self._loyalty_share(lines)))
        points = rounded(-booked - keeps)
        if points <= 0:
            return None
        return self._loyalty_movement(
            "redeem",
            points,
            key=self._loyalty_key(f"redeem:{refund.id}"),
            redemption_type="discount",
            undoes=transactions,
        )

    def _loyalty_reversal(self, account, standing, refund):
        """Return the movement that takes earned points back."""
        program = account.program_id
        rules = self._loyalty_rules(program)
        lines = self.lines.browse().union(*map(self._loyalty_sold, rules))
        share = self._loyalty_share(self._loyalty_parts(lines))
        gross = self._loyalty_gross(standing, share)
        net = self.env["loyalty.ledger"]._net(standing, "earn", self._name, self.ids)
        earned, transactions = net.get(self.id, (0, ()))
        points = rounded(earned - whole_points(gross * (1 - share)))
        if points <= 0:
            return None
        return self._loyalty_movement(
            "earn",
            -points,
            key=self._loyalty_key(f"earn:{refund.id}"),
            text=self.env._("%s taken back", self.pos_reference or self.name),
            undoes=transactions,
        )

    def _loyalty_gross(self, standing, share):
        """Return what the order earned before refunds; of what pends, take them back.

        :param float share: how much of the order was refunded, 0 to 1
        """
        key = self._loyalty_key("earn")
        family = self.env["customer.loyalty"].browse(standing.id)._with_merged().ids
        domain = [("loyalty_id", "in", family), ("idempotency_key", "=", key)]
        pending = self.env["loyalty.pending"].search(domain)
        pending._cancel_share(share)
        return pending.gross or self._loyalty_row(standing, key) or 0

    def _loyalty_share(self, lines):
        """Return how much of some lines was refunded, 0 to 1, by what they cost."""
        refunds = lines.refund_orderline_ids.filtered(
            lambda line: line.order_id.state in PAID
        )
        weights = {line: abs(line.price_subtotal_incl) for line in lines}
        whole = sum(weights.values())
        if not whole:
            return 0
        back = 0
        for line, mine in refunds.grouped("refunded_orderline_id").items():
            if line.qty:
                back += weights[line] * min(-sum(mine.mapped("qty")) / line.qty, 1)
        return min(max(back / whole, 0), 1)

    # ------------------------------------------------------------------------- rows
    def _loyalty_movement(self, kind, points, text=None, **values):
        name = text or self.pos_reference or self.name
        return Movement(kind, points, self._name, self.id, name, **values)

    def _loyalty_tell(self, account, *changes):
        """Keep standard's history complete: customers see it in their portal."""
        self.env["loyalty.history"].create(
            [
                {
                    "card_id": account.card_id.id,
                    "order_model": self._name,
                    "order_id": self.id,
                    "description": self.env._("Onsite %s", self.display_name),
                    "issued": max(points, 0),
                    "used": max(-points, 0),
                }
                for points in changes
            ]
        )
