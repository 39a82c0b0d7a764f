"""Reads what the dashboard of the lifecycle is about, for ``lifecycle_recount``."""

from .year_rows import Rows


class LifecycleRows(Rows):
    def customers(self):
        """Who is on the books, archived ones left out."""
        return self._select(
            """SELECT l.customer_id AS customer, p.create_date AS created,
                      l.churn_risk_score AS risk, l.evaluated_on AS evaluated
                 FROM customer_lifecycle l JOIN res_partner p ON p.id = l.customer_id
                WHERE l.company_id = %s AND p.active ORDER BY l.customer_id"""
        )

    def purchases(self):
        """Confirmed orders; what they came to in the company's currency."""
        return self._select(
            """SELECT p.commercial_partner_id AS customer, o.date_order AS at,
                      (o.amount_total
                       / coalesce(nullif(o.currency_rate, 0), 1))::float AS amount
                 FROM sale_order o JOIN res_partner p ON p.id = o.partner_id
                WHERE o.company_id = %s AND o.state = 'sale' ORDER BY o.date_order"""
        )

    def all_onboarding_runs(self):
        return self._select(
            """SELECT id, customer_id AS customer, started_at AS started,
                      completed_at AS completed, exit_reason = 'expired' AS expired,
                      coalesce(is_holdout, FALSE) AS holdout
                 FROM customer_onboarding WHERE company_id = %s
                ORDER BY started_at, id"""
        )
