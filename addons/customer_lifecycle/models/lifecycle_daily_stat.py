from odoo import api, fields, models
from odoo.tools import SQL

from ..const import STAGES


class LifecycleDailyStat(models.Model):
    _name = "lifecycle.daily.stat"
    _description = "Customers by Stage and Day"
    _order = "date desc, stage"
    _rec_name = "date"
    _log_access = False

    company_id = fields.Many2one("res.company", required=True, ondelete="cascade")
    currency_id = fields.Many2one(related="company_id.currency_id")
    date = fields.Date(required=True)
    stage = fields.Selection(STAGES, required=True)
    customers = fields.Integer(
        aggregator="avg", help="Customers in the stage at the end of that day."
    )
    revenue = fields.Monetary(
        aggregator="avg", help="What these customers have bought up to that day."
    )

    _day_uniq = models.UniqueIndex("(company_id, date, stage)")

    @api.model
    def _update(self, now):
        """Write today's figures of every company; again on the same day: replace."""
        self.env.flush_all()
        lifecycle = self.env["customer.lifecycle"]
        self.env.cr.execute(
            SQL(
                """
                INSERT INTO lifecycle_daily_stat
                       (company_id, date, stage, customers, revenue)
                SELECT p.company_id, p.today, s.stage, count(l.id),
                       coalesce(sum(l.total_revenue), 0)
                  FROM (%(policy)s) p
                 CROSS JOIN unnest(%(stages)s) AS s(stage)
                  LEFT JOIN (
                       customer_lifecycle l
                       JOIN res_partner rp ON rp.id = l.customer_id AND rp.active
                  ) ON l.company_id = p.company_id AND l.current_stage = s.stage
                 GROUP BY p.company_id, p.today, s.stage
                    ON CONFLICT (company_id, date, stage) DO UPDATE
                   SET customers = excluded.customers, revenue = excluded.revenue
                """,
                policy=lifecycle._policy_relation(now),
                stages=[key for key, _label in STAGES],
            )
        )
        self.invalidate_model()
