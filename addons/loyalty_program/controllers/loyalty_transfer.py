from odoo.exceptions import ValidationError
from odoo.http import request

from .loyalty_portal import PAGE, form, read_page
from .loyalty_redeem import LoyaltyRedeem


class LoyaltyTransfer(LoyaltyRedeem):
    """Points go to another member, after a look at what was typed."""

    @read_page(f"{PAGE}/transfer")
    def loyalty_transfer_page(self, **_get):
        """Ask to whom, and how many."""
        account = self._account()
        if not account or not account._may_give(request.env.user):
            return request.redirect(f"{PAGE}?account={account.id}" if account else PAGE)
        return self._render_transfer(account)

    @form(f"{PAGE}/transfer")
    def loyalty_transfer(self, to="", number="", once="", confirmed="", **_post):
        """Show what was typed; when that was confirmed, move the points."""
        account = self._account()
        key = self._key("transfer", once)
        if not account or not key:
            return request.redirect(f"{PAGE}/transfer")
        to = to.replace("\0", "").strip()[:200]
        try:
            amount = self._amount(account, to, number, key)
            if not confirmed:
                return self._render_transfer(account, asked=(to, amount))
            with request.env.cr.savepoint():
                account._give(to, amount, key)
        except ValidationError as error:
            return self._render_transfer(account, error=str(error.args[0]))
        return request.redirect(f"{PAGE}/history?account={account.id}&sent=1")

    def _amount(self, account, to, number, key):
        """Return how many points are to go.

        :raises ValidationError: nobody, no whole number, or more than there are
        """
        env = request.env
        if not to:
            raise ValidationError(env._("Please enter an e-mail address or a code."))
        amount = int(number) if number.isascii() and number.isdigit() else 0
        if not 0 < amount < 10**9:
            raise ValidationError(env._("Please enter a whole number of points."))
        if amount > account._spendable() and not account._is_done(key):
            raise ValidationError(env._("You do not have that many points."))
        return float(amount)

    def _render_transfer(self, account, asked=None, error=None):
        values = {"asked": asked, "error": error}
        if asked:
            # The confirmation is the same wish as the form before.
            values["once"] = request.params["once"]
        return self._render("portal_my_loyalty_transfer", account, **values)
