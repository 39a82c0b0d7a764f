from odoo import api, fields, models

from ..const import CHANNELS


class ContactSuppression(models.Model):
    """Addresses of people who were erased: a hash, so that no import revives them."""

    _name = "contact.suppression"
    _description = "Erased Address"
    _order = "id desc"
    _rec_name = "address_hash"

    address_hash = fields.Char(required=True, readonly=True)
    channel = fields.Selection(CHANNELS, required=True, readonly=True)
    erased_at = fields.Datetime(required=True, readonly=True)

    _address_uniq = models.UniqueIndex(
        "(address_hash)", "This address is suppressed already."
    )

    @api.model
    def _suppress(self, channel, address):
        """Remember that whoever had a (normalised) address was erased."""
        self.env.cr.execute(
            """
            INSERT INTO contact_suppression (address_hash, channel, erased_at)
            VALUES (%s, %s, %s)
            ON CONFLICT (address_hash) DO UPDATE SET erased_at = excluded.erased_at
            """,
            [
                self.env["contact.log"]._hash(channel, address),
                channel,
                fields.Datetime.now(),
            ],
        )
        self.invalidate_model()
