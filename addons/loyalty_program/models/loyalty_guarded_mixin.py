from odoo import api, models
from odoo.exceptions import AccessError

# Fields that the ledger trusts, and keeps itself.
KEPT = {
    "sale.order": {
        "invited_at",
        "loyalty_basis",
        "loyalty_reversed",
        "loyalty_settled",
        "loyalty_turn",
    },
    "loyalty.card": {"redemption_id"},
}


class LoyaltyGuardedMixin(models.AbstractModel):
    """Fields by which points are counted are written by the code that counts them, as
    the superuser: that they are read-only holds for forms alone.
    """

    _name = "loyalty.guarded.mixin"
    _description = "Fields that nobody writes"

    @api.model
    def _kept_fields(self):
        """Return the names of fields that no user writes; bridges add theirs."""
        return KEPT.get(self._name, set())

    @api.model
    def _check_not_given(self, vals_list):
        """Raise AccessError where new records bring what the ledger keeps itself.

        :param list vals_list: as for ``create``
        """
        names = self._kept_fields()
        # Defaults of the context hold for whoever creates the record in the end.
        for name in sorted(names):
            if self.env.context.get(f"default_{name}"):
                self._refuse_kept(name)
        if self.env.su:
            return
        for vals in vals_list:
            for name in sorted(names.intersection(vals)):
                if vals[name]:
                    self._refuse_kept(name)

    def _check_not_changed(self, vals):
        """Raise AccessError where a user changes what the ledger keeps itself.

        :param dict vals: as for ``write``
        """
        if self.env.su or self._kept_fields().isdisjoint(vals):
            return
        for name in sorted(self._kept_fields().intersection(vals)):
            if any(changes(record, name, vals) for record in self.sudo()):
                self._refuse_kept(name)

    def _refuse_kept(self, name):
        raise AccessError(
            self.env._("%s: is kept by the points' ledger, nobody writes it.", name)
        )


def changes(record, name, vals):
    """Whether values would change a field of a record."""
    field = record._fields[name]
    given = field.convert_to_cache(vals[name], record, validate=False)
    given = field.convert_to_write(field.convert_to_record(given, record), record)
    return field.convert_to_write(record[name], record) != given
