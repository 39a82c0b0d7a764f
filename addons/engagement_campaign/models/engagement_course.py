from odoo import api, models
from odoo.tools import SQL

from odoo.addons.journey_engine.const import WENT_OUT


class EngagementCourse(models.AbstractModel):
    """How far customers came in a campaign, and when; the control group left out."""

    _name = "engagement.course"
    _description = "Course of a Campaign"

    @api.readonly
    def get_course(self):
        """Return what the pictures of the campaign show beyond ``get_statistics``.

        :return: dict with ``funnel`` (enrolled, reached, opened, clicked, converted:
            numbers of passes), ``per_day`` (list of {date, enrolled, converted} of the
            days on which something happened, in the company's time zone), and
            ``reasons``: {code: label} of why messages stay away
        """
        self.ensure_one()
        self.check_access("read")
        return {
            "funnel": self._funnel(),
            "per_day": self._per_day(),
            "reasons": self._stay_away_labels(),
        }

    @api.model
    def _stay_away_labels(self):
        """Return {code: label} of reasons, and of states that have none."""
        delivery = self.env["journey.delivery"]
        states = dict(delivery._fields["state"]._description_selection(self.env))
        return states | delivery._reason_labels()

    def _funnel(self):
        """Return how many passes came how far, in one query.

        Messages older than what the log keeps in detail are not known by customer any
        more: their passes count as enrolled and converted only.

        """
        self.env.flush_all()
        (figures,) = self.env.execute_query_dict(
            SQL(
                """
                SELECT count(*) AS enrolled,
                       count(*) FILTER (WHERE d.reached) AS reached,
                       count(*) FILTER (WHERE d.opened) AS opened,
                       count(*) FILTER (WHERE d.clicked) AS clicked,
                       count(*) FILTER (WHERE r.status = 'converted') AS converted
                  FROM campaign_enrollment r
                  LEFT JOIN (
                    SELECT run_id, bool_or(state = ANY(%(went_out)s)) AS reached,
                           bool_or(opened_at IS NOT NULL OR clicked_at IS NOT NULL)
                               AS opened,
                           bool_or(clicked_at IS NOT NULL) AS clicked
                      FROM journey_delivery
                     WHERE definition_model = %(model)s AND definition_id = %(campaign)s
                     GROUP BY run_id) d ON d.run_id = r.id
                 WHERE r.definition_id = %(campaign)s AND r.is_holdout IS NOT TRUE
                """,
                went_out=list(WENT_OUT),
                model=self._name,
                campaign=self.id,
            )
        )
        return figures

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
                      FROM campaign_enrollment
                     WHERE definition_id = %(campaign)s AND is_holdout IS NOT TRUE
                    UNION ALL
                    SELECT converted_at, 0, 1 FROM campaign_enrollment
                     WHERE definition_id = %(campaign)s AND is_holdout IS NOT TRUE
                       AND status = 'converted' AND converted_at IS NOT NULL) m
                 GROUP BY 1 ORDER BY 1
                """,
                zone=self.company_id.sudo().partner_id.tz or "UTC",
                campaign=self.id,
            )
        )
        return [{**row, "date": row["date"].isoformat()} for row in rows]
