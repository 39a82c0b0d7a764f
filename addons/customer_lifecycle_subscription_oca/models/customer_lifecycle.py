from odoo import api, models
from odoo.tools import SQL

from .lifecycle_facts import ZONES

OPENING = ["subscription_started", "subscription_resumed"]
CLOSING = ["subscription_paused", "subscription_ended"]


class CustomerLifecycle(models.Model):
    """Subscription facts: the rows tell how much, the timeline tells since when.

    ``sale.subscription`` keeps neither when it was closed nor, once started again,
    when it first began. The events do, and outlive a deleted subscription.
    """

    _inherit = "customer.lifecycle"

    @api.model
    def _api_fields(self):
        return [*super()._api_fields(), "last_renewal_date", "first_subscription_date"]

    @api.model
    def _subscription_facts_query(self, scope, now):
        members = self._subscription_members(scope, now)
        return SQL(
            """
            SELECT x.customer_id, x.company_id,
                   count(x.mrr) > 0 AS has_active_subscription,
                   count(x.mrr)::int AS subscription_count,
                   round(coalesce(sum(x.mrr), 0), max(cur.decimal_places))
                       AS subscription_mrr,
                   max(x.renewed_on) AS last_renewal_date,
                   min(x.started_on) AS first_subscription_date
              FROM (
                SELECT r.customer_id, r.company_id, r.mrr,
                       NULL::date AS renewed_on, NULL::date AS started_on
                  FROM (%(running)s) r
                UNION ALL
                SELECT r.customer_id, r.company_id, NULL, r.day, NULL
                  FROM (%(renewals)s) r WHERE r.day <= r.today
                UNION ALL
                (%(told)s)
              ) x
              JOIN res_company rc ON rc.id = x.company_id
              JOIN res_currency cur ON cur.id = rc.currency_id
             GROUP BY x.customer_id, x.company_id
            """,
            running=self._running_query(members),
            renewals=self._renewals_query(members),
            told=self._told_query(members),
        )

    @api.model
    def _subscription_periods_query(self):
        """Read the periods from the timeline: from each opening to the next move."""
        return SQL(
            """
            SELECT t.customer_id, t.company_id, t.date_from, t.date_to
              FROM (
                SELECT m.customer_id, m.company_id, m.event_type, %(day)s AS date_from,
                       lead(%(day)s) OVER (
                           PARTITION BY m.customer_id, m.company_id, m.res_id
                           ORDER BY m.occurred_at, m.id) AS date_to
                  FROM (SELECT e.*, z.tz FROM lifecycle_event e
                          JOIN (%(zones)s) z ON z.company_id = e.company_id) m
                 WHERE m.event_type = ANY(%(moves)s)) t
             WHERE t.event_type = ANY(%(opening)s)
            """,
            day=self._day(SQL("m.occurred_at")),
            zones=ZONES,
            moves=OPENING + CLOSING,
            opening=OPENING,
        )

    @api.model
    def _members_query(self, now):
        """Who has or had a subscription is a customer, too."""
        return SQL(
            """
            SELECT customer_id, company_id FROM (%s) m
            UNION
            SELECT rp.commercial_partner_id, s.company_id
              FROM sale_subscription s
              JOIN res_partner rp ON rp.id = s.partner_id
              JOIN sale_subscription_stage st ON st.id = s.stage_id
              JOIN (%s) p ON p.company_id = s.company_id
             WHERE (s.in_progress OR st.type = 'post')
               AND coalesce(s.date_start, p.today) <= p.today
            """,
            super()._members_query(now),
            self._policy_relation(now),
        )
