from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import SQL

from ..tools.movement import Movement


class CustomerLoyaltyJourney(models.AbstractModel):
    """Joining, points that pend, and accounts that become one."""

    _name = "customer.loyalty.journey"
    _description = "Membership in a Loyalty Program"
    _inherit = ["customer.loyalty.twice"]

    @api.model
    def _enroll(self, program, customer, now):
        """Return the account of a customer; who joins gets the sign-up bonus, once.

        :param program: ``loyalty.program`` that keeps accounts
        :param customer: ``res.partner``, the exact contact
        :param datetime now: naive UTC
        """
        account = self._open(program, customer, now)
        if account and program._runs():
            account._earn_by_rule("signup", "res.partner", customer.id, "signup", now)
        return account

    @api.model
    def _open_many(self, program, customers):
        """Return the accounts of customers, opened together where there are none.

        :param program: ``loyalty.program`` that keeps accounts
        :param list customers: ids of ``res.partner``, the exact contacts
        """
        accounts = self.sudo()
        domain = [("program_id", "=", program.id), ("customer_id", "in", customers)]
        known = accounts.search(domain)
        lacking = sorted(set(customers) - set(known.customer_id.ids))
        if not lacking:
            return known
        cards = self.env["loyalty.card"].sudo()
        cards = cards.with_context(loyalty_no_mail=True, tracking_disable=True)
        cards.create(
            [
                {"program_id": program.id, "partner_id": customer, "points": 0}
                for customer in lacking
            ]
        )
        return accounts.search(domain)

    @api.model
    def _enroll_many(self, program, customers, now):
        """Return the accounts of customers; those who join get the sign-up bonus.

        :param program: ``loyalty.program`` that keeps accounts
        :param list customers: ids of ``res.partner``, the exact contacts
        :param datetime now: naive UTC
        """
        accounts = self._open_many(program, customers)
        rule = program.earning_rule_ids.filtered(lambda r: r.type == "signup")
        if rule and program._runs():
            labels = dict(rule._fields["type"]._description_selection(self.env))
            wanted = SQL(
                """
                SELECT id AS loyalty_id, %s::numeric AS points,
                       'res.partner' AS source_type, customer_id AS source_id,
                       %s AS description, 'signup' AS key, %s::timestamp AS issued_at,
                       %s::timestamp AS expires_at
                  FROM customer_loyalty WHERE id = ANY(%s)
                """,
                rule.points,
                labels["signup"],
                now,
                program._expiry(now),
                accounts.ids,
            )
            ledger = self.env["loyalty.ledger"].sudo()
            ledger._earn_within_limits(program, wanted, now)
        return accounts

    def _earn_by_rule(self, kind, source_type, source_id, key, now):
        """Credit what the program's rule of a kind gives, once per key.

        :param str kind: type of the ``loyalty.earning.rule``
        :param str key: what makes it happen once per account
        :return: the points, 0 if there is no such rule or it was done before
        """
        rule = self.program_id.earning_rule_ids.filtered(lambda r: r.type == kind)
        if not rule or not self.program_id._runs():
            return 0
        label = dict(rule._fields["type"]._description_selection(self.env))[kind]
        movement = Movement(
            "earn",
            rule.points,
            source_type,
            source_id,
            label,
            key,
            self.program_id._expiry(now),
        )
        done = self._credit(self._locked(), movement, now, pends=False)
        return rule.points if done else 0

    def _credit(self, standing, movement, now, pends=True, is_new=False):
        """Post points that were earned, or note them as pending.

        :param Standing standing: of this account, locked
        :param bool pends: whether the program's waiting time applies
        :param bool is_new: whether the movement's key cannot have been used before
        :return: id of the transaction; None if they pend or were credited before
        """
        ledger = self.env["loyalty.ledger"].sudo()
        if not is_new and ledger._is_noted(standing, movement):
            return None
        program = self.env["loyalty.program"].sudo().browse(standing.program_id)
        reason = self._held_reasons(standing, movement, now)
        days = program.pending_days if pends else 0
        if reason or days:
            state = "held" if reason else "waiting"
            self.env["loyalty.pending"].sudo()._note(
                standing, movement, now + timedelta(days=days), state, reason, now
            )
            return None
        (posted,) = ledger._move(standing, [movement], now)
        return posted

    def _held_reasons(self, standing, movement, now):
        """Return why points are held for review; empty when they are not."""
        ledger = self.env["loyalty.ledger"].sudo()
        return ledger._limit_reasons(standing, movement, now)

    # --------------------------------------------------------------------- transfer
    def _transfer(
        self, target, points, description=None, key=None, to=None, is_merge=False
    ):
        """Move points to another account of the program; their expiry stays theirs.

        :param target: ``customer.loyalty``
        :param float points: above 0, not more than there are
        :param str key: asked for again with the same key, nothing more moves
        :param str to: what the giver knows of the other; the name by default
        :param bool is_merge: True where no points are given away: both are one now
        :raises ValidationError: more than there are, or than one day allows
        """
        ledger = self.env["loyalty.ledger"].sudo()
        standings = ledger._lock(SQL("a.id = ANY(%s)", (self | target).ids))
        giver = standings[self.sudo().card_id.id]
        taker = standings[target.sudo().card_id.id]
        now = fields.Datetime.now()
        if self._is_done(key):
            return
        if points > giver.available:
            ledger._refuse(giver, points)
        if not is_merge:
            ledger._check_redemption_cap(giver, points, now)
        text = description or self.env._(
            "Transfer to %s", to or target.customer_id.name
        )
        (out,) = ledger._move(
            giver,
            [Movement("transfer", -points, self._name, target.id, text, key)],
            now,
        )
        text = description or self.env._("Transfer from %s", self.customer_id.name)
        incoming = [
            Movement("transfer", amount, self._name, self.id, text, None, *dates)
            for amount, *dates in ledger._parts_of(out)
        ]
        ledger._move(taker, incoming, now)

    def _is_done(self, key):
        """Whether the account has a transaction with a key."""
        family = self._with_merged().ids
        domain = [("loyalty_id", "in", family), ("idempotency_key", "=", key)]
        transactions = self.env["loyalty.transaction"].sudo()
        return bool(key) and bool(transactions.search_count(domain, limit=1))

    # ------------------------------------------------------------------------ merge
    @api.model
    def _merge_into(self, sources, target):
        """Bring the accounts of contacts that become one together.

        Each account that is given up moves its points with their expiry, by a pair of
        rows; lifetime points are brought along, since a transfer does not earn any.

        :param sources: ``res.partner`` records that cease to be
        :param target: ``res.partner`` that takes over
        """
        owner = target
        found = self.search([("customer_id", "in", (sources | owner).ids)], order="id")
        for accounts in found.grouped("program_id").values():
            into = accounts.filtered(lambda a: a.customer_id == owner) or accounts
            (accounts - into[0])._merge_accounts(into[0])

    def _merge_accounts(self, into):
        """Move what these accounts hold to another one, and archive them."""
        for account in self:
            text = self.env._("Merged with %s", account.customer_id.name)
            account._return_twice(into)
            account.invalidate_recordset()
            if account.points_debt or into.points_debt:
                (account | into)._expire_due(fields.Datetime.now())
            if account.points_balance > 0:
                account._transfer(into, account.points_balance, text, is_merge=True)
            account._hand_over_debt(into, text)
            self.env["loyalty.pending"]._hand_over(account, into)
            account.card_id._hand_over(into.card_id)
            account._close(into)

    def _with_merged(self):
        """Return these accounts, and those that were merged into them."""
        every = self.sudo().with_context(active_test=False)
        return self | every.search([("merged_into_id", "in", self.ids)])

    def _successor(self):
        """Return these accounts; for one that was merged, the one that took over."""
        return self.browse().union(*(a.merged_into_id or a for a in self))

    def _hand_over_debt(self, into, text):
        """Points that are owed are owed by who takes over."""
        self.invalidate_recordset()
        debt = self.points_debt
        if debt:
            self._move(Movement("transfer", debt, self._name, into.id, text))
            into._move(Movement("transfer", -debt, self._name, self.id, text))

    def _close(self, into):
        """Archive an account that was merged into another, and its card."""
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE customer_loyalty SET points_brought = points_brought + %s,"
            " points_lifetime = points_lifetime + %s,"
            " joined_at = least(joined_at, %s) WHERE id = %s",
            [*[self.points_lifetime] * 2, self.joined_at or None, into.id],
        )
        into.invalidate_recordset()
        former = self.with_context(active_test=False)
        former = former.search([("merged_into_id", "=", self.id)])
        former.merged_into_id = into
        self.write({"active": False, "merged_into_id": into.id})
        self.card_id.with_context(loyalty_no_mail=True).active = False
        self.env["loyalty.tier.evaluation"]._evaluate(
            SQL("a.id = %s", into.id), fields.Datetime.now()
        )
