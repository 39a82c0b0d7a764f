from odoo import api, fields, models

COLUMNS = (
    "import_id",
    "line",
    "customer",
    "moment",
    "amount",
    "name",
    "email",
    "reference",
    "key",
    "content",
)
INSERT = f"INSERT INTO lifecycle_import_row ({', '.join(COLUMNS)}) VALUES %s"


class LifecycleImportRow(models.Model):
    """A purchase that was read from a file and waits to become an order.

    The database finds the duplicates, so that memory does not grow with the file.
    The rows go when their import is done.
    """

    _name = "lifecycle.import.row"
    _description = "Purchase Waiting for Import"
    _log_access = False
    _order = "line"
    _rec_name = "customer"

    import_id = fields.Many2one("lifecycle.import", required=True, ondelete="cascade")
    line = fields.Integer(required=True)
    customer = fields.Char(required=True)
    moment = fields.Datetime(required=True)
    amount = fields.Float(digits=(24, 6), required=True)
    name = fields.Char()
    email = fields.Char()
    reference = fields.Char()
    key = fields.Char(required=True)
    content = fields.Char(required=True)
    occurrence = fields.Integer(help="1 for the first line with this key; 0: unknown.")
    first_line = fields.Integer(help="Line number of the first line with this key.")
    differs = fields.Boolean(help="The first line with this key tells something else.")

    _line_uniq = models.UniqueIndex("(import_id, line)")
    _customer_idx = models.Index("(import_id, customer)")

    @api.model
    def _insert(self, record, purchases):
        self.env.cr.execute_values(
            INSERT,
            [
                (
                    record.id,
                    p.line,
                    p.customer,
                    p.moment,
                    p.amount,
                    p.name or None,
                    p.email or None,
                    p.reference or None,
                    p.key,
                    p.content,
                )
                for p in purchases
            ],
            page_size=1000,
        )

    @api.model
    def _find_duplicates(self, record):
        """Mark the rows whose key stands in an earlier line already."""
        # One statement with a window: counting per batch would be quadratic for a
        # file that says the same over and over.
        self.env.cr.execute(
            """
            UPDATE lifecycle_import_row r
               SET occurrence = w.occurrence, first_line = w.first_line,
                   differs = w.content <> w.first_content
              FROM (SELECT id, content,
                           row_number() OVER same AS occurrence,
                           first_value(line) OVER same AS first_line,
                           first_value(content) OVER same AS first_content
                      FROM lifecycle_import_row
                     WHERE import_id = %(import)s
                    WINDOW same AS (PARTITION BY key ORDER BY line)) w
             WHERE w.id = r.id AND w.occurrence > 1
            """,
            {"import": record.id},
        )

    @api.model
    def _next_batch(self, record, size):
        """Return the next rows to load as dicts, with ``order_key`` and ``known``."""
        self.env.cr.execute(
            """
            SELECT r.line, r.customer, r.moment, r.amount, r.reference, r.content,
                   r.first_line, r.differs, coalesce(r.occurrence, 1) AS occurrence,
                   k.order_key, EXISTS (
                       SELECT FROM sale_order so
                        WHERE so.company_id = %(company)s
                          AND so.lifecycle_import_key = k.order_key) AS known
              FROM lifecycle_import_row r
             CROSS JOIN LATERAL (
                   SELECT md5(r.key || '|' || coalesce(r.occurrence, 1)) AS order_key) k
             WHERE r.import_id = %(import)s AND r.line > %(line)s
             ORDER BY r.line
             LIMIT %(size)s
            """,
            {
                "import": record.id,
                "company": record.company_id.id,
                "line": record.lines_loaded,
                "size": size,
            },
        )
        return self.env.cr.dictfetchall()

    @api.model
    def _contact_data(self, record, customers):
        """Return (customer, name, email, first purchase), the first told of each."""
        self.env.cr.execute(
            """
            SELECT customer,
                   (array_agg(name ORDER BY line) FILTER (WHERE name IS NOT NULL))[1],
                   (array_agg(email ORDER BY line) FILTER (WHERE email IS NOT NULL))[1],
                   min(moment)
              FROM lifecycle_import_row
             WHERE import_id = %s AND customer = ANY(%s)
             GROUP BY customer
             ORDER BY min(line)
            """,
            [record.id, list(customers)],
        )
        return self.env.cr.fetchall()

    @api.model
    def _discard(self, record):
        self.env.cr.execute(
            "DELETE FROM lifecycle_import_row WHERE import_id = %s", [record.id]
        )
