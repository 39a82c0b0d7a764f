from odoo import api, fields, models

from odoo.addons.customer_lifecycle.tools.clock import Clock

from ..tools.inputs import is_storable
from ..tools.invitation import Invitation


class CustomerLoyaltyReferral(models.AbstractModel):
    """A member's own invitations."""

    _name = "customer.loyalty.referral"
    _description = "Invitations of a Loyalty Account"
    _inherit = ["customer.loyalty.journey"]

    referral_ids = fields.One2many(
        "loyalty.referral", "loyalty_id", "Referrals", readonly=True
    )
    referral_count = fields.Integer(
        "Rewarded referrals", compute="_compute_referral_count"
    )

    def _compute_referral_count(self):
        found = dict(
            self.env["loyalty.referral"]
            .sudo()
            ._read_group(
                [("loyalty_id", "in", self.ids), ("state", "=", "rewarded")],
                ["loyalty_id"],
                ["__count"],
            )
        )
        for account in self:
            account.referral_count = found.get(account, 0)

    @api.model
    def _by_code(self, code):
        """Return the account whose code or link somebody has; empty if nobody's.

        :param str code: as it was typed
        """
        code = code.strip().upper() if isinstance(code, str) else ""
        if not code or not is_storable(code):
            return self.sudo().browse()
        every = self.sudo().with_context(active_test=False)
        found = every.search([("referral_code", "=", code)], limit=1)._successor()
        account = self.sudo().browse(found.ids).filtered("active")
        return account.filtered(lambda a: a.program_id._referral_rule())

    @api.model
    def _join(self, program, customer, code=""):
        """Return the account of a customer who joins, invited or not.

        :param program: ``loyalty.program`` that keeps accounts
        :param customer: ``res.partner``, the exact contact
        :param str code: of the member who invited the customer
        """
        now = fields.Datetime.now()
        invitation = Invitation(code, now)
        self.env["loyalty.referral"].sudo()._attribute(invitation, customer, now)
        return self._enroll(program, customer, now)

    def _referral_link(self):
        """Return the address that a member's friends follow."""
        self.ensure_one()
        return f"{self.get_base_url()}/refer/{self.referral_code}"

    def _may_invite(self, friend, order=None):
        """Whether somebody counts as a new customer whom this member brought.

        :param friend: ``res.partner``, the exact contact
        :param order: the ``sale.order`` with which the friend comes
        """
        owner = friend.commercial_partner_id
        if not self or not friend or owner == self.customer_id.commercial_partner_id:
            return False
        is_staff = any(user._is_internal() for user in friend.user_ids)
        if friend.is_public or is_staff:
            return False
        is_elsewhere = order and self.company_id not in (
            order.company_id,
            self.company_id[:0],
        )
        return not (
            is_elsewhere or self._has_ordered(owner, order) or self._is_invited(owner)
        )

    def _is_invited(self, owner):
        """Whether somebody of a firm came by an invitation to the program already."""
        domain = [
            ("friend_id.commercial_partner_id", "=", owner.id),
            ("program_id", "=", self.program_id.id),
        ]
        return bool(self.env["loyalty.referral"].sudo().search_count(domain, limit=1))

    def _has_ordered(self, owner, order=None):
        """Whether a customer has a confirmed order beside the one given."""
        domain = [
            ("partner_id.commercial_partner_id", "=", owner.id),
            ("state", "=", "sale"),
            ("id", "!=", order.id if order else False),
        ]
        return bool(self.env["sale.order"].sudo().search_count(domain, limit=1))

    def _rewarded_this_year(self, now):
        """Return the invitations that were rewarded this year, or wait for review; also
        those of which points are left that could not be taken back.

        :param datetime now: naive UTC
        """
        company = self.company_id or self.env.company
        year = Clock(now).today(company).year
        every = self.env["loyalty.referral"].sudo().with_context(active_test=False)
        found = every.search(
            [
                ("loyalty_id", "=", self.id),
                ("state", "in", ("rewarded", "held", "reversed")),
                ("rewarded_at", "!=", False),
            ]
        ).filtered(lambda r: Clock(r.rewarded_at).today(company).year == year)
        back = found.filtered(lambda r: r.state == "reversed")
        return found - back + back._with_points_left()

    def _held_reasons(self, standing, movement, now):
        """Points of an invitation that looks like one's own are reviewed first."""
        reason = super()._held_reasons(standing, movement, now)
        if movement.source_type != "loyalty.referral":
            return reason
        referral = self.env["loyalty.referral"].sudo().browse(movement.source_id)
        return "; ".join(filter(None, [reason, referral.reason]))

    def _merge_accounts(self, into):
        """Invitations go to the account that takes over."""
        moved = self.env["loyalty.referral"].sudo().with_context(active_test=False)
        moved.search([("loyalty_id", "in", self.ids)]).loyalty_id = into
        return super()._merge_accounts(into)
