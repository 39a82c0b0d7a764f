from odoo import models
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


class LifecycleFacts(models.AbstractModel):
    """Where the subscription facts come from; ``customer.lifecycle`` sums them up."""

    _inherit = "lifecycle.facts"

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
