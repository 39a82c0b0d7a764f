from datetime import timedelta

from odoo import api, fields, models

from .mailing_trace import MACHINE

# Several links of one mail within a second: nobody reads that fast.
BURST = timedelta(seconds=1)
# A scanner visits all links of a mail around the hidden one.
VISIT = timedelta(minutes=1)


class LinkTrackerClick(models.Model):
    """Scanners follow the links of every mail; what they click counts for nothing."""

    _inherit = "link.tracker.click"

    is_automatic = fields.Boolean("By a machine", readonly=True)

    @api.model
    def add_click(self, code, **route_values):
        """Tell a machine's click from a person's before it is counted."""
        trace = self.env["mailing.trace"].sudo()
        trace = trace.browse(route_values.get("mailing_trace_id") or 0).exists()
        if not trace._of_journeys():
            return super().add_click(code, **route_values)
        quiet = self.with_context(journey_click=True)
        return super(LinkTrackerClick, quiet).add_click(code, **route_values)

    @api.model_create_multi
    def create(self, vals_list):
        clicks = super().create(vals_list)
        for trace in clicks.mailing_trace_id._of_journeys():
            clicks._judge(trace)
        return clicks

    def _judge(self, trace):
        """Mark the clicks on a message that a machine made."""
        every = self.sudo().search([("mailing_trace_id", "=", trace.id)])
        machine = every.filtered(
            lambda c: not c.is_automatic and c._is_machine(trace, every)
        )
        machine.is_automatic = True
        if machine - self:
            # They passed for a person's until now.
            trace._forget_clicks(machine - self)

    def _is_machine(self, trace, every):
        if trace.sent_datetime and self.create_date - trace.sent_datetime <= MACHINE:
            return True
        others = every - self
        hidden = every.filtered(lambda c: c.link_id.label == "hidden")
        return self in hidden or any(
            abs(other.create_date - self.create_date) <= VISIT
            if other in hidden
            else other.link_id != self.link_id
            and abs(other.create_date - self.create_date) <= BURST
            for other in others
        )
