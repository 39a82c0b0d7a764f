from odoo import api, fields, models


class NpsSurveyStep(models.Model):
    """The question, and its reminder."""

    _name = "nps.survey.step"
    _description = "Message of a Survey"
    _inherit = ["journey.step.mixin", "journey.step.message"]

    definition_id = fields.Many2one(
        "nps.survey", "Survey", required=True, ondelete="cascade", index=True
    )
    # Reach names the first message by it.
    headline = fields.Char("Headline", related="name")

    @api.model
    def _run_message(self, items, now):
        """Nobody is sent a link that is not valid any more, or asked about an order
        that was cancelled meanwhile.
        """
        ids = [item.run_id for item in items]
        runs = self.env["nps.invitation"].sudo().browse(ids)
        late = runs.filtered(lambda run: run.expires_at and run.expires_at <= now)
        void = runs._of_cancelled_orders()
        gone = dict.fromkeys(void.ids, "order_cancelled")
        gone |= dict.fromkeys(late.ids, "expired")
        for item in items:
            if item.run_id in gone:
                item.skip(gone[item.run_id])
        return super()._run_message([i for i in items if i.run_id not in gone], now)

    def _differs(self, values):
        """Return whether the step says anything else than ``values``."""
        return any(
            self._fields[name].convert_to_write(self[name], self) != (value or False)
            and (self[name] or value)
            for name, value in values.items()
        )
