from odoo import api, models
from odoo.tools import SQL


class JourneyRunHooks(models.AbstractModel):
    """What runs are told of; an addon extends what it wants to hear."""

    _name = "journey.run.hooks"
    _description = "Hooks of Journey Runs"

    @api.model
    def _on_ended(self, ids, now):
        """Batch hook: these runs have ended; an addon brings its own columns along.

        :param list ids: of runs that are done or cancelled
        :param datetime now: naive UTC
        """

    @api.model
    def _on_advanced(self, items, now):
        """Batch hook: this became of runs that were due; they stand at their next step.

        :param list items: ``Item`` of the runs, those that ended or stayed included
        :param datetime now: naive UTC
        """

    @api.model
    def _on_deliveries(self, ids):
        """Batch hook: what became of messages of these runs has changed.

        :param list ids: of runs, under way or ended
        """

    @api.model
    def _on_goal_events(self, events, now):
        """Batch hook: this happened a moment ago; ended runs may have it as goal.

        :param events: ``lifecycle.event`` records of the current company
        :param datetime now: naive UTC
        """

    @api.model
    def _on_order(self, orders, now):
        """Batch hook: these orders were confirmed, changed or cancelled a moment ago;
        ended runs may have earned them.

        :param list orders: ids of ``sale.order`` of the current company
        :param datetime now: naive UTC
        """

    @api.model
    def _attribution_sql(self):
        """How long after its start a pass of journey ``c`` may still convert, at most:
        later orders are not looked at.
        """
        return SQL("c.attribution_days * interval '1 day'")
