from odoo import models
from odoo.exceptions import UserError


class LifecycleAppendOnly(models.AbstractModel):
    """Rows that are written once: what happened stays as it happened.

    Batches move rows of merged customers by SQL; nobody does through the ORM.
    Cascades of the database (deleted customer, uninstalled addon) still work.
    """

    _name = "lifecycle.append.only"
    _description = "Append-only Record"

    def write(self, vals):  # pylint: disable=method-required-super
        raise UserError(
            self.env._("%s cannot be changed: it is history.", self._description)
        )

    def unlink(self):  # pylint: disable=method-required-super
        # An uninstalled addon drops the table; nothing is ever unlinked row by row.
        raise UserError(  # pylint: disable=no-raise-unlink
            self.env._("%s cannot be deleted: it is history.", self._description)
        )
