from odoo import api, models


class LifecycleEngine(models.AbstractModel):
    _inherit = "lifecycle.engine"

    @api.model
    def _merge_tables(self):
        return [*super()._merge_tables(), "contact_log"]

    @api.model
    def _merge_people(self, source, target):
        """Move a person's preferences; the newer one of each key stays.

        Standard would delete all of the source at the first key both have. The
        ledger of consent has no such key and follows by itself.
        """
        self.env.flush_all()
        self.env.cr.execute(
            """
            DELETE FROM customer_preference p USING customer_preference other
             WHERE p.customer_id IN %(both)s AND other.customer_id IN %(both)s
               AND p.customer_id <> other.customer_id
               AND other.preference_type = p.preference_type
               AND other.preference_key = p.preference_key
               AND (other.write_date, other.id) > (p.write_date, p.id)
            """,
            {"both": (source.id, target.id)},
        )
        self.env["customer.preference"].invalidate_model()
        self.env["contact.merged"]._remember(source, target)

    @api.model
    def _anonymize_customer(self, partner):
        """Forget preferences; remember, as hashes, whom not to write to again."""
        result = super()._anonymize_customer(partner)
        suppression = self.env["contact.suppression"].sudo()
        if partner.email_normalized:
            suppression._suppress("email", partner.email_normalized)
        if partner.phone_sanitized:
            suppression._suppress("sms", partner.phone_sanitized)
        self.env["customer.preference"]._drop(partner)
        self.env.flush_all()
        # The ledger keeps what was agreed and when, not names or addresses.
        self.env.cr.execute(
            "UPDATE customer_consent SET evidence = NULL WHERE customer_id = %s",
            [partner.id],
        )
        self.env["customer.consent"].invalidate_model(["evidence"])
        return result
