import re

from odoo.exceptions import ValidationError
from odoo.http import request

from .loyalty_portal import PAGE, LoyaltyPortal, form

# What ``secrets.token_urlsafe`` makes.
ONCE = re.compile(r"[\w-]{16,64}", re.ASCII)


class LoyaltyRedeem(LoyaltyPortal):
    """Points become a code."""

    @form(f"{PAGE}/redeem")
    def loyalty_redeem(self, reward_id="", once="", **_post):
        """Redeem a reward; sent twice, it is redeemed once."""
        account = self._account()
        key = self._key("redeem", once)
        if not account or not key:
            return request.redirect(f"{PAGE}/rewards")
        rewards = account.program_id.reward_ids
        reward = rewards.filtered(lambda r: str(r.id) == reward_id)
        if not reward:
            return self._render_rewards(account, request.env._("Choose a reward."))
        try:
            with request.env.cr.savepoint():
                found = account._redeem_reward(reward, key)
        except ValidationError:
            # What the ledger says is for integrators.
            error = request.env._("You cannot redeem this reward just now.")
            return self._render_rewards(account, error)
        return request.redirect(
            f"{PAGE}/codes?account={account.id}&fresh={found['code']}"
        )

    def _key(self, form_name, once):
        """Return the ledger's key of a form that was shown once; empty if none was.

        What one form did is not taken for what another one wants.
        """
        return f"portal:{form_name}:{once}" if ONCE.fullmatch(once) else ""
