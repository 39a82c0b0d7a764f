from odoo import api, models
from odoo.tools import SQL

SUBSCRIPTION_COLUMNS = (
    "has_active_subscription",
    "subscription_count",
    "subscription_mrr",
    "last_renewal_date",
    "first_subscription_date",
)
# Of customers without any subscription.
DEFAULTS = {
    "has_active_subscription": SQL("FALSE"),
    "subscription_count": SQL("0"),
    "subscription_mrr": SQL("0"),
}


class LifecycleSubscriptions(models.AbstractModel):
    """What a source of subscriptions says about a customer; a bridge fills it."""

    _name = "lifecycle.subscriptions"
    _description = "Lifecycle Subscription Facts"

    @api.model
    def _subscription_facts_query(self, scope, now):
        """Return the subscription facts, filled by a bridge.

        :param SQL scope: condition on alias ``l`` (customer_lifecycle); the query may
            return others too, but should not count those nobody asked for
        :param datetime now: UTC; what is dated later does not count yet
        :return: None without a source, else SQL selecting ``customer_id``,
            ``company_id`` and every column of ``SUBSCRIPTION_COLUMNS``, one row per
            customer and company that has or had a subscription
        """
        return

    @api.model
    def _subscription_periods_query(self):
        """Return when customers were subscribed, filled by a bridge.

        :return: None without a source, else SQL selecting ``customer_id``,
            ``company_id``, ``date_from`` and ``date_to`` (null: still running)
        """
        return

    def _not_subscribed_at(self):
        """Return the condition that ``t`` was not subscribed on the day ``g.day``."""
        periods = self._subscription_periods_query()
        if periods is None:
            return SQL("TRUE")
        return SQL(
            """
            NOT EXISTS (
                SELECT FROM (%s) s
                 WHERE s.customer_id = t.customer_id AND s.company_id = t.company_id
                   AND s.date_from < g.day
                   AND (s.date_to IS NULL OR s.date_to >= g.day)
                -- Looked up per gap: the planner is not to read all periods for it.
                OFFSET 0)
            """,
            periods,
        )

    def _subscription_queries(self, scope, now):
        """Return the subscription facts of the rows in ``scope`` as other facts."""
        source = self._subscription_facts_query(scope, now)
        if source is None:
            return []
        columns = (
            SQL("coalesce(s.%s, %s)", SQL.identifier(name), DEFAULTS[name])
            if name in DEFAULTS
            else SQL("s.%s", SQL.identifier(name))
            for name in SUBSCRIPTION_COLUMNS
        )
        query = SQL(
            """
            SELECT l.id, %(columns)s
              FROM customer_lifecycle l
              LEFT JOIN (%(source)s) s ON s.customer_id = l.customer_id
                                      AND s.company_id = l.company_id
             WHERE %(scope)s
            """,
            columns=SQL(", ").join(
                SQL("%s AS %s", column, SQL.identifier(name))
                for name, column in zip(SUBSCRIPTION_COLUMNS, columns, strict=True)
            ),
            source=source,
            scope=scope,
        )
        return [(SUBSCRIPTION_COLUMNS, query)]
