from odoo import fields, models


class LoyaltyCard(models.Model):
    """Whoever looks at a card finds in the ledger what became of its points."""

    _inherit = "loyalty.card"

    has_account = fields.Boolean(compute="_compute_has_account", compute_sudo=True)

    def _compute_has_account(self):
        accounts = self.env["customer.loyalty"].with_context(active_test=False)
        kept = accounts.search([("card_id", "in", self.ids)]).card_id
        for card in self:
            card.has_account = card in kept

    def action_open_account(self):
        """Open the account of this card."""
        self.ensure_one()
        accounts = self.env["customer.loyalty"].with_context(active_test=False)
        account = accounts.search([("card_id", "=", self.id)])
        return {
            "type": "ir.actions.act_window",
            "name": account.display_name,
            "res_model": account._name,
            "res_id": account.id,
            "view_mode": "form",
        }

    def action_open_ledger(self):
        """Open the transactions of this card's account."""
        accounts = self.env["customer.loyalty"].with_context(active_test=False)
        return accounts.search([("card_id", "=", self.id)]).action_open_transactions()

    def _untracked(self):
        """Return these cards for a change that the ledger explains, with who, when and
        why: a note on the card would say less, and cost every order as much as the
        ledger does.
        """
        return self.with_context(mail_notrack=True)
