from odoo import api, models
from odoo.tools import SQL

# Time zone of each company, in which its days are counted.
ZONES = SQL(
    """
    SELECT rc.id AS company_id, coalesce(cp.tz, 'UTC') AS tz
      FROM res_company rc JOIN res_partner cp ON cp.id = rc.partner_id
    """
)
# How many of a template's periods, at interval 1, make a month.
PERIODS_A_MONTH = {
    "days": SQL("365.25 / 12"),
    "weeks": SQL("365.25 / 84"),
    "months": SQL("1.0"),
    "years": SQL("1.0 / 12"),
}
# Documents that renew a subscription: where they name it.
DOCUMENTS = {
    "account.move": SQL(
        "SELECT subscription_id AS id, id AS document FROM account_move"
    ),
    "sale.order": SQL("SELECT order_subscription_id, id FROM sale_order"),
}
OPENING = ["subscription_started", "subscription_resumed"]
CLOSING = ["subscription_paused", "subscription_ended"]


class LifecycleFacts(models.AbstractModel):
    """Subscription facts: the rows tell how much, the timeline tells since when.

    ``sale.subscription`` keeps neither when it was closed nor, once started again,
    when it first began. The events do, and outlive a deleted subscription.
    """

    _inherit = "lifecycle.facts"

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

    def _subscription_members(self, scope, now):
        """Select the customers in ``scope`` with their company's day and zone."""
        return SQL(
            """
            SELECT l.customer_id, l.company_id, p.today, p.tz
              FROM customer_lifecycle l
              JOIN (%s) p ON p.company_id = l.company_id
             WHERE %s
            """,
            self._policy_relation(now),
            scope,
        )

    def _renewal_members(self, model, ids):
        """Select the customers whose subscriptions have the given documents."""
        return SQL(
            """
            SELECT DISTINCT rp.commercial_partner_id AS customer_id, s.company_id,
                   NULL::date AS today, z.tz
              FROM (%s) d(subscription_id, id)
              JOIN sale_subscription s ON s.id = d.subscription_id
              JOIN res_partner rp ON rp.id = s.partner_id
              JOIN (%s) z ON z.company_id = s.company_id
             WHERE d.id = ANY(%s)
            """,
            DOCUMENTS[model],
            ZONES,
            list(ids),
        )

    def _running_query(self, members):
        """Select the running subscriptions of ``members`` and what a month brings."""
        return SQL(
            """
            SELECT m.customer_id, m.company_id,
                   coalesce(s.recurring_total, 0) * %(periods)s
                       / greatest(t.recurring_interval, 1) * %(rate)s AS mrr
              FROM (%(members)s) m
              JOIN res_partner rp ON rp.commercial_partner_id = m.customer_id
              JOIN sale_subscription s ON s.partner_id = rp.id
                                      AND s.company_id = m.company_id
              JOIN sale_subscription_template t ON t.id = s.template_id
              JOIN res_company rc ON rc.id = s.company_id
             WHERE s.in_progress AND s.active AND s.is_paused IS NOT TRUE
               AND coalesce(s.date_start, m.today) <= m.today
            """,
            members=members,
            periods=self._periods_a_month(),
            rate=self._rate_to_company(),
        )

    def _periods_a_month(self):
        cases = SQL(" ").join(
            SQL("WHEN %s THEN %s", kind, periods)
            for kind, periods in PERIODS_A_MONTH.items()
        )
        return SQL("CASE t.recurring_rule_type %s ELSE 1.0 END", cases)

    def _rate_to_company(self):
        """Rate from the subscription's currency to the company's, at its start.

        Not today's: revenue does not move because currencies do, and nobody would
        be told to count it again.
        """
        return SQL(
            """
            CASE WHEN coalesce(s.currency_id, rc.currency_id) = rc.currency_id THEN 1.0
                 ELSE %s / %s END
            """,
            self._rate_of(SQL("rc.currency_id")),
            self._rate_of(SQL("s.currency_id")),
        )

    def _rate_of(self, currency):
        """Odoo's own rate: the last one by then, else the first."""
        known = SQL(
            """
            SELECT r.rate FROM res_currency_rate r
             WHERE r.currency_id = %s AND coalesce(
                   r.company_id = split_part(rc.parent_path, '/', 1)::int, TRUE)
            """,
            currency,
        )
        return SQL(
            """
            coalesce(
                (%(known)s AND r.name <= coalesce(s.date_start, m.today)
                  ORDER BY r.company_id, r.name DESC LIMIT 1),
                (%(known)s ORDER BY r.company_id, r.name LIMIT 1), 1.0)
            """,
            known=known,
        )

    def _renewals_query(self, members):
        """Select the renewals of the subscriptions of ``members``, one per document.

        subscription_oca renews by making a document: an invoice, or an order that it
        invoices in turn. What counts is posted and not reversed, or confirmed. The
        first document is the purchase itself, unless the subscription comes from an
        order: then that one was. An invoice dated ahead counts from the day on which
        it was made.
        """
        return SQL(
            """
            SELECT m.customer_id, m.company_id, m.today, m.tz,
                   s.id AS subscription_id, s.name AS subscription,
                   d.day, d.document_model, d.document_id
              FROM (%(members)s) m
              JOIN res_partner rp ON rp.commercial_partner_id = m.customer_id
              JOIN sale_subscription s ON s.partner_id = rp.id
                                      AND s.company_id = m.company_id
              LEFT JOIN sale_order origin ON origin.id = s.sale_order_id
                                         AND origin.state = 'sale'
             CROSS JOIN LATERAL (
                SELECT x.*, min(x.day) OVER () AS first_day FROM (%(documents)s) x) d
             WHERE d.day > least(d.first_day, %(origin_day)s)
            """,
            members=members,
            documents=self._documents_query(),
            origin_day=self._day(SQL("origin.date_order")),
        )

    def _documents_query(self):
        """Select the valid documents of subscription ``s`` of member ``m``."""
        return SQL(
            """
            SELECT least(coalesce(am.invoice_date, am.date), %s) AS day,
                   'account.move' AS document_model, am.id AS document_id
              FROM account_move am
             WHERE am.subscription_id = s.id AND am.move_type = 'out_invoice'
               AND am.state = 'posted' AND am.payment_state IS DISTINCT FROM 'reversed'
            UNION ALL
            SELECT %s, 'sale.order', so.id
              FROM sale_order so
             WHERE so.order_subscription_id = s.id AND so.state = 'sale'
            """,
            self._day(SQL("am.create_date")),
            self._day(SQL("so.date_order")),
        )

    def _day(self, moment):
        return SQL("(%s AT TIME ZONE 'UTC' AT TIME ZONE m.tz)::date", moment)

    def _told_query(self, members):
        """Select the starts, and the renewals of deleted subscriptions, as told."""
        return SQL(
            """
            SELECT e.customer_id, e.company_id, NULL,
                   CASE WHEN e.event_type = 'subscription_renewed' THEN %(day)s END,
                   CASE WHEN e.event_type = 'subscription_started' THEN %(day)s END
              FROM (%(members)s) m
              JOIN lifecycle_event e ON e.customer_id = m.customer_id
                                    AND e.company_id = m.company_id
             WHERE %(day)s <= m.today
               AND (e.event_type = 'subscription_started'
                    OR e.event_type = 'subscription_renewed' AND NOT EXISTS (
                       SELECT FROM sale_subscription s WHERE s.id = e.res_id))
            """,
            members=members,
            day=self._day(SQL("e.occurred_at")),
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
