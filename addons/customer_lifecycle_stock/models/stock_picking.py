from odoo import api, models
from odoo.tools import SQL


class StockPicking(models.Model):
    _inherit = "stock.picking"

    def _action_done(self):
        result = super()._action_done()
        self._record_lifecycle_deliveries()
        return result

    def write(self, vals):
        redated = self.browse()
        if "date_done" in vals:
            redated = self.filtered(lambda p: p.state == "done" and p.date_done)
        result = super().write(vals)
        redated.sale_id.partner_id._record_customer_changes()
        return result

    def _record_lifecycle_deliveries(self):
        """Record which of these pickings brought goods to a customer."""
        self.flush_recordset()
        self.env["sale.order"].flush_model(["partner_id", "company_id"])
        self.env["res.partner"].flush_model(["commercial_partner_id"])
        self.env["lifecycle.event"]._record_query(
            SQL(
                "SELECT d.* FROM (%s) d WHERE d.res_id = ANY(%s)",
                self._lifecycle_deliveries_query(),
                self.ids,
            ),
            history=bool(self.env.context.get("customer_lifecycle_history")),
        )

    @api.model
    def _lifecycle_deliveries_query(self):
        """Select all deliveries of sales orders as ``delivery_done`` events.

        The customer is the order's, whoever received the goods, and so is the
        company. A return of an operation type without one of its own for returns is
        an outgoing picking, too: only what comes from us or a vendor is a delivery.
        """
        return SQL(
            """
            SELECT rp.commercial_partner_id AS customer_id, so.company_id,
                   'delivery_done' AS event_type,
                   'delivery_done:' || sp.id AS event_key,
                   sp.date_done AS occurred_at,
                   'stock.picking' AS res_model, sp.id AS res_id,
                   jsonb_build_object('name', sp.name, 'order', so.name) AS data
              FROM stock_picking sp
              JOIN stock_picking_type pt ON pt.id = sp.picking_type_id
              JOIN stock_location source ON source.id = sp.location_id
              JOIN stock_location target ON target.id = sp.location_dest_id
              JOIN sale_order so ON so.id = sp.sale_id
              JOIN res_partner rp ON rp.id = so.partner_id
             WHERE sp.state = 'done' AND pt.code IN ('outgoing', 'dropship')
               AND source.usage <> 'customer'
               AND target.usage IN ('customer', 'transit')
            """
        )
