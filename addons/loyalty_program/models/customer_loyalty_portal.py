from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import email_normalize

from odoo.addons.customer_lifecycle.tools.clock import Clock

from ..const import TIERS

MOST = 1000


class CustomerLoyaltyPortal(models.AbstractModel):
    """What members read of their account on the portal."""

    _name = "customer.loyalty.portal"
    _description = "Loyalty Account on the Portal"

    @api.model
    def _of_user(self, user):
        """Return the accounts that a portal user sees: the own ones, and the firm's."""
        partner = user.partner_id
        people = partner | partner.commercial_partner_id
        found = self.sudo().search(
            [
                ("customer_id", "in", people.ids),
                ("program_id.active", "=", True),
                ("program_id.portal_visible", "=", True),
            ]
        )
        return found.sorted(
            lambda a: (
                a.customer_id != partner,
                not a.program_id.is_active,
                a.program_id.sequence,
            )
        )

    @api.model
    def _joinable(self, user):
        """Return the programs that a portal user may join: those in which this very
        contact has no account yet, whatever the firm has.
        """
        programs = self.env["loyalty.program"].sudo()
        domain = [
            ("is_active", "=", True),
            ("portal_visible", "=", True),
            *programs._of_companies(user.company_ids),
        ]
        found = programs.search(domain, order="sequence, id")._runs()
        known = self._of_user(user)
        known = known.filtered(lambda a: a.customer_id == user.partner_id)
        return found - known.program_id

    # ------------------------------------------------------------------------- tiers
    def _next_tier(self):
        """Return the tier that comes next; empty at the top."""
        rank = [code for code, _label in TIERS]
        higher = self.sudo().program_id.tier_ids.filtered(
            lambda tier: rank.index(tier.code) > rank.index(self.current_tier)
        )
        return higher.sorted("min_points")[:1]

    def _benefits(self):
        """Return the texts of what the account's tier is worth."""
        tiers = self.sudo().program_id.tier_ids
        tier = tiers.filtered(lambda tier: tier.code == self.current_tier)
        return tier.benefit_ids.filtered("display_name").mapped("display_name")

    # ----------------------------------------------------------------------- rewards
    def _catalogue(self):
        """Return what points buy: dicts with reward, points, missing (how many more it
        needs), tier (name of the one it is for, if not reached yet), and is_open.
        """
        program = self.sudo().program_id
        names = {tier.code: tier.name for tier in program.tier_ids}
        spendable = self._spendable()
        found = []
        for reward in program.reward_ids.sorted("required_points"):
            missing = max(reward.required_points - spendable, 0)
            is_for = reward._is_for(self.current_tier)
            tier = names.get(reward.min_tier) or dict(TIERS).get(reward.min_tier)
            found.append(
                {
                    "reward": reward,
                    "points": reward.required_points,
                    "missing": missing,
                    "tier": "" if is_for else tier,
                    "is_open": bool(is_for and not missing and program._runs()),
                }
            )
        return found

    def _codes(self):
        """Return the codes that points were redeemed into, the newest first: dicts with
        card, reward, points, state (open, used, expired or returned), expires.
        """
        cards = self.env["loyalty.card"].sudo().with_context(active_test=False)
        cards = cards.search(
            [
                "|",
                ("redemption_id.loyalty_id", "=", self.id),
                ("redemption_id.loyalty_id.merged_into_id", "=", self.id),
            ],
            order="id desc",
            limit=MOST,
        )
        today = Clock(fields.Datetime.now()).today(self.company_id or self.env.company)
        return [
            {
                "card": card,
                "reward": card.redemption_id.source_description,
                "points": -card.redemption_id.points,
                "state": self._code_state(card, today),
                "expires": card.expiration_date,
            }
            for card in cards
        ]

    def _code_state(self, card, today):
        if not card.active:
            return "returned"
        if card.points < 1:
            return "used"
        is_over = card.expiration_date and card.expiration_date < today
        return "expired" if is_over else "open"

    # ---------------------------------------------------------------------- transfer
    def _recipient(self, text):
        """Return the other member of the program who has an e-mail address or a member
        code; empty where there is none, or more than one, or the contact is archived.
        """
        text = (text or "").strip()
        if "@" in text:
            email = email_normalize(text)
            people = self.env["res.partner"].sudo()
            people = email and people.search([("email_normalized", "=", email)])
            customers = people.ids if people else []
            domain = [("customer_id", "in", customers), ("active", "=", True)]
        else:
            domain = [("referral_code", "=", text.upper())]
        domain += [("program_id", "=", self.program_id.id)]
        every = self.sudo().with_context(active_test=False)
        accounts = every.search(domain, limit=3)._successor() - self
        accounts = accounts.filtered("customer_id.active")
        return self.sudo().browse(accounts.ids if len(accounts) == 1 else ())

    def _may_give(self, user):
        """Whether points may be given away: whoever may redeem for a firm does not
        send its points elsewhere.

        :param user: ``res.users``
        """
        managers = "customer_lifecycle.group_lifecycle_manager"
        is_office = user._is_superuser() or user.has_group(managers)
        return self.customer_id == user.partner_id or is_office

    def _give(self, to, points, key):
        """Move points to another member, once per key.

        Who gives learns that there is no such member, or that the points are gone;
        nothing of whom they went to.

        :param str to: e-mail address or member code
        :param float points: above 0
        :param str key: of the ledger
        :raises ValidationError: no such member, not as many points, more than one day
            allows, somebody else's points, or the program is switched off
        """
        if self._is_done(key):
            return
        if not self._may_give(self.env.user):
            raise ValidationError(
                self.env._(
                    "The points of %s can be redeemed, but not sent to others.",
                    self.customer_id.name,
                )
            )
        self._check_open()
        target = self._recipient(to)
        if not target:
            raise ValidationError(
                self.env._(
                    "The points could not be sent. Please ask the other member for "
                    "the e-mail address or member code of the account."
                )
            )
        self._expire_due(fields.Datetime.now())
        self._transfer(target, points, key=key, to=to)
