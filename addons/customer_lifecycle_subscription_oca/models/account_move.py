from odoo import fields, models

# Stored fields that make an invoice a renewal, or no longer one.
RENEWAL_FIELDS = {"state", "payment_state", "invoice_date", "subscription_id"}


class AccountMove(models.Model):
    _inherit = "account.move"

    # Renewals are found by their subscription.
    subscription_id = fields.Many2one(index="btree_not_null")

    def _write_multi(self, vals_list):
        result = super()._write_multi(vals_list)
        written = list(zip(self.ids, vals_list, strict=True))
        changed = [i for i, vals in written if not RENEWAL_FIELDS.isdisjoint(vals)]
        if changed:
            posted = [i for i, vals in written if vals.get("state") == "posted"]
            self.browse(changed)._record_lifecycle_renewals(posted)
        return result

    def _record_lifecycle_renewals(self, posted):
        """Record renewals among the ``posted``; touch the others' customers.

        :param list posted: ids of the invoices that have just been posted
        """
        self.env.cr.execute(
            "SELECT id, subscription_id FROM account_move"
            " WHERE id = ANY(%s) AND subscription_id IS NOT NULL",
            [self.ids],
        )
        subscription_by_invoice = dict(self.env.cr.fetchall())
        if not subscription_by_invoice:
            return
        subscriptions = self.env["sale.subscription"].sudo()
        renewed = subscriptions._record_renewals(self._name, posted)
        touched = set(subscription_by_invoice.values()).difference(renewed)
        subscriptions.browse(touched)._record_lifecycle_changes()
