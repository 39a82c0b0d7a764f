from odoo import api, models
from odoo.tools import SQL


class LifecycleEngine(models.AbstractModel):
    """The ledger of who asked for erasure stays, without words about people."""

    _inherit = "lifecycle.engine"

    @api.model
    def _anonymize_customer(self, partner):
        """Forget what colleagues wrote, and the name in what others read of their own
        points; points and their sources stay.
        """
        result = super()._anonymize_customer(partner)
        accounts = self.env["customer.loyalty"].sudo().with_context(active_test=False)
        mine = accounts.search([("customer_id", "=", partner.id)])
        self.env.flush_all()
        # Beside the ORM, which lets nobody change the ledger.
        self.env.cr.execute(
            "UPDATE loyalty_transaction SET source_description = NULL"
            " WHERE loyalty_id = ANY(%s)"
            " AND transaction_type IN ('adjust', 'transfer')",
            [mine.ids],
        )
        self.env.cr.execute(
            "UPDATE loyalty_pending SET source_description = NULL, decision = NULL"
            " WHERE loyalty_id = ANY(%s)",
            [mine.ids],
        )
        self._forget_in_others(partner, mine)
        self.env["loyalty.transaction"].invalidate_model(["source_description"])
        self.env["loyalty.pending"].invalidate_model()
        return result

    @api.model
    def _forget_in_others(self, partner, accounts):
        """Take a name, or an e-mail address that was typed, out of the ledgers of those
        who gave points to somebody, got some, or invited the person.

        :param partner: ``res.partner`` who is forgotten
        :param accounts: ``customer.loyalty`` of that person
        """
        every = self.env["loyalty.referral"].sudo().with_context(active_test=False)
        referrals = every.search([("friend_id", "=", partner.id)])
        transfer, invitation = self.env._("Transfer"), self.env._("Invitation")
        transactions = SQL.identifier("loyalty_transaction")
        pending = SQL.identifier("loyalty_pending")
        earned = SQL("transaction_type = 'earn' AND points > 0")
        for table, records, text, which in (
            (transactions, accounts, transfer, SQL("transaction_type = 'transfer'")),
            (transactions, referrals, invitation, earned),
            (pending, referrals, invitation, SQL("TRUE")),
        ):
            self.env.cr.execute(
                SQL(
                    "UPDATE %s SET source_description = %s WHERE source_type = %s"
                    " AND source_id = ANY(%s) AND loyalty_id <> ALL(%s) AND %s",
                    table,
                    text,
                    records._name,
                    records.ids,
                    accounts.ids,
                    which,
                )
            )
