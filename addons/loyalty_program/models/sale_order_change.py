from odoo import fields, models

from ..tools.movement import whole_points


class SaleOrderChange(models.AbstractModel):
    """A confirmed order that is changed earns what it is now, by the terms of then."""

    _name = "sale.order.change"
    _description = "Loyalty of a changed Order"

    def _loyalty_changed(self):
        """Bring the points of orders that were changed up to date.

        Past orders, which were confirmed before the accounts, stay as they are.
        """
        for order in self.sudo():
            if order.state == "sale" and order.loyalty_turn:
                order._loyalty_count_again()

    def _loyalty_count_again(self):
        """Credit what the order is worth as it is now, by the terms of its
        confirmation, and take back what is too much.
        """
        if self.partner_id.is_public:
            return
        now, due = fields.Datetime.now(), {}
        for program in self._loyalty_agreed() - self._loyalty_former():
            due[program] = self._loyalty_due(program)
            self._loyalty_keep_basis(program, due=due[program])
        # What an earlier change took back comes first, and uses limits up.
        self._loyalty_settle_refunds()
        grown = [
            self._loyalty_earn_more(program, points, now)
            for program, points in due.items()
            if program._earns()
        ]
        if any(grown):
            self._loyalty_settle_refunds()

    def _loyalty_count_first(self):
        """Credit the order by the rules of today in programs that do not know it.

        Past orders that were credited stay as they are: nobody wrote their terms down.
        """
        if self.partner_id.is_public:
            return
        known = self._loyalty_former() | self._loyalty_accounts().program_id
        self._loyalty_tally().clear()
        asked = self._loyalty_recount() - known - self._loyalty_agreed()
        now = fields.Datetime.now()
        for program in asked.filtered(self._loyalty_is_since)._earns():
            points = self._loyalty_tally().get(program.id, 0)
            if points > 0:
                self.loyalty_turn = self.loyalty_turn or 1
                tiers = self._loyalty_earn(program, points, now)
                self._loyalty_note_terms(program, tiers)

    def _loyalty_is_since(self, program):
        """Whether the order was confirmed since a program keeps accounts: what is older
        is credited by the back-fill alone.
        """
        return self.date_order >= program.accounts_since

    def _loyalty_earn_more(self, program, due, now):
        """Credit what a larger order earns beyond what it ever did; return whether
        there is such a part.
        """
        if self.loyalty_reversed:
            return False
        account = self._loyalty_accounts().filtered(
            lambda a: a.program_id == program and a.customer_id == self.partner_id
        )
        if not account:
            self._loyalty_earn_due(program, due, now)
            return True
        standing = account._locked()
        granted = sum(part.points for part in self._loyalty_parts(account))
        if due <= granted:
            return False
        key = f"{self._loyalty_key()}+{whole_points(due)}"
        movement = self._loyalty_earning(program, due - granted, key, now)
        account._credit(standing, movement, now)
        return True
