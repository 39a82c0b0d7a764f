from datetime import timedelta

from odoo import api, fields, models

from ..const import DIGITS, EXPIRING_DAYS


class CustomerLoyaltyCard(models.AbstractModel):
    """What the member card shows beside the account's own figures."""

    _name = "customer.loyalty.card"
    _description = "Member Card"

    tier_name = fields.Char("Name of the tier", compute="_compute_tier_name")
    tier_progress = fields.Float("Progress", compute="_compute_tier_progress")
    points_expiring = fields.Float(
        "Expiring soon",
        digits=DIGITS,
        compute="_compute_points_expiring",
        help="What expires within 30 days.",
    )
    points_held = fields.Float(
        "Held for review", digits=DIGITS, compute="_compute_points_held"
    )
    audit_note = fields.Char(
        "Does not add up",
        readonly=True,
        copy=False,
        help="What the nightly audit found; empty when everything agrees.",
    )

    @api.depends("current_tier", "program_id.tier_ids.name")
    def _compute_tier_name(self):
        labels = dict(self._fields["current_tier"]._description_selection(self.env))
        for account in self:
            account.tier_name = account._tier_name() or labels[account.current_tier]

    @api.depends("points_lifetime", "next_tier_points", "current_tier")
    def _compute_tier_progress(self):
        for account in self:
            account.tier_progress = account._progress()

    def _compute_points_expiring(self):
        now = fields.Datetime.now()
        soon = now + timedelta(days=EXPIRING_DAYS)
        found = self._sum_of(
            "loyalty.point.lot",
            [
                ("remaining", ">", 0),
                ("expires_at", ">", now),
                ("expires_at", "<=", soon),
            ],
            "remaining",
        )
        for account in self:
            account.points_expiring = found.get(account, 0)

    def _compute_points_held(self):
        found = self._sum_of("loyalty.pending", [("state", "=", "held")], "points")
        for account in self:
            account.points_held = found.get(account, 0)

    def _sum_of(self, model, domain, name):
        """Return {account: sum} over the rows of these accounts in another table."""
        rows = self.env[model].sudo()
        mine = [("loyalty_id", "in", self.ids), *domain]
        return dict(rows._read_group(mine, ["loyalty_id"], [f"{name}:sum"]))

    def _tell_managers(self, subject, text, further=0):
        """Post a message on the account that all lifecycle managers get.

        :param str subject: what it is about
        :param str text: of the message
        :param int further: how many other accounts it is true of
        """
        self.ensure_one()
        if further > 0:
            text = self.env._("%(text)s (and %(count)s more)", text=text, count=further)
        managers = self.env.ref("customer_lifecycle.group_lifecycle_manager").sudo()
        users = managers.all_user_ids.filtered(
            lambda user: not self.company_id or self.company_id in user.company_ids
        )
        self.message_post(subject=subject, body=text, partner_ids=users.partner_id.ids)

    # ---------------------------------------------------------------------- actions
    def action_adjust(self):
        """Open the adjustment of this account's points."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Adjust Points"),
            "res_model": "loyalty.adjustment",
            "view_mode": "form",
            "target": "new",
            "context": {"default_loyalty_id": self.id},
        }

    def action_open_transactions(self):
        """Open the ledger of this account."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "loyalty_program.loyalty_transaction_action"
        )
        return {
            **action,
            "domain": [("loyalty_id", "=", self.id)],
            "context": {"create": False},
        }

    def action_open_held(self):
        """Open what is held for review."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "loyalty_program.loyalty_pending_action_review"
        )
        return {**action, "domain": [("loyalty_id", "=", self.id)], "context": {}}

    def action_open_customer(self):
        """Open the contact."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "res.partner",
            "res_id": self.customer_id.id,
            "view_mode": "form",
        }
