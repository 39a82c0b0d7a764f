from odoo import api, models
from odoo.tools import SQL

# Stored fields that the facts of a customer are counted from.
FACT_FIELDS = {
    "state",
    "partner_id",
    "company_id",
    "date_order",
    "amount_total",
    "currency_rate",
}
# Those of them that an event tells of.
EVENT_COLUMNS = {
    "state": "text",
    "partner_id": "int4",
    "company_id": "int4",
    "date_order": "timestamp",
    "amount_total": "numeric",
}


class SaleOrder(models.Model):
    _inherit = "sale.order"

    def init(self):
        # Whoever waits at a checkout pays for each round trip: the event and the waking
        # of its readers are one.
        self.env.cr.execute(
            """
            CREATE OR REPLACE FUNCTION lifecycle_first_confirmations(
                ids int[], confirmed_at timestamp, dispatcher int)
            RETURNS SETOF int LANGUAGE plpgsql
            SET plan_cache_mode = force_generic_plan AS $$
            BEGIN
                RETURN QUERY
                INSERT INTO lifecycle_event (
                    customer_id, company_id, event_type, event_key, occurred_at,
                    res_model, res_id, data, is_pending)
                SELECT (SELECT rp.commercial_partner_id FROM res_partner rp
                         WHERE rp.id = so.partner_id),
                       so.company_id, 'order_confirmed',
                       'order_confirmed:' || so.id || ':1',
                       coalesce(confirmed_at, so.date_order), 'sale.order', so.id,
                       jsonb_build_object('name', so.name, 'amount', so.amount_total),
                       dispatcher IS NOT NULL
                  FROM sale_order so
                 WHERE so.id = ANY(ids) AND so.state <> 'sale'
                    ON CONFLICT DO NOTHING
                RETURNING res_id;
                IF FOUND THEN
                    PERFORM lifecycle_wake(dispatcher);
                END IF;
            END $$
            """
        )
        return super().init()

    @api.model_create_multi
    def create(self, vals_list):
        orders = super().create(vals_list)
        confirmed = orders.filtered(lambda order: order.state == "sale")
        if confirmed:
            confirmed.flush_recordset(["state", "date_order", "partner_id"])
            confirmed._record_lifecycle_changes([{}] * len(confirmed), created=True)
        return orders

    def _write_multi(self, vals_list):
        # The one place through which every change of a stored value passes: buttons,
        # payments, RPC and recomputed amounts alike.
        relevant = [
            (order.id, vals)
            for order, vals in zip(self, vals_list, strict=True)
            if "state" in vals
            or (not FACT_FIELDS.isdisjoint(vals) and order._may_be_confirmed())
        ]
        if relevant:
            orders = self.browse(order_id for order_id, _vals in relevant)
            orders._record_lifecycle_changes([vals for _id, vals in relevant])
        return super()._write_multi(vals_list)

    def _may_be_confirmed(self):
        # The cache only: a read in the middle of a flush could start another one.
        return self._cache.get("state", "sale") == "sale"

    def _record_lifecycle_changes(self, vals_list, created=False):
        """Record what values about to be written mean for the customers' facts.

        An order becomes or ceases to be confirmed, or is confirmed and changes: then
        both the customer who had it and the one who gets it are touched. The n-th
        confirmation of one order has its own key, so that a replay is harmless and a
        re-confirmed order is news.

        :param list vals_list: per order the columns about to be written
        :param bool created: the orders were inserted a moment ago
        """
        # A customer of this very transaction may not have it in the database yet.
        self.env["res.partner"].flush_model(["commercial_partner_id"])
        done = set() if created else self._record_first_confirmations(vals_list)
        rest = {
            order.id: vals
            for order, vals in zip(self, vals_list, strict=True)
            if order.id not in done
        }
        if rest:
            orders = self.browse(rest)
            source = orders._lifecycle_changes_query(list(rest.values()), created)
            self._insert_lifecycle_events(self._keyed_changes_query(source))

    def _record_first_confirmations(self, vals_list):
        """Record orders that are confirmed for the first time; return their ids.

        What nearly every call is about, and what every checkout waits for.
        """
        dates = {vals.get("date_order") for vals in vals_list}
        others = FACT_FIELDS - {"state", "date_order"}
        if len(dates) > 1 or not all(
            vals.get("state") == "sale" and others.isdisjoint(vals)
            for vals in vals_list
        ):
            return set()
        retries = self.env["lifecycle.event.retry"]
        history = self.env.context.get("customer_lifecycle_history")
        self.env.cr.execute(
            "SELECT lifecycle_first_confirmations(%s, %s, %s)",
            [
                list(self._ids),
                dates.pop(),
                None if history else retries._dispatcher(),
            ],
        )
        recorded = {row[0] for row in self.env.cr.fetchall()}
        if recorded and not history:
            retries._notify_workers()
        return recorded

    def _keyed_changes_query(self, source):
        """Select the changes with their customer and key."""
        return SQL(
            """
            SELECT w.id, w.company_id, rp.commercial_partner_id AS customer_id,
                   w.date_order, w.name, w.amount_total, w.event_type,
                   CASE w.event_type WHEN 'order_changed'
                        THEN concat_ws(':', w.event_type, w.id,
                            pg_current_xact_id(), rp.commercial_partner_id)
                        ELSE w.event_type || ':' || w.id || ':' || 1 + (
                            SELECT count(*) FROM lifecycle_event e
                             WHERE e.company_id = w.company_id
                               AND e.event_key COLLATE "C"
                                   >= w.event_type || ':' || w.id || ':'
                               AND e.event_key COLLATE "C"
                                   < w.event_type || ':' || w.id || ';')
                   END AS event_key
              FROM (%s) w JOIN res_partner rp ON rp.id = w.partner_id
            """,
            source,
        )

    def _lifecycle_changes_query(self, vals_list, created):
        """Select what happens to the orders, with the values that hold then."""
        columns = [
            ("id", "int4", self.ids),
            *(
                (name, kind, [vals.get(name) for vals in vals_list])
                for name, kind in EVENT_COLUMNS.items()
            ),
        ]
        return SQL(
            """
            SELECT so.id, so.name, k.*,
                   coalesce(v.date_order, so.date_order) AS date_order,
                   coalesce(v.amount_total, so.amount_total) AS amount_total
              FROM unnest(%(arrays)s) AS v(%(names)s)
              JOIN sale_order so ON so.id = v.id
             CROSS JOIN LATERAL (SELECT
                   so.state = 'sale' AND NOT %(created)s AS before,
                   coalesce(v.state, so.state) = 'sale' AS after) s
             CROSS JOIN LATERAL (
                   SELECT CASE WHEN s.after THEN 'order_changed'
                               ELSE 'order_cancelled' END AS event_type,
                          so.partner_id, so.company_id
                    WHERE s.before
                    UNION
                   SELECT CASE WHEN s.before THEN 'order_changed'
                               ELSE 'order_confirmed' END,
                          coalesce(v.partner_id, so.partner_id),
                          coalesce(v.company_id, so.company_id)
                    WHERE s.after) k
            """,
            arrays=SQL(", ").join(
                SQL("%s::%s[]", values, SQL.identifier(kind))
                for _name, kind, values in columns
            ),
            names=SQL(", ").join(SQL.identifier(name) for name, _k, _v in columns),
            created=created,
        )

    def _insert_lifecycle_events(self, source):
        """Insert the events that a query selects."""
        history = bool(self.env.context.get("customer_lifecycle_history"))
        self.env.cr.execute(
            SQL(
                """
                INSERT INTO lifecycle_event (
                    customer_id, company_id, event_type, event_key, occurred_at,
                    res_model, res_id, data, is_pending)
                SELECT o.customer_id, o.company_id, o.event_type, o.event_key,
                       CASE WHEN o.event_type = 'order_confirmed' THEN o.date_order
                            ELSE date_trunc('second', now() AT TIME ZONE 'UTC') END,
                       'sale.order', o.id,
                       jsonb_build_object('name', o.name, 'amount', o.amount_total),
                       %(pending)s
                  FROM (%(source)s) o
                    ON CONFLICT DO NOTHING
                """,
                source=source,
                pending=not history,
            )
        )
        if self.env.cr.rowcount and not history:
            self.env["lifecycle.event"]._wake()
