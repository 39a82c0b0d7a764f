from contextlib import contextmanager

from psycopg2.errors import UniqueViolation

from odoo import fields, models
from odoo.exceptions import ConcurrencyError
from odoo.tools import SQL

from ..tools.movement import Movement, rounded

# What standard notes of an order's points, once for each card.
ENTRY_KEY = "sale_order_coupon_points_order_coupon_unique"


class SaleOrderLoyalty(models.AbstractModel):
    """What an order earns, and what becomes of it when the order is taken back."""

    _name = "sale.order.loyalty"
    _description = "Loyalty of an Order"

    @contextmanager
    def _loyalty_rivals(self):
        """Let whoever confirms the same order at the same time start again and see that
        it is confirmed; standard complains of an entry that exists. A lock would do,
        too, and cost every order a statement.
        """
        try:
            yield
        except UniqueViolation as error:
            if error.diag.constraint_name != ENTRY_KEY:
                raise
            text = f"confirmed at the same time: sale.order {self.ids}"
            raise ConcurrencyError(text) from error

    def _loyalty_set(self, name, value):
        """Set a field of ours, written with whatever else the order writes: what
        watches orders need not be asked about it each time.
        """
        if self[name] != value and (self[name] or value):
            self._fields[name].write(self.sudo(), value)

    # ------------------------------------------------------------------------- earn
    def _loyalty_confirmed(self):
        """Credit what the order earns, once per confirmation."""
        self.ensure_one()
        if self.loyalty_turn:
            # Whoever only wrote another state left the points of the last time there.
            self.sudo()._loyalty_reverse()
            self.sudo()._loyalty_settle_former()
        self._loyalty_set("loyalty_turn", self.loyalty_turn + 1)
        self._loyalty_set("loyalty_basis", False)
        self._loyalty_set("loyalty_reversed", False)
        self._loyalty_set("loyalty_short", False)
        now = fields.Datetime.now()
        tiers = {}
        for program, points in self._loyalty_earnings().items():
            # The turn was counted up just now, and with it the key is a new one.
            tiers |= self._loyalty_earn(program, points, now, is_new=True)
        if not self.partner_id.is_public:
            asked = self.env["loyalty.program"].sudo().browse(self._loyalty_tally())
            self._loyalty_note_terms(asked._earns(), tiers)

    def _loyalty_earnings(self):
        """Return {program: points before the tier} of what the order earns."""
        if self.partner_id.is_public:
            return {}
        tally = self._loyalty_tally()
        if not tally:
            self._loyalty_recount()
        programs = self.env["loyalty.program"].sudo().browse(tally)
        return {
            program: tally[program.id]
            for program in self._loyalty_earners(programs)
            if tally[program.id] > 0
        }

    def _loyalty_earners(self, programs):
        """Return those of some programs in which the customer may earn."""
        return programs._earns()

    def _loyalty_recount(self):
        """Ask every program with accounts what the order earns; return those asked."""
        programs = self.env["loyalty.program"].sudo()
        domain = self._get_program_domain()
        programs = programs.search([*domain, ("accounts_since", "!=", False)])
        if programs:
            self._program_check_compute_points(programs)
        return programs

    def _loyalty_earn(self, program, points, now, is_new=False):
        """Credit an order's points, or let them pend.

        :param program: ``loyalty.program`` that keeps accounts
        :param float points: before the tier's multiplier
        :param datetime now: naive UTC
        :param bool is_new: whether the order cannot have earned in this turn yet
        :return: {program: tier of the customer before the order}; empty without account
        """
        standing = self._loyalty_join(program, now)
        if not standing:
            return {}
        tiers = {program: standing.tier}
        earned = program._points_for(program.id, points, standing.tier)
        if earned:
            self._loyalty_credit(program, standing, earned, now, is_new)
        return tiers

    def _loyalty_join(self, program, now):
        """Lock the customer's account, opened if need be and allowed; return its
        Standing, or None.
        """
        standing = self._loyalty_standing(program)
        if not standing and program.is_open:
            accounts = self.env["customer.loyalty"].sudo()
            accounts._enroll(program, self.partner_id, now)
            standing = self._loyalty_standing(program)
        return standing

    def _loyalty_credit(self, program, standing, points, now, is_new=False):
        account = self.env["customer.loyalty"].sudo().browse(standing.id)
        movement = self._loyalty_earning(program, points, self._loyalty_key(), now)
        account._credit(standing, movement, now, is_new=is_new)

    def _loyalty_earning(self, program, points, key, now):
        expires = program._expiry(now)
        return Movement("earn", points, "sale.order", self.id, self.name, key, expires)

    def _loyalty_standing(self, program):
        """Lock the customer's account; return its Standing, None if there is none."""
        ledger = self.env["loyalty.ledger"].sudo()
        return ledger._lock_member(program.id, self.partner_id.id)

    def _loyalty_key(self):
        """Return what makes the order earn once per confirmation.

        Past orders, which the back-fill credited, are not written for it.
        """
        return f"sale.order:{self.id}:{self.loyalty_turn or 1}"

    def _loyalty_process(self):
        """Credit what a confirmed order earns and was not refunded, if that was not
        done yet, here or by standard before the accounts; also what was taken back by
        hand.
        """
        self.ensure_one()
        self.loyalty_reversed = False
        self._loyalty_settle_refunds()
        if self._loyalty_refunded_share() < 1:
            self._loyalty_count_first()
            self._loyalty_count_again()

    def _loyalty_former(self):
        """Return the programs in which standard credited the order."""
        entries = self.coupon_point_ids.filtered(lambda entry: entry.points > 0)
        return entries.coupon_id.program_id

    def _loyalty_points(self):
        """Return what the order earned, net of what was taken back."""
        self.env.flush_all()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT coalesce(sum(points), 0)::float8 FROM loyalty_transaction
                 WHERE source_type = 'sale.order' AND source_id = %s
                   AND transaction_type = 'earn'
                """,
                self.id,
            )
        )
        return rows[0][0]

    # ------------------------------------------------------------------------ reverse
    def _loyalty_accounts(self):
        """Return the accounts that this order moved points of."""
        self.env.flush_all()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT DISTINCT coalesce(a.merged_into_id, a.id)
                  FROM (SELECT loyalty_id FROM loyalty_transaction
                         WHERE source_type = 'sale.order' AND source_id = %(order)s
                         UNION
                        SELECT loyalty_id FROM loyalty_pending
                         WHERE source_type = 'sale.order' AND source_id = %(order)s) t
                  JOIN customer_loyalty a ON a.id = t.loyalty_id
                """,
                order=self.id,
            )
        )
        return self.env["customer.loyalty"].sudo().browse([row[0] for row in rows])

    def _loyalty_reverse(self, by_refunds=False):
        """Take back what the order earned.

        :param bool by_refunds: for what was refunded alone, else all of it
        :raises UserError: the points were spent, and the program wants them covered
        """
        self.ensure_one()
        now = fields.Datetime.now()
        ledger = self.env["loyalty.ledger"].sudo()
        for account in self._loyalty_accounts():
            (standing,) = ledger._lock(SQL("a.id = %s", account.id)).values()
            parts = self._loyalty_parts(account)
            share = 1.0
            if by_refunds:
                share = self._loyalty_refunded_share(account.program_id)
            kept = self._loyalty_keep(account, standing, parts, share)
            net = ledger._net(standing, "earn", "sale.order", self.ids)
            earned, transactions = net.get(self.id, (0, ()))
            extra = self._loyalty_keep_extra(account, share)
            kept = self._loyalty_admit(account, standing, parts, earned - extra, kept)
            kept += extra
            text = self.env._("%s taken back", self.name)
            points = rounded(kept - earned)
            movement = Movement(
                "earn", points, "sale.order", self.id, text, undoes=transactions
            )
            if points < 0:
                ledger._take_back(standing, movement, self.name, now)
            elif points:
                # Less was refunded than it seemed.
                ledger._move(standing, [movement], now)

    def _loyalty_cap_error(self, card):
        """Return why the order redeems more than one day allows; empty if it does not.

        :param card: ``loyalty.card`` whose points the order's rewards cost
        """
        ledger = self.env["loyalty.ledger"].sudo()
        now = fields.Datetime.now()
        for standing in card._standings().values():
            cap = self.env["loyalty.program"]._limits(standing.program_id).redemption
            lines = self.order_line.filtered(lambda line: line.coupon_id == card)
            cost = sum(lines.mapped("points_cost"))
            redeemed = ledger._redeemed_today(standing, now, but_order=self.id)
            if cost and rounded(redeemed + cost) > cap:
                return ledger._cap_text(cost, redeemed, cap)
        return ""
