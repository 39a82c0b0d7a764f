import base64

from odoo import fields, models
from odoo.exceptions import UserError


class EngagementCampaignImport(models.TransientModel):
    """Brings in a campaign that somebody exported."""

    _name = "engagement.campaign.import"
    _description = "Import of a Campaign"

    file = fields.Binary(required=True, attachment=False)
    filename = fields.Char()

    def action_import(self):
        """Create the campaign of the file, switched off, and open it."""
        self.ensure_one()
        try:
            text = base64.b64decode(self.file).decode("utf-8-sig")
        except ValueError as error:
            raise UserError(
                self.env._("%s is no export of a campaign.", self.filename or "file")
            ) from error
        number = self.env["engagement.campaign"].import_json(text)
        return {
            "type": "ir.actions.act_window",
            "res_model": "engagement.campaign",
            "view_mode": "form",
            "res_id": number,
        }
