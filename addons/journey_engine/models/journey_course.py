from odoo import api, models
from odoo.tools import SQL

from ..const import COLLEAGUES, WENT_OUT


class JourneyCourse(models.AbstractModel):
    """How far customers came in a journey, and when; the control group left out."""

    _name = "journey.course"
    _description = "Course of a Journey"
    _inherit = ["journey.figures"]

    @api.readonly
    def get_course(self):
        """Return what the pictures of the journey show beyond ``get_statistics``.

        :return: dict with ``funnel`` (enrolled, reached, opened, clicked, converted:
            numbers of passes; messages to colleagues reach no customer) and
            ``per_day`` (list of {date, enrolled, converted} of the days on which
            something happened, in the company's time zone)
        :raises AccessError: the user is no marketer
        """
        self._check_one()
        self._check_figures()
        days = self._per_day()
        ends = {
            name: sum(day[name] for day in days) for name in ("enrolled", "converted")
        }
        return {"funnel": ends | self._levels(), "per_day": days}

    @api.model
    def _stay_away_labels(self):
        """Return {code: label} of reasons, and of states that have none."""
        delivery = self.env["journey.delivery"]
        states = dict(delivery._fields["state"]._description_selection(self.env))
        return states | delivery._reason_labels()

    def _levels(self):
        """Return how many passes came how far with their messages.

        Messages older than what the log keeps in detail are not known by customer any
        more: their passes count as enrolled and converted only.
        """
        (levels,) = self.env.execute_query_dict(self._query_levels())
        return levels

    def _query_levels(self):
        """Select how many passes came how far with their messages to the customer.

        The control group has none that went out, so that a million deliveries need not
        be joined with their passes. Who clicked has opened, who opened was reached.
        """
        return SQL(
            """
            SELECT count(*) AS reached, count(*) FILTER (WHERE level > 1) AS opened,
                   count(*) FILTER (WHERE level > 2) AS clicked
              FROM (
                SELECT max(CASE WHEN clicked_at IS NOT NULL THEN 3
                                WHEN opened_at IS NOT NULL THEN 2 ELSE 1 END) AS level
                  FROM journey_delivery
                 WHERE definition_id = %s AND definition_model = %s
                   AND state = ANY(%s) AND NOT channel = ANY(%s)
                 GROUP BY run_id) d
            """,
            self.id,
            self._name,
            list(WENT_OUT),
            list(COLLEAGUES),
        )

    def _per_day(self):
        """Return what happened on each day, the oldest first, in one query."""
        self.env.flush_all()
        rows = self.env.execute_query_dict(
            SQL(
                """
                SELECT (moment AT TIME ZONE 'UTC' AT TIME ZONE %(zone)s)::date AS date,
                       sum(enrolled)::int AS enrolled, sum(converted)::int AS converted
                  FROM (
                    SELECT started_at AS moment, 1 AS enrolled, 0 AS converted
                      FROM %(runs)s
                     WHERE definition_id = %(journey)s AND is_holdout IS NOT TRUE
                    UNION ALL
                    SELECT converted_at, 0, 1 FROM %(runs)s
                     WHERE definition_id = %(journey)s AND is_holdout IS NOT TRUE
                       AND status = %(won)s AND converted_at IS NOT NULL) m
                 GROUP BY 1 ORDER BY 1
                """,
                zone=self.company_id.sudo().partner_id.tz or "UTC",
                runs=self._run_table(),
                journey=self.id,
                won=self._won_status(),
            )
        )
        return [{**row, "date": row["date"].isoformat()} for row in rows]
