from odoo import api, models
from odoo.exceptions import ValidationError
from odoo.tools import SQL

from ..const import PROFILE_FIELDS


class OnboardingMetric(models.AbstractModel):
    """What milestones measure.

    An addon registers a metric by a label in ``_metrics`` and ``_query_<metric>``.
    """

    _name = "onboarding.metric"
    _description = "Metrics of Milestones"

    @api.model
    def _metrics(self):
        """Return {metric: label}."""
        return {
            "order_count": self.env._("Orders"),
            "total_spend": self.env._("Money spent"),
            "profile_complete": self.env._("Profile filled in"),
            "subscription_count": self.env._("Subscriptions"),
            "app_login": self.env._("Days with a login"),
        }

    @api.model
    def _reported(self):
        """Return the metrics whose value other systems may report."""
        return ("app_login",)

    @api.model
    def _check_metric(self, name, metric):
        """Return ``metric`` if it is known.

        :raises ValidationError: naming the argument and the allowed values
        """
        known = self._metrics()
        if not isinstance(metric, str) or metric not in known:
            raise ValidationError(
                self.env._(
                    "%(name)s: %(value)s is not allowed; allowed are %(known)s.",
                    name=name,
                    value=repr(metric)[:100],
                    known=", ".join(known),
                )
            )
        return metric

    @api.model
    def _measure(self, metric, customers, company, now):
        """Return the query of (customer_id, value); who is missing in it has 0.

        :param str metric: a key of ``_metrics``
        :param list customers: ids of commercial partners
        :param company: ``res.company`` whose orders count
        :param datetime now: naive UTC; what is dated later has not happened yet
        """
        return getattr(self, f"_query_{metric}")(customers, company, now)

    @api.model
    def _values(self, metric, customers, company, now):
        """Return {customer id: value}."""
        self.env.flush_all()
        query = self._measure(metric, customers, company, now)
        found = dict(self.env.execute_query(query))
        return {customer: float(found.get(customer) or 0) for customer in customers}

    # --------------------------------------------------------------------- metrics
    def _query_order_count(self, customers, company, now):
        return self._orders_query(SQL("count(*)"), customers, company, now)

    def _query_total_spend(self, customers, company, now):
        return self._orders_query(SQL("sum(o.amount)"), customers, company, now)

    def _orders_query(self, value, customers, company, now):
        """Counted from the orders themselves, in the batch's own snapshot; another
        source of orders counts as in the facts.
        """
        sources = self.env["customer.lifecycle"]._order_facts_queries()
        return SQL(
            """
            SELECT o.customer_id, %s AS value FROM (%s) o
             WHERE o.customer_id = ANY(%s) AND o.company_id = %s AND o.ordered_at <= %s
             GROUP BY o.customer_id
            """,
            value,
            SQL(" UNION ALL ").join(sources),
            list(customers),
            company.id,
            now,
        )

    def _query_profile_complete(self, customers, company, now):
        """The share of ``PROFILE_FIELDS`` that say something; of a firm, of itself or
        of whichever of its people filled in the most.
        """
        filled = [
            SQL("(coalesce(%s::text, '') <> '')::int", SQL.identifier("p", name))
            for name in PROFILE_FIELDS
        ]
        return SQL(
            """
            SELECT p.commercial_partner_id AS customer_id,
                   max((%(filled)s)::float) / %(fields)s AS value
              FROM res_partner p
             WHERE p.commercial_partner_id = ANY(%(customers)s)
               AND (p.id = p.commercial_partner_id OR p.active AND p.type = 'contact')
             GROUP BY 1
            """,
            filled=SQL(" + ").join(filled),
            fields=len(PROFILE_FIELDS),
            customers=list(customers),
        )

    def _query_subscription_count(self, customers, company, now):
        """As the source of subscriptions says now: the row is counted later."""
        rows = self.env["customer.lifecycle"]
        mine = SQL(
            "l.customer_id = ANY(%s) AND l.company_id = %s", customers, company.id
        )
        source = rows._subscription_facts_query(mine, now)
        return SQL(
            """
            SELECT l.customer_id, l.subscription_count AS value
              FROM (%s) l WHERE %s
            """,
            source or SQL("SELECT * FROM customer_lifecycle"),
            mine,
        )

    def _query_app_login(self, customers, company, now):
        """Days with a login, or what an app reported, if that is more."""
        return SQL(
            """
            SELECT e.customer_id,
                   greatest(count(DISTINCT e.occurred_at::date), coalesce(max(
                       CASE WHEN jsonb_typeof(e.data->'value') = 'number'
                            THEN (e.data->>'value')::float END), 0)) AS value
              FROM lifecycle_event e
             WHERE e.customer_id = ANY(%s) AND e.company_id = %s
               AND e.event_type = 'app_login' AND e.occurred_at <= %s
             GROUP BY e.customer_id
            """,
            list(customers),
            company.id,
            now,
        )
