from odoo import api, models
from odoo.tools import SQL

from odoo.addons.customer_lifecycle.tools.clock import start_of_day


class LoyaltyBackfillOrders(models.AbstractModel):
    """Which past orders count, and the sums of their lines that rules ask for; many
    orders in one query.
    """

    _name = "loyalty.backfill.orders"
    _description = "Past Orders"
    _inherit = ["loyalty.backfill.refunds"]

    # ------------------------------------------------------------------------- scope
    def _eligible_sql(self):
        """Condition on ``o`` (sale_order): it came before the accounts, and earned
        nothing in this program yet.
        """
        program = self.program_id
        conditions = [
            SQL("o.state = 'sale' AND o.date_order < %s", program.accounts_since),
            SQL(
                """NOT EXISTS (
                    SELECT FROM sale_order_coupon_points w
                      JOIN loyalty_card c ON c.id = w.coupon_id
                     WHERE w.order_id = o.id AND w.points > 0 AND c.program_id = %s)""",
                program.id,
            ),
            self._unknown_sql(SQL("loyalty_transaction")),
            self._unknown_sql(SQL("loyalty_pending")),
        ]
        if self.since:
            conditions.append(SQL("o.date_order >= %s", self._start_of(self.since)))
        if program.company_id:
            conditions.append(
                SQL(
                    "o.company_id IN (SELECT id FROM res_company"
                    " WHERE %(company)s IN (id, parent_id))",
                    company=program.company_id.id,
                )
            )
        if program.pricelist_ids:
            conditions.append(
                SQL("o.pricelist_id = ANY(%s)", program.pricelist_ids.ids)
            )
        return SQL(" AND ").join(conditions)

    def _unknown_sql(self, table):
        """Condition on ``o``: a table of ours does not know it in this program."""
        return SQL(
            """NOT EXISTS (
                SELECT FROM %s t WHERE t.source_type = 'sale.order'
                   AND t.source_id = o.id AND t.program_id = %s)""",
            table,
            self.program_id.id,
        )

    def _customer_sql(self):
        """Condition on ``p`` (res_partner): who may have an account, or has one."""
        conditions = [
            SQL("p.active"),
            SQL(
                """NOT EXISTS (
                    SELECT FROM res_users u
                      JOIN res_groups_users_rel g ON g.uid = u.id
                     WHERE u.partner_id = p.id AND g.gid = %s)""",
                self.env.ref("base.group_public").id,
            ),
        ]
        if not self.opens_accounts:
            conditions.append(
                SQL(
                    "EXISTS (SELECT FROM customer_loyalty a WHERE a.customer_id = p.id"
                    " AND a.program_id = %s AND a.active)",
                    self.program_id.id,
                )
            )
        return SQL(" AND ").join(conditions)

    def _scope_sql(self):
        """The orders ``o`` that count, with their customers ``p``."""
        return SQL(
            "FROM sale_order o JOIN res_partner p ON p.id = o.partner_id"
            " WHERE %s AND %s",
            self._eligible_sql(),
            self._customer_sql(),
        )

    # ------------------------------------------------------------------------- query
    def _orders_query(self, customers):
        return SQL(
            """
            WITH orders AS MATERIALIZED (
                SELECT o.id, o.name, o.partner_id, o.date_order, o.currency_id,
                       o.company_id, o.loyalty_turn %(scope)s
                   AND o.partner_id = ANY(%(customers)s)),
            invoice AS MATERIALIZED (%(invoices)s)
            SELECT o.partner_id, o.id, o.name,
                   'sale.order:' || o.id || ':' || greatest(o.loyalty_turn, 1),
                   o.date_order, o.currency_id, o.company_id, o.id IN (%(apart)s),
                   x.worth, m.invoiced, m.refunded, x.*
              FROM orders o
              JOIN (SELECT %(columns)s
                      FROM orders o JOIN sale_order_line l ON l.order_id = o.id
                      LEFT JOIN sale_order_line b
                        ON b.id = l.linked_line_id AND l.combo_item_id IS NOT NULL
                      LEFT JOIN loyalty_reward w ON w.id = l.reward_id
                      LEFT JOIN loyalty_program g ON g.id = w.program_id
                     GROUP BY l.order_id) x ON x.order_id = o.id
              LEFT JOIN (%(sums)s) m ON m.order_id = o.id
             ORDER BY o.partner_id, o.date_order, o.id
            """,
            scope=self._scope_sql(),
            customers=customers,
            columns=SQL(", ").join(self._order_columns()),
            invoices=self._invoices_query(),
            sums=self._invoiced_query(),
            apart=SQL(" UNION ALL ").join(self._apart_queries()),
        )

    def _order_columns(self):
        """What is summed up of the lines ``l`` of an order."""
        return [
            *map(self._rule_columns, self._rules()),
            SQL("l.order_id"),
            SQL(
                "coalesce(sum(l.price_total) FILTER (WHERE %s), 0)::float8 AS worth",
                self._goods_sql(),
            ),
        ]

    def _invoices_query(self):
        """The lines of the orders' invoices, each once."""
        return SQL(
            """
            SELECT l.order_id, i.move_id, i.price_total, v.move_type,
                   v.state = 'posted' AS is_posted, bool_or(%s) AS is_goods
              FROM orders o JOIN sale_order_line l ON l.order_id = o.id
              JOIN sale_order_line_invoice_rel r ON r.order_line_id = l.id
              JOIN account_move_line i ON i.id = r.invoice_line_id
              JOIN account_move v ON v.id = i.move_id
             GROUP BY l.order_id, i.id, v.id
            """,
            self._goods_sql(),
        )

    @api.model
    def _invoiced_query(self):
        """What was invoiced and refunded of the orders' goods, taxes included."""
        return SQL(
            """
            SELECT order_id,
                   coalesce(sum(price_total) FILTER (
                       WHERE move_type <> 'out_refund'), 0)::float8 AS invoiced,
                   coalesce(sum(price_total) FILTER (
                       WHERE move_type = 'out_refund'), 0)::float8 AS refunded
              FROM invoice WHERE is_posted AND is_goods GROUP BY 1
            """
        )

    @api.model
    def _goods_sql(self):
        """Condition: a line is neither a reward nor a delivery."""
        if "is_delivery" not in self.env["sale.order.line"]._fields:
            return SQL("l.reward_id IS NULL")
        return SQL("l.reward_id IS NULL AND l.is_delivery IS NOT TRUE")

    def _rule_columns(self, rule):
        """Sums of an order's lines for a rule: number and quantity of products that it
        is about, untaxed amount, tax, and what was paid for them.
        """
        plain = SQL("l.reward_id IS NULL AND l.combo_item_id IS NULL")
        counts = SQL("%s AND NOT %s", self._valid_sql(rule, SQL("l")), self._idle_sql())
        # A combo's price is that of its items.
        valid = self._valid_sql(rule, SQL("coalesce(b, l)"))
        return SQL(
            """
            count(*) FILTER (WHERE %(plain)s AND %(counts)s),
            coalesce(sum(l.product_uom_qty) FILTER (
                WHERE %(plain)s AND %(counts)s), 0)::float8,
            coalesce(sum(l.price_subtotal) FILTER (
                WHERE %(valid)s AND %(due)s), 0)::float8,
            coalesce(sum(l.price_tax) FILTER (
                WHERE %(valid)s AND %(due)s), 0)::float8,
            coalesce(sum(l.price_total) FILTER (
                WHERE %(valid)s AND %(paid)s), 0)::float8
            """,
            plain=plain,
            counts=counts,
            valid=valid,
            due=self._due_sql(),
            paid=self._paid_sql(),
        )

    def _valid_sql(self, rule, line):
        """Condition: the rule is about the product of a line."""
        domain = rule._get_valid_product_domain()
        if not domain:
            return SQL("(%s).product_id IS NOT NULL", line)
        products = self.env["product.product"].sudo().with_context(active_test=False)
        return SQL("(%s).product_id IN %s", line, products._search(domain).subselect())

    def _due_sql(self):
        """Condition: a line counts for the amount that a rule asks for."""
        return SQL(
            "NOT %s AND NOT (w.reward_type IS NOT DISTINCT FROM 'discount'"
            " AND (g.trigger = 'auto' OR g.id = %s))",
            self._idle_sql(),
            self.program_id.id,
        )

    def _paid_sql(self):
        """Condition: a line is part of what was paid."""
        return SQL(
            "NOT %s AND coalesce(g.program_type, '') NOT IN"
            " ('ewallet', 'gift_card', %s)",
            self._idle_sql(),
            self.program_id.program_type,
        )

    @api.model
    def _idle_sql(self):
        """Condition: a line counts for nothing, as deliveries do."""
        if "is_delivery" not in self.env["sale.order.line"]._fields:
            return SQL("FALSE")
        return SQL(
            "(coalesce(l.is_delivery, FALSE)"
            " OR w.reward_type IS NOT DISTINCT FROM 'shipping')"
        )

    def _start_of(self, day):
        """Return when a day began where the program's company is, naive UTC."""
        company = self.program_id.company_id or self.env.company
        return start_of_day(day, company.sudo().partner_id.tz)
