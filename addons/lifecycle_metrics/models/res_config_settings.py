from odoo import fields, models
from odoo.exceptions import AccessError


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    metrics_networks = fields.Char(
        "Networks that read the metrics",
        default=lambda self: self._default_metrics_networks(),
    )
    metrics_has_token = fields.Boolean(
        "There is a token for the metrics", compute="_compute_metrics_has_token"
    )

    def _default_metrics_networks(self):
        networks = self.env["lifecycle.metrics.access"]._networks()
        return ", ".join(map(str, networks))

    def _compute_metrics_has_token(self):
        self.metrics_has_token = self.env["lifecycle.metrics.access"]._has_any_token()

    def set_values(self):
        """Keep the networks that may read the metrics.

        :raises ValidationError: one of them is none
        """
        result = super().set_values()
        self.env["lifecycle.metrics.access"]._set_networks(self.metrics_networks)
        return result

    def action_renew_metrics_token(self):
        """Make a new token and show it; the former one opens nothing any more.

        :raises AccessError: the user may not change settings
        """
        self._check_settings_access()
        token = self.env["lifecycle.metrics.access"]._renew_token()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Token of the Metrics"),
            "res_model": "lifecycle.metrics.token",
            "views": [(False, "form")],
            "target": "new",
            "context": {"default_token": token},
        }

    def action_withdraw_metrics_token(self):
        """Let no token open the metrics.

        :raises AccessError: the user may not change settings
        """
        self._check_settings_access()
        self.env["lifecycle.metrics.access"]._withdraw_token()
        return {"type": "ir.actions.client", "tag": "reload"}

    def _check_settings_access(self):
        if not self.env.user.has_group("base.group_system"):
            raise AccessError(self.env._("Only administrators open the metrics."))
