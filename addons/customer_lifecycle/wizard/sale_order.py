from odoo import api, fields, models

from .lifecycle_import_customer import SILENT

# What Odoo would work out for each order and each line on its own, by queries, and
# what is the same for all of them. Fields of addons that are not installed are left
# out; fields of other addons are computed as ever.
ORDER_VALUES = {
    "state": "sale",
    "locked": True,
    "amount_tax": 0,
    "currency_rate": 1,
    "fiscal_position_id": False,
    "invoice_status": "no",
    "journal_id": False,
    "note": False,
    "payment_term_id": False,
    "preferred_payment_method_line_id": False,
    "prepayment_percent": 0,
    "pricelist_id": False,
    "require_payment": False,
    "require_signature": False,
    "team_id": False,
    "user_id": False,
    "validity_date": False,
}
LINE_VALUES = {
    "analytic_distribution": False,
    "customer_lead": 0,
    "discount": 0,
    "price_tax": 0,
    "pricelist_item_id": False,
    "product_uom_qty": 1,
    "purchase_price": 0,
    "tax_ids": [],
}
AMOUNTS = ("amount_untaxed", "amount_total")
PRICES = (
    "price_unit",
    "technical_price_unit",
    "price_subtotal",
    "price_total",
    "price_reduce_taxexcl",
    "price_reduce_taxinc",
)


class SaleOrder(models.Model):
    _inherit = "sale.order"

    lifecycle_import_key = fields.Char(
        "Imported purchase",
        readonly=True,
        copy=False,
        help="What makes the purchase unique in imported files: no import creates it "
        "twice.",
    )

    _lifecycle_import_key_uniq = models.UniqueIndex(
        "(company_id, lifecycle_import_key) WHERE lifecycle_import_key IS NOT NULL",
        "This purchase was imported already.",
    )

    @api.model
    def _create_imported(self, record, rows, customers):
        """Create confirmed orders of the past: nothing is sent, invoiced, delivered.

        :param record: ``lifecycle.import``
        :param list rows: dicts of ``lifecycle.import.row._next_batch``
        :param dict customers: {customer id in the file: partner id}
        """
        orders = self.with_context(**SILENT, sale_no_log_for_new_lines=True)
        common = orders.default_get(list(self._fields)) | ORDER_VALUES
        common |= {
            "company_id": record.company_id.id,
            "currency_id": record.company_id.currency_id.id,
            "origin": record.name,
        }
        created = orders.create(
            [
                orders._only_fields(
                    common | self._imported_values(record, row, customers)
                )
                for row in rows
            ]
        )
        created._create_imported_lines([row["amount"] for row in rows])

    @api.model
    def _imported_values(self, record, row, customers):
        partner = customers[row["customer"]]
        return {
            "name": row["reference"] or f"IMP{record.id}-{row['line']}",
            "client_order_ref": row["reference"],
            "partner_id": partner,
            "partner_invoice_id": partner,
            "partner_shipping_id": partner,
            "date_order": row["moment"],
            "lifecycle_import_key": row["order_key"],
        } | dict.fromkeys(AMOUNTS, row["amount"])

    def _create_imported_lines(self, amounts):
        lines = self.env["sale.order.line"]
        product = self.env.ref("customer_lifecycle.product_imported_purchase")
        common = lines.default_get(list(lines._fields)) | LINE_VALUES
        common |= {
            "product_id": product.id,
            "product_uom_id": product.uom_id.id,
            "name": product.name,
            "company_id": self.company_id.id,
            "currency_id": self.currency_id.id,
        }
        common = self._only_fields(common, lines)
        lines.create(
            [
                common | {"order_id": order.id} | dict.fromkeys(PRICES, amount)
                for order, amount in zip(self, amounts, strict=True)
            ]
        )

    @api.model
    def _only_fields(self, values, model=None):
        known = (self if model is None else model)._fields
        return {name: value for name, value in values.items() if name in known}
