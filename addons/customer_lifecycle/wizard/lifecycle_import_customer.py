from odoo import api, fields, models
from odoo.tools import email_normalize

SILENT = {
    "tracking_disable": True,
    "mail_create_nolog": True,
    "mail_create_nosubscribe": True,
    "mail_auto_subscribe_no_notify": True,
    "mail_activity_automation_skip": True,
    "no_vat_validation": True,
    # Read by the hooks of this addon: history is no news.
    "customer_lifecycle_history": True,
}


class LifecycleImportCustomer(models.Model):
    """Who a customer id of imported files is.

    A table of its own, not a field of the partner: several ids may be one person,
    ids are per company, and they go along when partners are merged.
    """

    _name = "lifecycle.import.customer"
    _description = "Imported Customer Id"
    _order = "key"
    _rec_name = "key"

    company_id = fields.Many2one("res.company", required=True, ondelete="cascade")
    key = fields.Char("Customer id in files", required=True)
    partner_id = fields.Many2one(
        "res.partner", required=True, ondelete="cascade", index=True
    )

    _key_uniq = models.UniqueIndex(
        "(company_id, key)", "This customer id is known already."
    )

    @api.model
    def _resolve(self, record, keys):
        """Return {customer id: partner id}, creating the partners that are missing.

        A customer is who had the id in an earlier file, else who has the e-mail
        address, else somebody new.

        :param record: the import that asks
        :param keys: customer ids as the file writes them
        :return: the dict, and the number of new partners
        """
        known = self._known(record.company_id, keys)
        missing = set(keys) - set(known)
        if not missing:
            return known, 0
        contacts = [
            (
                key,
                name or self._name_of(key),
                email and email_normalize(email),
                since,
            )
            for key, name, email, since in self.env[
                "lifecycle.import.row"
            ]._contact_data(record, missing)
        ]
        by_email = self._partners_by_email(record.company_id, contacts)
        created = self._create_partners(contacts, by_email)
        found = {
            key: created.get(key) or by_email[email]
            for key, _name, email, _since in contacts
        }
        self.create(
            [
                {"company_id": record.company_id.id, "key": key, "partner_id": partner}
                for key, partner in found.items()
            ]
        )
        return known | found, len(created)

    @api.model
    def _name_of(self, key):
        """Return how to call who has but an id; many a list has names for ids."""
        is_name = " " in key and not any(char.isdigit() for char in key)
        return key if is_name else self.env._("Customer %s", key)

    @api.model
    def _known(self, company, keys):
        rows = self.search_fetch(
            [("company_id", "=", company.id), ("key", "in", list(keys))],
            ["key", "partner_id"],
        )
        return {row.key: row.partner_id.id for row in rows}

    @api.model
    def _partners_by_email(self, company, contacts):
        emails = {email for _key, _name, email, _since in contacts if email}
        if not emails:
            return {}
        partners = self.env["res.partner"].search_fetch(
            [
                ("email_normalized", "in", list(emails)),
                ("company_id", "in", [False, company.id]),
            ],
            ["email_normalized"],
            order="id desc",
        )
        # The oldest one wins: it has the history.
        return {partner.email_normalized: partner.id for partner in partners}

    @api.model
    def _create_partners(self, contacts, by_email):
        """Create partners for the contacts whose address nobody has.

        :param dict by_email: known addresses; the new ones are added
        :return: {customer id: partner id} of those who were created
        """
        fresh = {}
        for key, name, email, since in contacts:
            if not email or (email not in by_email and email not in fresh):
                fresh[email or (key,)] = (key, name, email, since)
        partners = (
            self.env["res.partner"]
            .with_context(**SILENT)
            .create(
                [
                    {"name": name, "email": email, "ref": key}
                    for key, name, email, _since in fresh.values()
                ]
            )
        )
        partners._become_past_customers([since for *_contact, since in fresh.values()])
        pairs = zip(fresh.values(), partners.ids, strict=True)
        created = {key: partner for (key, *_contact), partner in pairs}
        by_email |= {e: created[key] for key, _name, e, _since in fresh.values() if e}
        return created
