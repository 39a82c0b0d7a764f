from odoo import api, models
from odoo.tools import SQL

FACT_COLUMNS = (
    "total_orders",
    "total_revenue",
    "first_order_date",
    "last_order_date",
    "last_order_at",
    "average_order_gap",
    "customer_since",
    "won_back_at",
    "next_order_date",
    "recent_order_days",
    "earlier_order_date",
)
# Equal here, equal in the two columns that only rearrange the order days.
COUNTED_COLUMNS = FACT_COLUMNS[:-2]
# Rows whose facts are not those of today: touched, counted for a later day (the
# clock was set back), or with an order that was dated in the future until now.
STALE = SQL(
    "(l.facts_on IS NULL OR l.facts_on > p.today OR l.next_order_date <= p.today)"
)
# The orders that came after a long silence, where something may excuse it.
RETURNS = SQL(
    """,
    array_agg(ordered_at) FILTER (WHERE day - prev >= dormant_days) AS returns,
    array_agg(day) FILTER (WHERE day - prev >= dormant_days) AS return_days,
    array_agg(day - prev) FILTER (WHERE day - prev >= dormant_days) AS silences
    """
)
# The trend compares with this many days ago.
TREND_DAYS = 30


class LifecycleFacts(models.AbstractModel):
    """What the orders say about a customer: counted from them, never incremented."""

    _name = "lifecycle.facts"
    _description = "Lifecycle Facts"

    def init(self):
        super().init()
        if self._name != "customer.lifecycle":
            return
        # Order days of the last TREND_DAYS before facts_on and the last day before
        # them: enough to know the facts of 30 days ago on any later day without
        # touching the orders. An array column, which the ORM has no field for.
        self.env.cr.execute(
            """
            ALTER TABLE customer_lifecycle
              ADD COLUMN IF NOT EXISTS recent_order_days date[],
              ADD COLUMN IF NOT EXISTS earlier_order_date date
            """
        )

    # ----------------------------------------------------------------------- hooks
    @api.model
    def _order_facts_queries(self):
        """Return the sources of orders.

        Another source (point of sale) appends its own query.

        :return: list of SQL, each selecting ``customer_id`` (commercial partner),
            ``company_id``, ``ordered_at`` (UTC timestamp) and ``amount`` (company
            currency, numeric), one row per confirmed order
        """
        # commercial_partner_id of an order is the partner's as it is today, so that
        # a contact that moved to another company takes its orders along.
        return [
            SQL(
                """
                SELECT rp.commercial_partner_id AS customer_id, so.company_id,
                       so.date_order AS ordered_at,
                       so.amount_total / coalesce(nullif(so.currency_rate, 0), 1)
                           AS amount
                  FROM sale_order so
                  JOIN res_partner rp ON rp.id = so.partner_id
                 WHERE so.state = 'sale'
                """
            )
        ]

    # --------------------------------------------------------------------- refresh
    @api.model
    def _refresh_facts(self, scope, now, history=False):
        """Count the facts of the rows in ``scope`` again from their orders.

        :param SQL scope: condition on alias ``l`` (customer_lifecycle)
        :param datetime now: UTC; orders dated later do not count yet
        :param bool history: True when what is found is no news (back-fill)
        :return: number of rows counted
        """
        self.env.flush_all()
        self.env.cr.execute(self._facts_update(scope, now))
        rows = self.env.cr.fetchall()
        # By id: ``scope`` may name what the UPDATE has just changed.
        self._refresh_other_facts(SQL("l.id = ANY(%s)", [row[0] for row in rows]), now)
        self.env["customer.lifecycle"].invalidate_model()
        newcomers = [row[0] for row in rows if row[1]]
        if newcomers:
            self.env["lifecycle.event"]._record_first_orders(
                SQL("l.id = ANY(%s)", newcomers), history
            )
        return len(rows)

    def _facts_update(self, scope, now):
        """Return the statement; it yields (id, whether this is the first order).

        Rows whose orders say what they said before are left alone: what was counted
        on an earlier day answers for later days too (see ``_silence_columns``).
        """
        assignments = SQL(", ").join(
            SQL("%s = f.%s", SQL.identifier(name), SQL.identifier(name))
            for name in FACT_COLUMNS
        )
        stored, counted = (
            SQL(", ").join(SQL.identifier(alias, name) for name in COUNTED_COLUMNS)
            for alias in ("l", "f")
        )
        return SQL(
            """
            WITH %(ctes)s,
            written AS (
                UPDATE customer_lifecycle l
                   SET %(assignments)s, facts_on = f.today, updated_at = %(now)s,
                       next_evaluation_date = least(l.next_evaluation_date, f.today)
                  FROM facts f
                 WHERE l.id = f.id
                   AND (l.facts_on IS NULL OR l.facts_on > f.today
                        OR (%(stored)s) IS DISTINCT FROM (%(counted)s))
                RETURNING l.id, f.old_orders = 0 AND l.total_orders > 0 AS is_first
            )
            SELECT f.id, coalesce(w.is_first, FALSE)
              FROM facts f LEFT JOIN written w ON w.id = f.id
            """,
            ctes=self._facts_ctes(scope, now),
            assignments=assignments,
            stored=stored,
            counted=counted,
            now=now,
        )

    def _facts_ctes(self, scope, now, values=None):
        """Return the CTEs that end in ``facts``: one row per lifecycle in scope."""
        excusing = self._may_excuse_gaps(values)
        return SQL(
            """
            policy AS MATERIALIZED (%(policy)s),
            target AS (
                SELECT l.id, l.customer_id, l.company_id, p.today, p.tz,
                       p.dormant_days, p.rhythm_factor, l.total_orders AS old_orders
                  FROM customer_lifecycle l
                  JOIN policy p ON p.company_id = l.company_id
                 WHERE %(scope)s
            ),
            orders AS (
                SELECT t.id, o.ordered_at, o.amount, t.today, t.dormant_days,
                       (o.ordered_at AT TIME ZONE 'UTC' AT TIME ZONE t.tz)::date AS day
                  FROM target t
                  JOIN (%(sources)s) o ON o.customer_id = t.customer_id
                                      AND o.company_id = t.company_id
            ),
            ranked AS (
                SELECT *, lag(day) OVER (PARTITION BY id ORDER BY ordered_at) AS prev
                  FROM orders WHERE day <= today
            ),
            counted AS (%(counted)s),
            upcoming AS (
                SELECT id, min(day) AS day FROM orders WHERE day > today GROUP BY id
            ),
            facts AS (%(facts)s)
            """,
            policy=self._policy_relation(now, values),
            scope=scope,
            sources=SQL(" UNION ALL ").join(self._order_facts_queries()),
            counted=self._counted_query(excusing),
            facts=self._facts_query(excusing),
        )

    def _counted_query(self, excusing):
        """Aggregate the orders per customer; one pass over ``ranked``.

        ``returns`` to ``silences`` are the orders after a long gap, if needed.

        The mean gap telescopes: (last day - first day) / (order days - 1).
        """
        return SQL(
            """
            SELECT id, count(*) AS total_orders, sum(amount) AS total_revenue,
                   min(day) AS first_order_date, max(day) AS last_order_date,
                   max(ordered_at) AS last_order_at,
                   (max(day) - min(day))::float8
                       / nullif(count(*) FILTER (
                             WHERE day IS DISTINCT FROM prev) - 1, 0)
                       AS average_order_gap,
                   array_agg(day ORDER BY day) FILTER (WHERE day > today - %(window)s)
                       AS recent_order_days,
                   max(day) FILTER (WHERE day <= today - %(window)s)
                       AS earlier_order_date,
                   max(ordered_at) FILTER (WHERE day - prev >= dormant_days)
                       AS returned_at
                       %(returns)s
              FROM ranked
             GROUP BY id
            """,
            window=TREND_DAYS,
            returns=RETURNS if excusing else SQL(""),
        )

    def _facts_query(self, excusing):
        return SQL(
            """
            SELECT t.id, t.today, t.old_orders,
                   coalesce(c.total_orders, 0) AS total_orders,
                   round(coalesce(c.total_revenue, 0), cur.decimal_places)
                       AS total_revenue,
                   c.first_order_date, c.last_order_date, c.last_order_at,
                   c.average_order_gap, c.recent_order_days, c.earlier_order_date,
                   least(
                       c.first_order_date,
                       (rp.create_date AT TIME ZONE 'UTC' AT TIME ZONE t.tz)::date
                   ) AS customer_since,
                   %(returned_at)s AS won_back_at,
                   u.day AS next_order_date
              FROM target t
              JOIN res_partner rp ON rp.id = t.customer_id
              JOIN res_company rc ON rc.id = t.company_id
              JOIN res_currency cur ON cur.id = rc.currency_id
              LEFT JOIN counted c ON c.id = t.id
              LEFT JOIN upcoming u ON u.id = t.id
            """,
            returned_at=self._returned_at() if excusing else SQL("c.returned_at"),
        )

    def _returned_at(self):
        """When a customer last came back: the latest order after a long silence.

        The customer's own rhythm and a subscription in between may excuse a gap.
        A subquery per customer, not a join: long gaps are few, and no statistics
        can lead the planner to compare all of them with all customers.
        """
        return SQL(
            """
            (SELECT max(g.ordered_at)
               FROM unnest(c.returns, c.return_days, c.silences)
                    AS g(ordered_at, day, silence)
              WHERE g.silence >= coalesce(t.rhythm_factor * c.average_order_gap, 0)
                AND %s)
            """,
            self._not_subscribed_at(),
        )

    def _may_excuse_gaps(self, values):
        return (
            "rhythm_factor" in (values or {})
            or self._subscription_periods_query() is not None
            or bool(
                self.env["lifecycle.policy"]
                .sudo()
                .search_count([("rhythm_factor", ">", 0)], limit=1)
            )
        )

    # ----------------------------------------------------------------- other facts
    @api.model
    def _other_facts_queries(self, scope, now):
        """Return what does not follow from orders; a bridge adds its own facts.

        :param SQL scope: condition on alias ``l`` (customer_lifecycle)
        :param datetime now: UTC; what is dated later does not count yet
        :return: list of (names of columns, SQL selecting ``id`` and these columns for
            every lifecycle in scope)
        """
        return self._subscription_queries(scope, now)

    def _refresh_other_facts(self, scope, now):
        for names, query in self._other_facts_queries(scope, now):
            columns = [SQL.identifier(name) for name in names]
            self.env.cr.execute(
                SQL(
                    """
                    UPDATE customer_lifecycle u SET %(assignments)s
                      FROM (%(query)s) f
                     WHERE u.id = f.id AND (%(stored)s) IS DISTINCT FROM (%(counted)s)
                    """,
                    assignments=SQL(", ").join(SQL("%s = f.%s", c, c) for c in columns),
                    query=query,
                    stored=SQL(", ").join(SQL("u.%s", c) for c in columns),
                    counted=SQL(", ").join(SQL("f.%s", c) for c in columns),
                )
            )
