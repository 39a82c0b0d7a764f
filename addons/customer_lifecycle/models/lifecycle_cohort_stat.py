from odoo import api, fields, models
from odoo.tools import SQL


class LifecycleCohortStat(models.Model):
    _name = "lifecycle.cohort.stat"
    _description = "Customers by Sign-up Month and Age"
    _order = "cohort desc, period"
    _rec_name = "cohort"
    _log_access = False

    company_id = fields.Many2one("res.company", required=True, ondelete="cascade")
    currency_id = fields.Many2one(related="company_id.currency_id")
    cohort = fields.Date("Sign-up month", required=True)
    period = fields.Integer("Months later", required=True)
    customers = fields.Integer("Signed up")
    active_customers = fields.Integer("Ordered in that month")
    revenue = fields.Monetary("Revenue in that month")

    _cohort_uniq = models.UniqueIndex("(company_id, cohort, period)")

    @api.model
    def _update(self, now):
        """Count all cohorts again from the orders, as of ``now``."""
        self.env.flush_all()
        self.env.cr.execute("DELETE FROM lifecycle_cohort_stat")
        self.env.cr.execute(self._insert_query(now))
        self.invalidate_model()

    def _insert_query(self, now):
        return SQL(
            """
            WITH %s
            INSERT INTO lifecycle_cohort_stat (
                company_id, cohort, period, customers, active_customers, revenue)
            SELECT s.company_id, s.cohort, g.period, s.customers,
                   coalesce(m.active, 0), coalesce(m.revenue, 0)
              FROM sized s
             CROSS JOIN LATERAL generate_series(0, (
                   (extract(year FROM s.today) - extract(year FROM s.cohort)) * 12
                   + extract(month FROM s.today) - extract(month FROM s.cohort)
                   )::int) AS g(period)
              LEFT JOIN monthly m ON m.company_id = s.company_id
                                 AND m.cohort = s.cohort AND m.period = g.period
            """,
            self._cohort_ctes(now),
        )

    def _cohort_ctes(self, now):
        """Members by sign-up month, the size of each cohort, its orders by month."""
        lifecycle = self.env["customer.lifecycle"]
        return SQL(
            """
            member AS (
                SELECT l.customer_id, l.company_id, p.today, p.tz,
                       date_trunc('month', l.customer_since)::date AS cohort
                  FROM customer_lifecycle l
                  JOIN res_partner rp ON rp.id = l.customer_id AND rp.active
                  JOIN (%(policy)s) p ON p.company_id = l.company_id
                 WHERE l.customer_since <= p.today
            ),
            sized AS (
                SELECT company_id, cohort, today, count(*) AS customers
                  FROM member GROUP BY company_id, cohort, today
            ),
            bought AS (
                SELECT m.company_id, m.cohort, m.customer_id, o.amount, m.today,
                       (o.ordered_at AT TIME ZONE 'UTC' AT TIME ZONE m.tz)::date AS day
                  FROM member m
                  JOIN (%(sources)s) o ON o.customer_id = m.customer_id
                                      AND o.company_id = m.company_id
            ),
            monthly AS (
                SELECT company_id, cohort,
                       (extract(year FROM day) - extract(year FROM cohort)) * 12
                       + extract(month FROM day) - extract(month FROM cohort) AS period,
                       count(DISTINCT customer_id) AS active, sum(amount) AS revenue
                  FROM bought WHERE day <= today
                 GROUP BY 1, 2, 3
            )
            """,
            policy=lifecycle._policy_relation(now),
            sources=SQL(" UNION ALL ").join(lifecycle._order_facts_queries()),
        )
