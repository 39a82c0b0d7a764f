from odoo import api, models


class MailRenderMixin(models.AbstractModel):
    _inherit = "mail.render.mixin"

    @api.model
    def _render_eval_context(self):
        """Texts that link to a survey can be previewed, where there is no run."""
        return {"run": self.env["nps.invitation"], **super()._render_eval_context()}
