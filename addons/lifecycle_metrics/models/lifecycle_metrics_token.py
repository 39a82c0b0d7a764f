from odoo import fields, models


class LifecycleMetricsToken(models.AbstractModel):
    """Shows a new token, once; abstract: it is written nowhere."""

    _name = "lifecycle.metrics.token"
    _description = "Token of the Metrics"

    # The client's onchange, which returns the default of the token, asks for it.
    id = fields.Id()
    token = fields.Char(readonly=True)
