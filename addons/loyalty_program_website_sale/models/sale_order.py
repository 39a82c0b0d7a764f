from odoo import models
from odoo.tools import formatLang

QUOTATION = ("draft", "sent")


class SaleOrder(models.Model):
    _inherit = "sale.order"

    def _get_claimable_and_showable_rewards(self):
        found = super()._get_claimable_and_showable_rewards()
        return self._loyalty_open_rewards(found)

    def _allow_nominative_programs(self):
        """Also guests are told what an account would earn."""
        is_forecast = self.env.context.get("loyalty_forecast")
        return bool(is_forecast) or super()._allow_nominative_programs()

    def _loyalty_earners(self, programs):
        """Who buys in the shop without an account earns nothing, whether the payment
        is confirmed in the guest's own session or by the provider later.
        """
        found = super()._loyalty_earners(programs)
        if not found or not self.website_id or self.sudo().partner_id.user_ids:
            return found
        return found & self._loyalty_accounts_in(found).program_id

    def _loyalty_accounts_in(self, programs):
        """Return the accounts that the order's customer, the exact contact, has in
        programs: those that the confirmed order moves.
        """
        customer = self.partner_id
        accounts = self.env["customer.loyalty"].sudo()
        return accounts.search(
            [("customer_id", "=", customer.id), ("program_id", "in", programs.ids)]
        )

    # ---------------------------------------------------------------------- summary
    def _loyalty_summary(self):
        """Return what the customer reads about points, one entry per program.

        :return: list of dicts with state (guest, cart, earned or pending), points (of
            the order) and name (of a point); of carts also balance, tier, and if there
            is something to tell used and multiplier; numbers are text
        """
        self.ensure_one()
        order = self.sudo()
        if order.state not in QUOTATION:
            return order._loyalty_booked_summary()
        order.with_context(loyalty_forecast=True)._loyalty_recount()
        tally = order._loyalty_tally()
        programs = self.env["loyalty.program"].sudo().browse(tally)._earns()
        if order._allow_nominative_programs():
            accounts = order._loyalty_accounts_in(programs).grouped("program_id")
            none = self.env["customer.loyalty"]
            entries = [
                order._loyalty_cart_entry(p, tally[p.id], accounts.get(p, none))
                for p in programs
            ]
        else:
            entries = [order._loyalty_guest_entry(p, tally[p.id]) for p in programs]
        return [entry for entry in entries if entry]

    def _loyalty_guest_entry(self, program, points):
        """Return what an account would earn; nothing where customers cannot join."""
        earned = program._points_for(program.id, points)
        if not earned or not program.is_open:
            return None
        return {"state": "guest", **self._loyalty_texts(program, points=earned)}

    def _loyalty_cart_entry(self, program, points, account):
        """Return what a cart earns and uses; nothing where there is nothing to tell."""
        tier = account.current_tier
        balance = account._spendable() if account else 0
        earned = program._points_for(program.id, points, tier)
        if not (account or program.is_open) or not (earned or balance):
            return None
        numbers = {"points": earned, "balance": balance}
        lines = self.order_line.filtered(lambda ln: ln.coupon_id == account.card_id)
        if used := account and sum(lines.mapped("points_cost")):
            numbers["used"] = used
        multiplier = program._multiplier(program.id, tier)
        if multiplier != 1:
            numbers["multiplier"] = multiplier
        return {
            "state": "cart",
            "tier": account._tier_name(),
            **self._loyalty_texts(program, **numbers),
        }

    def _loyalty_booked_summary(self):
        """Return what a confirmed order has earned, or will when it is available."""
        mine = [("source_type", "=", self._name), ("source_id", "=", self.id)]
        earned = self.env["loyalty.transaction"]._read_group(
            [*mine, ("transaction_type", "=", "earn")], ["loyalty_id"], ["points:sum"]
        )
        pending = self.env["loyalty.pending"]._read_group(
            [*mine, ("state", "in", ("waiting", "held"))],
            ["loyalty_id"],
            ["points:sum"],
        )
        return [
            {"state": state, **self._loyalty_texts(account.program_id, points=points)}
            for state, rows in (("earned", earned), ("pending", pending))
            for account, points in rows
            if points > 0
        ]

    def _loyalty_texts(self, program, **numbers):
        """Return numbers as people read them, and what a point is called."""
        texts = {name: self._loyalty_number(value) for name, value in numbers.items()}
        return {**texts, "name": program.portal_point_name}

    def _loyalty_number(self, value):
        """Return a number with the decimals that it has, at most two."""
        digits = next(n for n in (0, 1, 2) if n == 2 or value == round(value, n))
        return formatLang(self.env, value, digits=digits)
