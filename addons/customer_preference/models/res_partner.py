from odoo import api, fields, models
from odoo.tools import SQL
from odoo.tools.urls import urljoin

from odoo.addons.customer_lifecycle.models.res_partner import READERS

from .contact_unsubscribe import CONFIRM

# Field of the contract: channel of the ledger.
CONSENTS = {
    "email_marketing_consent": "email",
    "sms_marketing_consent": "sms",
    "push_notification_consent": "push",
}


class ResPartner(models.Model):
    _inherit = "res.partner"

    email_marketing_consent = fields.Boolean(
        "Agreed to marketing by e-mail",
        compute="_compute_consents",
        inverse="_inverse_email_consent",
        search="_search_email_consent",
        groups=READERS,
    )
    sms_marketing_consent = fields.Boolean(
        "Agreed to marketing by SMS",
        compute="_compute_consents",
        inverse="_inverse_sms_consent",
        search="_search_sms_consent",
        groups=READERS,
    )
    push_notification_consent = fields.Boolean(
        "Agreed to push notifications",
        compute="_compute_consents",
        inverse="_inverse_push_consent",
        search="_search_push_consent",
        groups=READERS,
    )
    consent_asked_at = fields.Datetime(
        "Asked to confirm",
        compute="_compute_consent_asked_at",
        store=True,
        copy=False,
        groups=READERS,
        help="When the message of the double opt-in went out to this address.",
    )
    consent_ids = fields.One2many(
        "customer.consent", "customer_id", "Consent ledger", groups=READERS
    )
    preference_ids = fields.One2many(
        "customer.preference", "customer_id", "Preferences", groups=READERS
    )

    # Policies ask who shares an address; standard has no index for either.
    _email_normalized_idx = models.Index("(email_normalized)")
    _phone_sanitized_idx = models.Index("(phone_sanitized)")

    @api.depends("email_normalized")
    def _compute_consent_asked_at(self):
        # Another address has not been asked yet.
        self.consent_asked_at = False

    @api.depends("consent_ids")
    @api.depends_context("company")
    def _compute_consents(self):
        current = self.env["customer.consent"].sudo()._current(self)
        for partner in self:
            for name, channel in CONSENTS.items():
                partner[name] = current.get((partner.id, channel, None)) == "granted"

    @api.model_create_multi
    def create(self, vals_list):
        """An untouched switch in the form of a new contact is no "no"."""
        return super().create(
            [
                {k: v for k, v in vals.items() if v or k not in CONSENTS}
                for vals in vals_list
            ]
        )

    def _inverse_email_consent(self):
        self._write_consent("email_marketing_consent")

    def _inverse_sms_consent(self):
        self._write_consent("sms_marketing_consent")

    def _inverse_push_consent(self):
        self._write_consent("push_notification_consent")

    def _write_consent(self, name):
        """Write a row into the ledger for whose consent changes."""
        channel = CONSENTS[name]
        wanted = {partner: partner[name] for partner in self}
        ledger = self.env["customer.consent"]
        current = ledger.sudo()._current(self)
        for status in ("granted", "withdrawn"):
            changed = self.filtered(
                lambda p, s=status: (
                    wanted[p] == (s == "granted")
                    and current.get((p.id, channel, None)) != s
                )
            )
            evidence = self.env._("Set by %s", self.env.user.name)
            ledger._record(changed, channel, status, source="staff", evidence=evidence)

    @api.model
    def _search_email_consent(self, operator, value):
        return self._search_consent("email", operator, value)

    @api.model
    def _search_sms_consent(self, operator, value):
        return self._search_consent("sms", operator, value)

    @api.model
    def _search_push_consent(self, operator, value):
        return self._search_consent("push", operator, value)

    @api.model
    def _search_consent(self, channel, operator, value):
        if operator != "in":
            return NotImplemented
        agreeing = self.env["customer.consent"]._agreeing_query(channel)
        agreed = fields.Domain.custom(
            to_sql=lambda _model, alias, _query: SQL(
                "%s IN (%s)", SQL.identifier(alias, "id"), agreeing
            )
        )
        wanted = set(value)
        if wanted == {True}:
            return agreed
        return ~agreed if True not in wanted else fields.Domain.TRUE

    def _consent_confirmation_url(self):
        """Return the link that confirms consent to e-mail (double opt-in)."""
        self.ensure_one()
        token = self.env["contact.unsubscribe"]._token(
            self, self.env["contact.topic"], scope=CONFIRM
        )
        return urljoin(self.get_base_url(), f"contact/confirm/{token}")

    # ---------------------------------------------------------------- mass mailing
    @api.model
    def _mailing_get_opt_out_list(self, mailing):
        """Return the addresses that said no to e-mail, or to a mailing's topic.

        Whoever of those that share an address said so.
        """
        ledger = self.env["customer.consent"].sudo()
        ledger = ledger.with_company(mailing._contact_company())
        ledger.flush_model()
        self.flush_model(["email_normalized"])
        rows = self.env.execute_query(
            SQL(
                """
                SELECT DISTINCT p.email_normalized FROM res_partner p
                 WHERE p.id IN (%s) AND p.email_normalized IS NOT NULL
                """,
                ledger._objectors_query("email", mailing._contact_topic()),
            )
        )
        return [row[0] for row in rows] + self._erased_addresses()

    @api.model
    def _erased_addresses(self):
        """Return the addresses of erased people that came back with an import.

        Only hashes of them are kept; who was not touched since cannot be one.
        """
        erased = dict(
            self.env["contact.suppression"]
            .sudo()
            ._read_group(
                [("channel", "=", "email")], ["address_hash"], ["erased_at:max"]
            )
        )
        if not erased:
            return []
        touched = self.sudo().search_fetch(
            [
                ("write_date", ">=", min(erased.values())),
                ("email_normalized", "!=", False),
            ],
            ["email_normalized"],
        )
        log = self.env["contact.log"]
        return [
            address
            for address in set(touched.mapped("email_normalized"))
            if log._hash("email", address) in erased
        ]
