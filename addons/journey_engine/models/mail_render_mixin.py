from odoo import api, models


class MailRenderMixin(models.AbstractModel):
    _inherit = "mail.render.mixin"

    @api.model
    def _render_eval_context(self):
        """Texts that name the offer can be previewed, where there is none."""
        known = {"offer_code": "", "offer_until": False}
        return {**known, **super()._render_eval_context()}
