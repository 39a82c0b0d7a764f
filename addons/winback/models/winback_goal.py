from datetime import timedelta

from odoo import models
from odoo.tools import SQL

CLOSING = "_closing"


class WinbackGoal(models.AbstractModel):
    """When an attempt is over: with an order, or some days after its last message."""

    _name = "winback.goal"
    _description = "Goal of a Win-back Campaign"
    _inherit = ["journey.goal"]

    # Whoever says no while being wooed is left alone.
    _final_refusals = ("topic_opt_out", "blacklisted")

    def _closing_step(self):
        """After the last message the offer's validity is waited for; an order ends the
        attempt at once.
        """
        last = self.step_ids.sorted(lambda s: (s.sequence, s.id))[-1:]
        return {
            "sequence": last.sequence + 10,
            "code": CLOSING,
            "name": self.env._("Waiting for an order"),
            "kind": "wait",
            "delay_hours": last.delay_hours,
            "wait_until": "order",
            "wait_timeout_hours": 24 * self.offer_validity_days,
            "wait_timeout_action": "continue",
        }

    def _until_sql(self):
        """An order wins a customer back as long as the attempt lasts, no longer; of
        one that an order ended, another one within the window may take its place.
        """
        return SQL(
            """CASE WHEN e.exit_reason = 'goal_reached'
               THEN greatest(e.completed_at, e.started_at + %s)
               ELSE coalesce(e.completed_at, 'infinity'::timestamp) END""",
            self._window(),
        )

    def _window(self):
        """The lift is measured over an attempt's whole length, whatever is shorter."""
        longest = max(self.step_ids.mapped("delay_hours"), default=0)
        lasting = timedelta(hours=longest, days=self.offer_validity_days)
        return max(super()._window(), lasting)
