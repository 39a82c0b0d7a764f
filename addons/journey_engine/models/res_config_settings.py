from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    journey_shards = fields.Integer(
        "Workers that walk journeys",
        default=lambda self: self.env["journey.scheduler"]._shards(),
        help="Customers are split into so many shares; each has a scheduled action, "
        "and different workers or hosts take different shares.",
    )
    journey_delivery_days = fields.Integer(
        "Days that single deliveries are kept",
        default=lambda self: self.env["journey.delivery.summary"]._kept_days(),
    )

    def set_values(self):
        """Keep as many scheduled actions as there are shares.

        :raises ValidationError: shares or days out of range
        """
        result = super().set_values()
        scheduler = self.env["journey.scheduler"]
        if self.journey_shards != scheduler._shards():
            scheduler._set_shards(self.journey_shards)
        self.env["journey.delivery.summary"]._keep_days(self.journey_delivery_days)
        return result
