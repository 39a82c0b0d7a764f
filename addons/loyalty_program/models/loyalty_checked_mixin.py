from odoo import api, models

from ..tools.inputs import check_values, named_errors


class LoyaltyCheckedMixin(models.AbstractModel):
    """What a field cannot hold is refused by its name, and so is what the database
    refuses. Stands before the model it looks at in ``_inherit``.
    """

    _name = "loyalty.checked.mixin"
    _description = "Checked Values"

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            check_values(self, vals)
        with named_errors(self):
            return super().create(vals_list)

    def write(self, vals):
        check_values(self, vals)
        with named_errors(self):
            return super().write(vals)
