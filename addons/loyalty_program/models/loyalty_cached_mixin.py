from odoo import api, models


class LoyaltyCachedMixin(models.AbstractModel):
    """Parts of a program, few and seldom changed: answers in the registry's cache are
    made of them.
    """

    _name = "loyalty.cached.mixin"
    _description = "Kept in Cache"
    _inherit = ["loyalty.checked.mixin"]

    @api.model_create_multi
    def create(self, vals_list):
        records = super().create(vals_list)
        self.env.registry.clear_cache()
        return records

    def write(self, vals):
        result = super().write(vals)
        self.env.registry.clear_cache()
        return result

    def unlink(self):
        result = super().unlink()
        self.env.registry.clear_cache()
        return result
