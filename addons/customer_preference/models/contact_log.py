from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import hmac as odoo_hmac

from ..const import CATEGORIES, CHANNELS

COLUMNS = (
    "customer_id",
    "addressee_id",
    "company_id",
    "address_hash",
    "channel",
    "category",
    "sent_at",
    "message_key",
)
# The longest period that a cap may look back.
KEPT_DAYS = 400


class ContactLog(models.Model):
    """What was sent to whom; caps count these rows."""

    _name = "contact.log"
    _description = "Contact Log"
    _order = "sent_at desc, id desc"
    _rec_name = "customer_id"
    _log_access = False

    customer_id = fields.Many2one("res.partner", ondelete="cascade", readonly=True)
    addressee_id = fields.Many2one("res.partner", ondelete="set null", readonly=True)
    company_id = fields.Many2one(
        "res.company", required=True, ondelete="cascade", readonly=True
    )
    address_hash = fields.Char(
        readonly=True, help="Of the normalised address: a guest who signs up is known."
    )
    channel = fields.Selection(CHANNELS, required=True, readonly=True)
    category = fields.Selection(CATEGORIES, required=True, readonly=True)
    sent_at = fields.Datetime(required=True, readonly=True)
    message_key = fields.Char(readonly=True, help="No message is sent twice.")

    _key_uniq = models.UniqueIndex(
        "(company_id, message_key) WHERE message_key IS NOT NULL",
        "This message was sent already.",
    )
    _customer_idx = models.Index("(customer_id, sent_at)")
    _address_idx = models.Index("(address_hash, sent_at)")

    @api.model
    def _hash(self, channel, address):
        """Return the keyed hash of a normalised address, or None without one."""
        if not address:
            return None
        return odoo_hmac(self.env(su=True), "contact-address", (channel, address))

    @api.model
    def _record(self, rows):
        """Write down what was sent; a message known by its key is left alone.

        :param list rows: dicts with customer_id, addressee_id, channel, category,
            sent_at (UTC), and address (normalised) or address_hash, message_key
        :return: set of the message keys that are new
        """
        if not rows:
            return set()
        values = [
            [
                {
                    "company_id": self.env.company.id,
                    "address_hash": self._hash(row["channel"], row.get("address")),
                    **row,
                }.get(name)
                for name in COLUMNS
            ]
            for row in rows
        ]
        found = self.env.cr.execute_values(
            f"INSERT INTO contact_log ({', '.join(COLUMNS)}) VALUES %s"
            " ON CONFLICT DO NOTHING RETURNING message_key",
            values,
            page_size=2000,
            fetch=True,
        )
        self.invalidate_model()
        return {key for (key,) in found}

    @api.autovacuum
    def _gc_log(self):
        limit = fields.Datetime.now() - timedelta(days=KEPT_DAYS)
        rows = self.search([("sent_at", "<", limit)], limit=10_000)
        rows.unlink()
        return len(rows), len(rows) == 10_000
