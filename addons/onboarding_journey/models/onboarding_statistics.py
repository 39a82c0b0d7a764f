from odoo import api, fields, models
from odoo.tools import SQL


class OnboardingStatistics(models.AbstractModel):
    """How far customers come; read from runs and orders as they are now.

    The control group counts in no figure.
    """

    _name = "onboarding.statistics"
    _description = "Statistics of Onboarding"
    _inherit = ["journey.figures"]

    total_started = fields.Integer("Started", compute="_compute_totals")
    total_in_progress = fields.Integer("Under way", compute="_compute_totals")
    total_completed = fields.Integer("Completed", compute="_compute_totals")
    completion_rate = fields.Float("Completed (%)", compute="_compute_totals")
    average_progress = fields.Float("Progress (%)", compute="_compute_totals")

    def _compute_totals(self):
        self.env.flush_all()
        rows = self.env.execute_query_dict(
            SQL(
                """
                SELECT definition_id, count(*)::int AS total_started,
                       (count(*) FILTER (WHERE status = 'in_progress'))::int
                           AS total_in_progress,
                       (count(*) FILTER (WHERE status = 'completed'))::int
                           AS total_completed,
                       avg(completion_rate)::float AS average_progress
                  FROM customer_onboarding
                 WHERE definition_id = ANY(%s) AND is_holdout IS NOT TRUE
                   AND exit_reason IS DISTINCT FROM 'merged' GROUP BY 1
                """,
                self.ids,
            )
        )
        found = {row.pop("definition_id"): row for row in rows}
        empty = dict.fromkeys(
            ("total_started", "total_in_progress", "total_completed"), 0
        )
        for journey in self:
            row = found.get(journey.id or journey._origin.id, empty)
            started = row["total_started"]
            journey.update({"average_progress": 0.0, **row})
            rate = 100 * row["total_completed"] / started if started else 0.0
            journey.completion_rate = rate

    def _figures(self):
        """Return the figures of these journeys together."""
        self.env.flush_all()
        (row,) = self.env.execute_query_dict(
            SQL(
                """
                SELECT count(*)::int AS started,
                       (count(*) FILTER (WHERE status = 'completed'))::int AS completed,
                       (count(*) FILTER (WHERE status = 'in_progress'))::int
                           AS in_progress,
                       (count(*) FILTER (WHERE status = 'skipped'))::int AS skipped,
                       (count(*) FILTER (WHERE status = 'expired'))::int AS expired,
                       percentile_cont(0.5) WITHIN GROUP (ORDER BY
                           extract(epoch FROM o.completed_at - o.started_at) / 86400)
                           FILTER (WHERE status = 'completed') AS median_days,
                       percentile_cont(0.5) WITHIN GROUP (ORDER BY
                           extract(epoch FROM f.ordered_at - o.started_at) / 86400)
                           AS median_days_to_first_order,
                       count(f.ordered_at)::int AS ordered
                  FROM customer_onboarding o
                  LEFT JOIN LATERAL (%s) f ON TRUE
                 WHERE o.definition_id = ANY(%s) AND o.is_holdout IS NOT TRUE
                   AND o.exit_reason IS DISTINCT FROM 'merged'
                """,
                self._first_order_query(),
                self.ids,
            )
        )
        rate = 100 * row["completed"] / row["started"] if row["started"] else 0.0
        medians = ("median_days", "median_days_to_first_order")
        # XML-RPC knows no null: nobody has completed, nobody has ordered yet.
        known = {name: row[name] is not None and float(row[name]) for name in medians}
        return {**row, **known, "completion_rate": rate}

    def _first_order_query(self):
        """Select the first order of the customer of run ``o`` since it began."""
        return SQL(
            """
            SELECT so.date_order AS ordered_at FROM res_partner p
              JOIN sale_order so ON so.partner_id = p.id
                                AND so.company_id = o.company_id
             WHERE p.commercial_partner_id = o.customer_id AND so.state = 'sale'
               AND so.date_order >= o.started_at
             ORDER BY so.date_order LIMIT 1
            """
        )

    def _query_earned(self):
        """No order is the merit of a single step."""
        return SQL("SELECT NULL::text, 0, 0.0::float WHERE FALSE")

    @api.readonly
    def get_statistics(self):
        """Return the journey's figures, those of each step included.

        :return: dict with journey (code), name, started, completed, in_progress,
            skipped, expired, ordered (customers), completion_rate (percent),
            median_days and median_days_to_first_order (False: none yet), and
            ``steps``: list of dicts with id, name, type, is_optional, reached
            (customers whose turn it was), completed, skipped, open (in journeys under
            way), dropped (in journeys that ended with the step open), drop_off
            (dropped in percent of reached), views, seconds (on average of those who
            viewed)
        :raises AccessError: the user is no marketer
        """
        self._check_one()
        self.env["lifecycle.engine"]._check_marketer()
        self.check_access("read")
        return {
            "journey": self.code,
            "name": self.name,
            **self._figures(),
            "steps": self._funnel(),
        }

    def _funnel(self):
        self.env.flush_all()
        rows = {
            row.pop("step_id"): row
            for row in self.env.execute_query_dict(self._funnel_query())
        }
        steps = self.step_ids.sorted(lambda s: (s.sequence, s.id))
        known = {step.code: step for step in steps}
        # Steps that are no more come last.
        order = [*known, *sorted(set(rows) - set(known))]
        return [
            self._funnel_row(code, known.get(code), rows.get(code)) for code in order
        ]

    @api.model
    def _funnel_row(self, code, step, row):
        row = row or dict.fromkeys(
            ("reached", "completed", "skipped", "open", "dropped", "views", "seconds"),
            0,
        )
        reached = row["reached"]
        return {
            "id": code,
            "name": (step and step.name) or code,
            "type": step and step.type,
            "is_optional": bool(step and step.is_optional),
            **row,
            "drop_off": 100 * row["dropped"] / reached if reached else 0.0,
        }

    def _funnel_query(self):
        return SQL(
            """
            SELECT c.step_id,
                   (count(*) FILTER (WHERE c.opened_at IS NOT NULL
                                        OR c.status = 'completed'))::int AS reached,
                   (count(*) FILTER (WHERE c.status = 'completed'))::int AS completed,
                   (count(*) FILTER (WHERE c.status = 'skipped'))::int AS skipped,
                   (count(*) FILTER (WHERE c.status = 'pending'
                       AND c.opened_at IS NOT NULL AND o.status = 'in_progress'))::int
                       AS open,
                   (count(*) FILTER (WHERE c.status = 'pending'
                       AND c.opened_at IS NOT NULL AND o.status <> 'in_progress'))::int
                       AS dropped,
                   coalesce(sum(c.content_viewed), 0)::int AS views,
                   coalesce(round(avg(c.time_spent_seconds)
                       FILTER (WHERE c.content_viewed > 0)), 0)::int AS seconds
              FROM onboarding_step_completion c
              JOIN customer_onboarding o ON o.id = c.onboarding_id
             WHERE o.definition_id = %s AND o.is_holdout IS NOT TRUE
               AND o.exit_reason IS DISTINCT FROM 'merged' GROUP BY 1
            """,
            self.id,
        )
