import base64
import json

from odoo import api, fields, models
from odoo.exceptions import ValidationError


class LifecyclePrivacy(models.TransientModel):
    """What a person may ask for: all that is known, or to be forgotten."""

    _name = "lifecycle.privacy"
    _description = "Privacy Request"

    partner_id = fields.Many2one("res.partner", "Customer", required=True)
    note = fields.Char("Note for the log", help="Say who asked, and how you checked.")
    summary = fields.Text("Known", compute="_compute_summary")
    file = fields.Binary(readonly=True, attachment=False)
    file_name = fields.Char(readonly=True)

    @api.depends("partner_id")
    def _compute_summary(self):
        for wizard in self:
            found = wizard._found() if wizard.partner_id else {}
            wizard.summary = "\n".join(
                f"{part['label']}: {len(part['rows'])}" for part in found.values()
            )

    def _found(self):
        engine = self.env["lifecycle.engine"]
        return engine.get_personal_data(self.partner_id.id)

    def action_download(self):
        """Download all that is known as a file of JSON."""
        self.ensure_one()
        self.check_access("write")
        text = json.dumps(self._found(), indent=2, ensure_ascii=False, default=str)
        self.write(
            {
                "file": base64.b64encode(text.encode()),
                "file_name": f"personal-data-{self.partner_id.id}.json",
            }
        )
        return {
            "type": "ir.actions.act_url",
            "url": f"/web/content/{self._name}/{self.id}/file/{self.file_name}"
            "?download=true",
            "target": "download",
        }

    def action_erase(self):
        """Forget who the customer is; it cannot be taken back."""
        self.ensure_one()
        self.check_access("write")
        if not (self.note or "").strip():
            raise ValidationError(
                self.env._("Note for the log: say who asked for it, and when.")
            )
        self.env["lifecycle.engine"].erase_customer(self.partner_id.id, self.note)
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "success",
                "message": self.env._("Erased. The privacy log knows that it was."),
                "next": {"type": "ir.actions.client", "tag": "soft_reload"},
            },
        }
