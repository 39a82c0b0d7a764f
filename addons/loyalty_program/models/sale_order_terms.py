from odoo import models

from ..tools.movement import whole_points
from ..tools.rate import Rate


class SaleOrderTerms(models.AbstractModel):
    """An order is worth what it was agreed to be: whatever becomes of a program later,
    the rules, the rate and the tier's multiplier of the day of the confirmation hold.
    """

    _name = "sale.order.terms"
    _description = "Terms of an Order"

    # ------------------------------------------------------------------------- note
    def _loyalty_note_terms(self, programs, tiers):
        """Write down by what programs counted the order, also those in which it earns
        nothing as it is.

        :param dict tiers: {program: tier of the customer before the order}, of those
            in which it earned
        """
        for program in programs:
            tier = tiers.get(program) or self._loyalty_account(program).current_tier
            self._loyalty_keep_basis(
                program,
                multiplier=self._loyalty_multiplier(program, tier),
                rate=self._loyalty_rate(program),
                rules=program._note_rules(self.sudo()),
            )

    def _loyalty_account(self, program):
        """Return the account of the order's customer: the exact contact."""
        return self.env["customer.loyalty"]._account_of(program, self.partner_id)

    def _loyalty_multiplier(self, program, tier):
        """Return what a tier makes of points; who is no member yet is in the lowest.

        :param str tier: code of the customer's tier before the order, or False
        """
        return program._multiplier(program.id, tier or program._first_tier(program.id))

    def _loyalty_keep_basis(self, program, **values):
        basis = dict(self.sudo().loyalty_basis or {})
        key = str(program.id)
        basis[key] = {**basis.get(key, {}), **values}
        self._loyalty_set("loyalty_basis", basis)

    # ------------------------------------------------------------------------- count
    def _loyalty_terms(self, program):
        """Return by what a program counts the order; empty where nothing was agreed."""
        return (self.sudo().loyalty_basis or {}).get(str(program.id), {})

    def _loyalty_agreed(self):
        """Return the programs with which the order has terms."""
        numbers = map(int, self.sudo().loyalty_basis or {})
        return self.env["loyalty.program"].sudo().browse(numbers).exists()

    def _loyalty_due(self, program):
        """Return the whole points that the order is worth as it is now, by its terms.

        :param program: ``loyalty.program`` with which it has terms
        """
        terms = self._loyalty_terms(program)
        counted = program._by_rules(terms["rules"])
        order = self.with_context(loyalty_rate=Rate(terms["rate"]))
        order._program_check_compute_points(counted)
        points = self._loyalty_tally().pop(counted.id, 0)
        return whole_points(points * terms["multiplier"])

    def _loyalty_earn_due(self, program, points, now):
        """Credit an order that had earned nothing, by its terms; or let it pend.

        :param float points: what it is worth, with the tier's multiplier
        """
        if points <= 0 or not self._loyalty_earners(program):
            return
        if standing := self._loyalty_join(program, now):
            self._loyalty_credit(program, standing, points, now)
