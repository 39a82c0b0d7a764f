import logging
from contextlib import contextmanager

from odoo import models
from odoo.tools import SQL

from odoo.addons.customer_lifecycle.models.lifecycle_jobs import COLLISIONS

_logger = logging.getLogger(__name__)


class JourneyGoal(models.AbstractModel):
    """What counts as the success of a pass; runs are a ``journey.conversion``."""

    _name = "journey.goal"
    _description = "Goal of a Journey"

    @contextmanager
    def _alone(self):
        """A journey that cannot be worked on, say because its condition names a field
        that is no more, stops neither the others nor what it is told of.
        """
        try:
            with self.env.cr.savepoint():
                yield
        except COLLISIONS:
            raise
        except Exception:
            _logger.warning("Journey %s was left alone", self.code, exc_info=True)

    def _until_sql(self):
        """Return the moment up to which pass ``e`` may reach its goal."""
        return SQL("e.started_at + %s", self._window())

    def _goal_query(self):
        """Select order, value and moment of what pass ``e`` converted to: the first
        that reached the goal within the attribution window. Of passes that all were
        under way, say of two customers who became one, the latest earned it.
        """
        if self.goal == "event":
            return self._goal_event_query()
        if self.goal == "none":
            return SQL(
                "SELECT NULL::int AS order_id, NULL::numeric AS value,"
                " NULL::timestamp AS happened_at"
            )
        return SQL(
            """
            SELECT o.id AS order_id,
                   o.amount_untaxed / coalesce(nullif(o.currency_rate, 0), 1) AS value,
                   o.date_order AS happened_at
              FROM res_partner p
              JOIN sale_order o ON o.partner_id = p.id AND o.company_id = e.company_id
             WHERE p.commercial_partner_id = e.customer_id AND o.state = 'sale'
               AND o.date_order >= e.started_at
               AND o.date_order <= %s AND %s
               AND NOT EXISTS (
                SELECT FROM %s n
                 WHERE n.definition_id = e.definition_id
                   AND n.customer_id = e.customer_id
                   AND (n.started_at, n.id) > (e.started_at, e.id)
                   AND n.started_at <= o.date_order)
             ORDER BY o.date_order, o.id LIMIT 1
            """,
            self._until_sql(),
            self._goal_sql(),
            SQL.identifier(self.env[self._run_model]._table),
        )

    def _goal_event_query(self):
        return SQL(
            """
            SELECT NULL::int AS order_id,
                   CASE WHEN jsonb_typeof(v.data->'value') = 'number'
                        THEN (v.data->>'value')::numeric END AS value,
                   v.occurred_at AS happened_at
              FROM lifecycle_event v
             WHERE v.customer_id = e.customer_id AND v.company_id = e.company_id
               AND v.event_type = %s AND v.occurred_at >= e.started_at
               AND v.occurred_at <= %s AND %s
             ORDER BY v.occurred_at LIMIT 1
            """,
            self.goal_event,
            self._until_sql(),
            self.env[self._run_model]._answers_sql("e", "v"),
        )
