from odoo import fields, models

from ..tools.movement import whole_points


class SaleOrderChange(models.AbstractModel):
    """A confirmed order that is changed earns what it is now, by the tier of then."""

    _name = "sale.order.change"
    _description = "Loyalty of a changed Order"

    def _loyalty_note_basis(self, program, tier):
        """Remember what later changes go by."""
        multiplier = self.env["loyalty.program"]._multiplier(program.id, tier)
        self._loyalty_keep_basis(program, multiplier=multiplier)

    def _loyalty_keep_basis(self, program, **values):
        basis = dict(self.sudo().loyalty_basis or {})
        key = str(program.id)
        basis[key] = {**basis.get(key, {}), **values}
        self._loyalty_set("loyalty_basis", basis)

    def _loyalty_changed(self):
        """Bring the points of orders that were changed up to date.

        Past orders, which were confirmed before the accounts, stay as they are.
        """
        for order in self.sudo():
            if order.state == "sale" and order.loyalty_turn:
                order._loyalty_count_again()

    def _loyalty_count_again(self):
        """Credit what the order earns as it is now, and take back what is too much."""
        if self.partner_id.is_public:
            return
        self._loyalty_tally().clear()
        asked = self._loyalty_recount() - self._loyalty_former()
        now = fields.Datetime.now()
        for program in asked._earns():
            points = self._loyalty_tally().get(program.id, 0)
            known = (self.loyalty_basis or {}).get(str(program.id))
            if known:
                due = whole_points(points * known["multiplier"])
                self._loyalty_keep_basis(program, due=due)
                self._loyalty_earn_more(program, due, now)
            elif points > 0:
                self.loyalty_turn = self.loyalty_turn or 1
                self._loyalty_earn(program, points, now)
        self._loyalty_settle_refunds()

    def _loyalty_earn_more(self, program, due, now):
        """Credit what a larger order earns beyond what it ever did."""
        account = self._loyalty_accounts().filtered(lambda a: a.program_id == program)
        if not account or self.loyalty_reversed:
            return
        standing = account._locked()
        granted = self._loyalty_granted(account, standing)
        if due <= granted:
            return
        key = f"{self._loyalty_key()}+{whole_points(due)}"
        movement = self._loyalty_earning(program, due - granted, key, now)
        account._credit(standing, movement, now)

    def _loyalty_granted(self, account, standing):
        """Return what the order was credited, or lets pend, before refunds."""
        pending = self._loyalty_pending(account)
        return self._loyalty_gross(standing) + sum(pending.mapped("gross"))

    def _loyalty_left(self, program, granted):
        """Return what of the points that were granted the order is worth since it was
        changed, 0 to 1.
        """
        due = (self.sudo().loyalty_basis or {}).get(str(program.id), {}).get("due")
        return 1 if due is None or due >= granted else due / granted
