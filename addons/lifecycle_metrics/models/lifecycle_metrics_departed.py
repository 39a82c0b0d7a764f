from odoo import api, fields, models
from odoo.tools import SQL

# So many rows read as fast as one; no need to lock anything for less.
MANY = 1000


class LifecycleMetricsDeparted(models.Model):
    """Figures of runs and deliveries that were deleted: counters never fall.

    Triggers insert rows and change none: whoever deletes waits for nobody. The names
    of journeys and companies are looked up when they are asked for.
    """

    _name = "lifecycle.metrics.departed"
    _description = "Figures of Deleted Rows"
    _log_access = False

    source = fields.Char(required=True, readonly=True)
    # No foreign keys: the row that it names may be deleted by the same statement.
    company_id = fields.Integer(required=True, readonly=True)
    definition_id = fields.Integer(readonly=True)
    channel = fields.Char(readonly=True)
    state = fields.Char(required=True, readonly=True)
    reason = fields.Char(readonly=True)
    number = fields.Integer(required=True, readonly=True)

    @api.autovacuum
    def _gc_parts(self):
        """Add up rows of the same kind."""
        self.env.cr.execute("SELECT count(*) FROM lifecycle_metrics_departed")
        if self.env.cr.fetchone()[0] >= MANY:
            self._add_up()

    @api.model
    def _add_up(self):
        """Make one row of all rows of a kind, in one statement: none counts twice."""
        columns = SQL("source, company_id, definition_id, channel, state, reason")
        self.env.cr.execute(
            SQL(
                """
                WITH parts AS (
                    DELETE FROM lifecycle_metrics_departed RETURNING *)
                INSERT INTO lifecycle_metrics_departed (%(columns)s, number)
                SELECT %(columns)s, sum(number) FROM parts GROUP BY %(columns)s
                """,
                columns=columns,
            )
        )
        self.invalidate_model()
