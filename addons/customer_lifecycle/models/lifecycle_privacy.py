from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

# What a person is called, found and reached by.
IDENTIFYING = (
    "email",
    "phone",
    "street",
    "street2",
    "zip",
    "city",
    "state_id",
    "country_id",
    "vat",
    "ref",
    "comment",
    "website",
    "function",
    "barcode",
    "image_1920",
)
SECRET = ("token", "secret", "password")
# Privacy logs want an address, whoever has none.
NO_ADDRESS = "unknown@example.invalid"


class LifecycleEngine(models.AbstractModel):
    """Requests of people about their own data: all of it, or none of it any more."""

    _inherit = "lifecycle.engine"

    @api.model
    def get_personal_data(self, customer_id):
        """Return what is known about a person, as answer to a request for access
        (GDPR, articles 15 and 20).

        :param int customer_id: id of a partner, the exact contact
        :return: dict of model to dict of label and rows; each row is a dict of field
            name to plain value. Contact and orders, and every model that has rows about
            one customer each, in the user's companies. Empty for who is a customer
            of other companies only
        :raises ValidationError: the id is unknown
        :raises AccessError: the user is no lifecycle manager
        """
        self._check_manager()
        partner = self._check_person(customer_id)
        if self._is_others(partner, self.env.companies):
            return {}
        found = {"res.partner": partner}
        models_of = {"sale.order": "partner_id"}
        models_of |= dict.fromkeys(self._personal_models(), "customer_id")
        for name, link in models_of.items():
            rows = self.env[name].sudo().with_context(active_test=False)
            domain = Domain(link, "=", partner.id)
            if "addressee_id" in rows._fields:
                # Said by the person for a firm, or written to the person.
                domain |= Domain("addressee_id", "=", partner.id)
            if "company_id" in rows._fields:
                domain &= Domain("company_id", "in", [False, *self.env.companies.ids])
            found[name] = rows.search(domain)
        return {
            name: {"label": rows._description, "rows": _rows_of(rows)}
            for name, rows in found.items()
            if rows
        }

    @api.model
    def _check_person(self, customer_id):
        """Return the exact contact: people ask for themselves, not for their firm.

        :raises ValidationError: the id is unknown
        """
        self._check_customers("customer_id", customer_id)
        (number,) = self._check_ids("customer_id", customer_id)
        return self.env["res.partner"].sudo().browse(number)

    @api.model
    def _personal_models(self):
        """Return the names of the models that have rows about one customer each."""
        return sorted(
            name
            for name, model in self.env.registry.items()
            if not model._abstract
            and not model._transient
            and model._auto
            and _is_customer(model._fields.get("customer_id"))
        )

    @api.model
    def erase_customer(self, customer_id, note=None):
        """Forget who a person is, as answer to a request for erasure (GDPR, article
        17): name, addresses, notes and logins go, journeys end, nobody writes to the
        addresses again. Orders, invoices and figures stay, of a nameless customer:
        books must be kept.

        :param int customer_id: id of a partner, the exact contact
        :param str note: goes into the privacy log
        :return: dict with customer_id and log_id, the id of the ``privacy.log``
        :raises ValidationError: the id is unknown
        :raises UserError: an employee, known to a company that is not the user's, or
            invoices are not paid yet
        :raises AccessError: the user is no lifecycle manager
        """
        self._check_manager()
        partner = self._check_person(customer_id)
        self._check_erasable(partner)
        log = self.env["privacy.log"].sudo()
        entry = log.create(
            {
                "anonymized_name": partner.name or "",
                "anonymized_email": partner.email_normalized or NO_ADDRESS,
                "user_id": self.env.uid,
                "execution_details": self.env._("Erased by the customer lifecycle"),
                "additional_note": note or False,
            }
        )
        self._anonymize_customer(partner)
        self._forget_identity(partner)
        return {"customer_id": partner.id, "log_id": entry.id}

    def _check_erasable(self, partner):
        known = self._known_companies(partner)
        if not self.env.su and known - self.env.user.company_ids:
            raise UserError(
                self.env._(
                    "%s is a customer of another company, too: somebody who works for "
                    "all of them has to do it.",
                    partner.name,
                )
            )
        users = partner.with_context(active_test=False).user_ids
        if users.filtered(lambda user: user._is_internal()):
            raise UserError(
                self.env._("%s is a colleague: take the user away first.", partner.name)
            )
        unpaid = self.env["account.move"].sudo()
        unpaid = unpaid.search(
            [
                ("partner_id", "=", partner.id),
                ("state", "=", "posted"),
                ("move_type", "in", ("out_invoice", "out_refund")),
                ("payment_state", "in", ("not_paid", "partial")),
            ],
            limit=5,
        )
        if unpaid:
            raise UserError(
                self.env._(
                    "%(name)s has invoices that are not settled yet: %(invoices)s.",
                    name=partner.name,
                    invoices=", ".join(unpaid.mapped("name")),
                )
            )

    def _known_companies(self, partner):
        """Return the companies that a person is a customer of."""
        rows = self.env["customer.lifecycle"].sudo().with_context(active_test=False)
        both = partner | partner.commercial_partner_id
        return rows.search([("customer_id", "in", both.ids)]).company_id

    def _is_others(self, partner, companies):
        known = self._known_companies(partner)
        return bool(known) and not known & companies

    def _forget_identity(self, partner):
        """Take names, addresses, notes and logins away.

        The further addresses of a person go along; the contacts of a firm are people
        of their own.
        """
        people = partner.with_context(tracking_disable=True, active_test=False)
        if not partner.is_company:
            people |= people.child_ids.filtered(lambda child: child.type != "contact")
        gone = {name: False for name in IDENTIFYING if name in people._fields}
        for person in people:
            name = self.env._("Erased customer %s", person.id)
            person.write({**gone, "name": name, "category_id": [(5,)]})
        people.message_ids.unlink()
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE mail_message SET email_from = NULL WHERE author_id = ANY(%s)",
            [people.ids],
        )
        for user in people.user_ids:
            user.api_key_ids.unlink()
            user.write({"active": False, "login": f"erased-{user.id}"})
        # Odoo refuses to archive contacts of users, and would count the archived ones.
        people.with_context(active_test=True).active = False
        self.env.invalidate_all()


def _is_customer(field):
    return (
        field is not None
        and field.store
        and field.type == "many2one"
        and field.comodel_name == "res.partner"
    )


def _rows_of(records):
    """Return the rows of records with what people can read of them."""
    names = [name for name, field in records._fields.items() if _is_told(name, field)]
    rows = []
    for values in records.read(names):
        row = {name: _plain(value) for name, value in values.items()}
        rows.append({name: value for name, value in row.items() if value is not False})
    return rows


def _is_told(name, field):
    """Whether a field tells of the person: not what only programs need, or secrets."""
    return (
        field.store
        and not field.groups
        and field.type not in ("binary", "one2many", "many2many", "reference")
        and not name.startswith(("message_", "activity_", "write_", "create_uid"))
        and not any(word in name for word in SECRET)
    )


def _plain(value):
    if isinstance(value, tuple):
        return str(value[1])
    if hasattr(value, "isoformat"):
        return fields.Datetime.to_string(value)
    return value
