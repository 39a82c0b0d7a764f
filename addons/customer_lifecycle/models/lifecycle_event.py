import json

from odoo import api, fields, models
from odoo.tools import SQL

from ..tools.planner import unless_known

COLUMNS = (
    "customer_id",
    "company_id",
    "event_type",
    "occurred_at",
    "res_model",
    "res_id",
    "data",
    "event_key",
)
SAME_KEY = SQL(
    'known.company_id = e.company_id AND known.event_key COLLATE "C" = e.event_key'
)


class LifecycleEvent(models.Model):
    """The timeline of what happened, and the queue of what is still to be noticed.

    ``is_pending`` is the one column that changes after the insert: the dispatcher
    (``lifecycle.event.retry``) clears it when every consumer has had the event.
    """

    _name = "lifecycle.event"
    _description = "Lifecycle Event"
    _inherit = ["lifecycle.append.only"]
    _order = "occurred_at desc, id desc"
    _rec_name = "event_type"
    # One row per thing that happens: neither two more columns nor two more foreign
    # keys to check at every insert.
    _log_access = False

    customer_id = fields.Many2one("res.partner", required=True, ondelete="cascade")
    company_id = fields.Many2one("res.company", required=True, ondelete="cascade")
    event_type = fields.Char(required=True)
    event_label = fields.Char("Event", compute="_compute_event_label")
    occurred_at = fields.Datetime("When", required=True)
    res_model = fields.Char("Source model")
    res_id = fields.Many2oneReference("Source", model_field="res_model")
    data = fields.Json()
    event_key = fields.Char(required=True)
    is_pending = fields.Boolean(readonly=True)

    _key_uniq = models.UniqueIndex(
        '(company_id, event_key COLLATE "C")', "This event is recorded already."
    )
    _customer_idx = models.Index("(customer_id, occurred_at DESC)")
    _pending_idx = models.Index("(id) WHERE is_pending")

    @api.depends("event_type")
    @api.depends_context("lang")
    def _compute_event_label(self):
        labels = self._event_labels()
        for event in self:
            event.event_label = labels.get(event.event_type, event.event_type)

    @api.model
    def _event_labels(self):
        """Return the labels of the event types; an addon adds its own."""
        return {
            "signup": self.env._("Signed up"),
            "order_confirmed": self.env._("Order confirmed"),
            "order_changed": self.env._("Order changed"),
            "order_cancelled": self.env._("Order cancelled"),
            "first_order_placed": self.env._("First order"),
            "stage_changed": self.env._("Stage changed"),
            "customer_changed": self.env._("Contact changed"),
        }

    # ---------------------------------------------------------------------- record
    @api.model
    def _record(self, values_list, history=False):
        """Insert events; those whose key is known already are left alone.

        One statement, no ORM overhead: this runs inside the customer's checkout. Known
        keys are looked up first: ON CONFLICT would fail on an event that somebody has
        marked as seen since this transaction began, and sign-ups cannot be tried again.

        :param list values_list: dicts with customer_id (commercial partner),
            company_id, event_type, event_key, occurred_at (UTC) and optionally
            res_model, res_id, data (JSON-ready)
        :param bool history: True for what is no news: no consumer sees it
        """
        if not values_list:
            return
        rows = [
            {name: values.get(name) for name in COLUMNS}
            | {"data": values.get("data") or {}}
            for values in values_list
        ]
        self.env.cr.execute(
            SQL(
                """
                INSERT INTO lifecycle_event (%(columns)s, is_pending)
                SELECT %(columns)s, %(pending)s
                  FROM jsonb_populate_recordset(NULL::lifecycle_event, %(rows)s) e
                 WHERE NOT EXISTS (
                    SELECT FROM lifecycle_event known WHERE %(same_key)s OFFSET 0)
                    ON CONFLICT DO NOTHING
                """,
                columns=SQL(", ").join(map(SQL.identifier, COLUMNS)),
                pending=not history,
                rows=json.dumps(rows, default=str),
                same_key=SAME_KEY,
            )
        )
        if not history:
            self._wake()

    @api.model
    def _wake(self):
        """Let the event cron run as soon as this transaction is committed."""
        self.env["lifecycle.event.retry"]._wake_dispatch()

    @api.model
    def _record_signups(self, scope, history=False):
        """Write sign-ups into the timeline, where they are not there yet.

        :param SQL scope: condition on alias ``l`` (customer_lifecycle)
        """
        return self._record_query(
            SQL(
                """
                SELECT l.customer_id, l.company_id, 'signup' AS event_type,
                       'signup:' || l.customer_id AS event_key,
                       least(rp.create_date, l.customer_since::timestamp)
                           AS occurred_at,
                       'res.partner' AS res_model, l.customer_id AS res_id,
                       NULL::jsonb AS data
                  FROM customer_lifecycle l
                  JOIN res_partner rp ON rp.id = l.customer_id
                 WHERE %s
                """,
                scope,
            ),
            history,
        )

    @api.model
    def _record_first_orders(self, scope, history=False):
        """Write the first order of customers into the timeline, once.

        :param SQL scope: condition on alias ``l`` (customer_lifecycle)
        """
        return self._record_query(
            SQL(
                """
                SELECT l.customer_id, l.company_id,
                       'first_order_placed' AS event_type,
                       'first_order_placed:' || l.customer_id AS event_key,
                       f.date_order AS occurred_at,
                       'sale.order' AS res_model, f.id AS res_id,
                       jsonb_build_object('name', f.name, 'amount', f.amount_total)
                           AS data
                  FROM customer_lifecycle l
                  CROSS JOIN LATERAL (
                    SELECT so.id, so.date_order, so.name, so.amount_total
                      FROM sale_order so
                      JOIN res_partner rp ON rp.id = so.partner_id
                     WHERE rp.commercial_partner_id = l.customer_id
                       AND so.company_id = l.company_id AND so.state = 'sale'
                     ORDER BY so.date_order, so.id
                     LIMIT 1) f
                 WHERE %s
                """,
                scope,
            ),
            history,
        )

    @api.model
    def _record_query(self, source, history=False):
        """Insert the events that a query selects; known keys are left alone.

        :param SQL source: query of every column in ``COLUMNS``
        :param bool history: True for what is no news: no consumer sees it
        :return: list of the ``res_id`` of the new events
        """
        columns = SQL(", ").join(map(SQL.identifier, COLUMNS))
        # News are few: ON CONFLICT alone does for them.
        unknown = SQL("TRUE")
        if history:
            unknown = unless_known(self.env.cr, self._table, SAME_KEY)
        self.env.cr.execute(
            SQL(
                """
                INSERT INTO lifecycle_event (%(columns)s, is_pending)
                SELECT %(columns)s, %(pending)s
                  FROM (%(source)s) e
                 WHERE %(unknown)s
                 ORDER BY occurred_at, res_id
                    ON CONFLICT DO NOTHING
                RETURNING res_id
                """,
                columns=columns,
                pending=not history,
                source=source,
                unknown=unknown,
            )
        )
        recorded = [row[0] for row in self.env.cr.fetchall()]
        if recorded and not history:
            self._wake()
        return recorded

    @api.model
    def _record_history(self, scope, now):
        """Write what happened before anybody listened; a bridge adds its own.

        :param SQL scope: condition on alias ``l`` (customer_lifecycle)
        :param datetime now: UTC; what is dated later has not happened yet
        """
        self.env.flush_all()
        self._record_order_history(scope, now)

    @api.model
    def _record_order_history(self, scope, now):
        """Write the confirmed orders of the rows in ``scope`` into the timeline.

        :param SQL scope: condition on alias ``l`` (customer_lifecycle)
        :param datetime now: UTC; orders dated later have not happened yet
        """
        return self._record_query(
            SQL(
                """
                SELECT l.customer_id, l.company_id, 'order_confirmed' AS event_type,
                       'order_confirmed:' || so.id || ':1' AS event_key,
                       so.date_order AS occurred_at,
                       'sale.order' AS res_model, so.id AS res_id,
                       jsonb_build_object('name', so.name, 'amount', so.amount_total)
                           AS data
                  FROM customer_lifecycle l
                  JOIN res_partner rp ON rp.commercial_partner_id = l.customer_id
                  JOIN sale_order so ON so.partner_id = rp.id
                                    AND so.company_id = l.company_id
                 WHERE so.state = 'sale' AND so.date_order <= %s AND %s
                """,
                now,
                scope,
            ),
            history=True,
        )

    # ------------------------------------------------------------------- consumers
    @api.model
    def _event_consumers(self):
        """Return who is told of new events: {consumer name: method name}.

        The method runs on a recordset of events, in one transaction with their
        being marked as seen. An addon adds its own entry.
        """
        return {"facts": "_consume_facts"}

    def _consume_facts(self):
        """Make sure the customers have a row, and have it counted and evaluated."""
        lifecycle = self.env["customer.lifecycle"]
        touching = self.filtered(lambda event: event._is_fact())
        signups = self.filtered(lambda event: event.event_type == "signup")
        lifecycle._insert_missing((touching | signups)._members())
        lifecycle._touch(touching._members())

    def _members(self):
        """Return the (customer id, company id) pairs of the events."""
        return [(event.customer_id.id, event.company_id.id) for event in self]

    def _is_fact(self):
        """Return whether the event can change facts.

        Our own echoes cannot, nor can a sign-up: the row that it makes is new and
        so counted and evaluated anyway.
        """
        return self.event_type not in ("stage_changed", "first_order_placed", "signup")
