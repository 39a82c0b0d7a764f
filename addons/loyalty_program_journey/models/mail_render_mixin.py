from odoo import api, models


class MailRenderMixin(models.AbstractModel):
    _inherit = "mail.render.mixin"

    @api.model
    def _render_eval_context(self):
        """Texts that name the points can be previewed, where there are none."""
        return {"offer_points": 0, **super()._render_eval_context()}
