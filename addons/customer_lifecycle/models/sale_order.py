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


class SaleOrder(models.Model):
    _inherit = "sale.order"

    @api.model_create_multi
    def create(self, vals_list):
        orders = super().create(vals_list)
        confirmed = orders.filtered(lambda order: order.state == "sale")
        if confirmed:
            confirmed.flush_recordset(["state", "date_order", "partner_id"])
            confirmed._record_lifecycle_states(["draft"] * len(confirmed), created=True)
        return orders

    def _write_multi(self, vals_list):
        # The one place through which every change of a stored value passes: buttons,
        # payments, RPC and recomputed amounts alike.
        self._record_lifecycle_changes(vals_list)
        return super()._write_multi(vals_list)

    def _record_lifecycle_changes(self, vals_list):
        """Record what these writes mean for the customers' facts."""
        moved, changed = [], []
        for order, vals in zip(self, vals_list, strict=True):
            if "state" in vals:
                moved.append((order.id, vals["state"]))
            elif not FACT_FIELDS.isdisjoint(vals) and order._may_be_confirmed():
                changed.append((order.id, vals.get("partner_id")))
        if moved:
            orders = self.browse(order_id for order_id, _state in moved)
            orders._record_lifecycle_states([state for _id, state in moved])
        if changed:
            self._record_lifecycle_amounts(changed)

    def _may_be_confirmed(self):
        # The cache only: a read in the middle of a flush could start another one.
        return self._cache.get("state", "sale") == "sale"

    def _record_lifecycle_states(self, states, created=False):
        """Record orders that become, or cease to be, confirmed.

        The n-th confirmation of one order has its own key, so that a replay is
        harmless and a re-confirmed order is news.

        :param list states: the states being written, or the former ones when created
        """
        self._insert_lifecycle_events(
            SQL(
                """
                SELECT so.id, so.company_id, rp.commercial_partner_id AS customer_id,
                       so.date_order, so.name, so.amount_total, k.event_type,
                       k.event_type || ':' || so.id || ':' || 1 + (
                           SELECT count(*) FROM lifecycle_event e
                            WHERE e.company_id = so.company_id
                              AND e.event_key COLLATE "C"
                                  >= k.event_type || ':' || so.id || ':'
                              AND e.event_key COLLATE "C"
                                  < k.event_type || ':' || so.id || ';') AS event_key
                  FROM unnest(%(ids)s::int[], %(states)s::text[]) AS v(id, state)
                  JOIN sale_order so ON so.id = v.id
                  JOIN res_partner rp ON rp.id = so.partner_id
                 CROSS JOIN LATERAL (SELECT CASE
                       WHEN (v.state = 'sale') <> %(created)s THEN 'order_confirmed'
                       ELSE 'order_cancelled' END AS event_type) k
                 WHERE (so.state = 'sale') <> (v.state = 'sale')
                """,
                ids=self.ids,
                states=states,
                created=created,
            )
        )

    def _record_lifecycle_amounts(self, changed):
        """Record confirmed orders whose amount, date or customer changes.

        Both the customer who had the order and the one who gets it are touched.

        :param list changed: (order id, new partner id or None)
        """
        self._insert_lifecycle_events(
            SQL(
                """
                SELECT DISTINCT so.id, so.company_id,
                       rp.commercial_partner_id AS customer_id,
                       so.date_order, so.name, so.amount_total,
                       'order_changed' AS event_type,
                       concat_ws(':', 'order_changed', so.id,
                                 pg_current_xact_id(), rp.commercial_partner_id)
                           AS event_key
                  FROM unnest(%(ids)s::int[], %(partners)s::int[]) AS v(id, partner)
                  JOIN sale_order so ON so.id = v.id
                  JOIN res_partner rp ON rp.id IN (so.partner_id, v.partner)
                 WHERE so.state = 'sale'
                """,
                ids=[order_id for order_id, _partner in changed],
                partners=[partner for _id, partner in changed],
            )
        )

    def _insert_lifecycle_events(self, source):
        history = bool(self.env.context.get("customer_lifecycle_history"))
        # A customer of this very transaction may not have it in the database yet.
        self.env["res.partner"].flush_model(["commercial_partner_id"])
        self.env.cr.execute(
            SQL(
                """
                INSERT INTO lifecycle_event (
                    customer_id, company_id, event_type, event_key, occurred_at,
                    res_model, res_id, data, is_pending)
                SELECT o.customer_id, o.company_id, o.event_type, o.event_key,
                       CASE WHEN o.event_type = 'order_confirmed' THEN o.date_order
                            ELSE now() AT TIME ZONE 'UTC' END,
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
