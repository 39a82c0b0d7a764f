from odoo import api, models

from ..tools.inputs import check_values, named_errors


class LoyaltyCachedMixin(models.AbstractModel):
    """Parts of a program, few and seldom changed: answers in the registry's cache are
    made of them, and what they cannot hold is refused by name.
    """

    _name = "loyalty.cached.mixin"
    _description = "Kept in Cache"

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            check_values(self, vals)
        with named_errors(self):
            records = super().create(vals_list)
        self.env.registry.clear_cache()
        return records

    def write(self, vals):
        check_values(self, vals)
        with named_errors(self):
            result = super().write(vals)
        self.env.registry.clear_cache()
        return result

    def unlink(self):
        result = super().unlink()
        self.env.registry.clear_cache()
        return result
