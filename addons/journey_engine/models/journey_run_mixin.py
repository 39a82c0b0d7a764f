from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import SQL

from ..const import EXIT_REASONS, RUN_STATES, WENT_OUT


class JourneyRunMixin(models.AbstractModel):
    """One pass of one customer through a journey.

    A concrete model adds ``definition_id`` and ``step_id``, Many2one to its definition
    and its step. Rows are written by the scheduler alone, in SQL.
    """

    _name = "journey.run.mixin"
    _description = "Journey Run"
    _inherit = ["journey.run.hooks"]
    _order = "started_at desc, id desc"
    _rec_name = "customer_id"

    customer_id = fields.Many2one(
        "res.partner", required=True, ondelete="cascade", readonly=True
    )
    addressee_id = fields.Many2one("res.partner", ondelete="set null", readonly=True)
    company_id = fields.Many2one(
        "res.company", required=True, ondelete="cascade", readonly=True
    )
    run_state = fields.Selection(
        RUN_STATES, "State", required=True, default="running", readonly=True
    )
    version_id = fields.Many2one(
        "journey.version", required=True, ondelete="restrict", readonly=True, index=True
    )
    steps_completed = fields.Integer(required=True, default=0, readonly=True)
    next_step_at = fields.Datetime("Next step", readonly=True)
    step_due_at = fields.Datetime(
        readonly=True, help="Since when its step is due; a hold does not move it."
    )
    anchor_at = fields.Datetime(
        required=True,
        readonly=True,
        help="From when delays count: the entry, later by the time that the journey "
        "was switched off.",
    )
    started_at = fields.Datetime("Entered", required=True, readonly=True)
    completed_at = fields.Datetime("Left", readonly=True)
    exit_reason = fields.Char(readonly=True)
    variant = fields.Char(readonly=True)
    is_holdout = fields.Boolean("Control group", readonly=True)
    attempts = fields.Integer(required=True, default=0, readonly=True)
    current_step = fields.Integer(compute="_compute_current_step")
    current_step_index = fields.Integer(compute="_compute_current_step")
    delivery_ids = fields.One2many(
        "journey.delivery",
        "run_id",
        domain=lambda self: [("run_model", "=", self._name)],
    )

    # A customer walks a definition at most once at a time.
    _running_uniq = models.UniqueIndex(
        "(definition_id, customer_id) WHERE run_state = 'running'",
        "This customer is already walking this journey.",
    )
    _due_idx = models.Index("(definition_id, next_step_at) WHERE run_state = 'running'")
    _customer_idx = models.Index("(customer_id, definition_id)")
    _started_idx = models.Index("(definition_id, started_at)")

    @api.depends("step_id", "version_id", "run_state")
    def _compute_current_step(self):
        for version, runs in self.grouped("version_id").items():
            steps = version._steps().ids if version else []
            places = {number: place for place, number in enumerate(steps)}
            for run in runs:
                here = places.get(run.step_id.id, len(steps))
                run.current_step_index = here
                run.current_step = here + 1

    def unlink(self):
        """Free the groups and call back what is still in a queue."""
        self.env["journey.delivery"].sudo()._call_back(self._name, self.ids, "by_hand")
        self._free_slots(self.ids)
        return super().unlink()

    # ------------------------------------------------------------------------- end
    @api.model
    def _end(self, ids, state, reason, now):
        """End runs before their last step; what they still have in a queue is called
        back.

        :param list ids: of running runs
        :param str state: done or cancelled
        :param str reason: the code that the log shows
        :param datetime now: naive UTC
        """
        if not ids:
            return
        self.env.flush_all()
        self.env.cr.execute(
            SQL(
                """
                UPDATE %s SET run_state = %s, exit_reason = %s,
                       completed_at = coalesce(completed_at, %s),
                       next_step_at = NULL, write_date = now() AT TIME ZONE 'UTC'
                 WHERE id = ANY(%s) AND run_state = 'running'
                """,
                SQL.identifier(self._table),
                state,
                reason,
                now,
                list(ids),
            )
        )
        self._free_slots(ids)
        self.env["journey.delivery"]._call_back(self._name, ids, reason)
        self._on_ended(list(ids), now)
        self.invalidate_model()

    @api.model
    def _free_slots(self, ids):
        self.env.cr.execute(
            "DELETE FROM journey_slot WHERE run_model = %s AND run_id = ANY(%s)",
            [self._name, list(ids)],
        )
        self.env["journey.slot"].invalidate_model()

    # ---------------------------------------------------------------------- orders
    @api.model
    def _orders_of(self, ids, condition):
        """Return {run id: order id} of runs whose customer ordered since the entry.

        :param list ids: of runs
        :param SQL condition: on alias ``o`` (sale_order)
        """
        self.env.flush_all()
        return dict(
            self.env.execute_query(
                SQL(
                    """
                    SELECT r.id, min(o.id) FROM %s r
                      JOIN res_partner p ON p.commercial_partner_id = r.customer_id
                      JOIN sale_order o ON o.partner_id = p.id
                                       AND o.company_id = r.company_id
                     WHERE r.id = ANY(%s) AND o.state = 'sale'
                       AND o.date_order >= r.started_at AND %s
                     GROUP BY r.id
                    """,
                    SQL.identifier(self._table),
                    list(ids),
                    condition,
                )
            )
        )

    @api.model
    def _events_of(self, ids, event_type, until=None):
        """Return the ids of runs whose customer had an event since the entry."""
        self.env.flush_all()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT r.id FROM %s r
                 WHERE r.id = ANY(%s) AND EXISTS (
                    SELECT FROM lifecycle_event e
                     WHERE e.customer_id = r.customer_id
                       AND e.company_id = r.company_id
                       AND e.event_type = %s AND e.occurred_at >= r.started_at
                       AND e.occurred_at <= %s AND %s)
                """,
                SQL.identifier(self._table),
                list(ids),
                event_type,
                until or "infinity",
                self._answers_sql(),
            )
        )
        return {run for (run,) in rows}

    @api.model
    def _answers_sql(self, run="r", event="e"):
        """Condition on a run and a ``lifecycle_event``, by their aliases: the event may
        be what the run is to bring about; an addon that knows more says no to others.
        """
        return SQL("TRUE")

    # ------------------------------------------------------------------------ wake
    @api.model
    def _running_of(self, definition, customers):
        """Return the ids of the running runs of customers in a journey."""
        return self._search(
            [
                ("definition_id", "=", definition.id),
                ("customer_id", "in", customers),
                ("run_state", "=", "running"),
            ]
        ).get_result_ids()

    @api.model
    def _wake(self, ids):
        """Have runs that wait for something looked at now."""
        self._wake_where(SQL("r.id = ANY(%s)", list(ids)), ("order",), inverted=True)

    @api.model
    def _wake_for_orders(self, customers):
        """Have runs that wait for an order of these customers looked at now."""
        self._wake_where(SQL("r.customer_id = ANY(%s)", list(customers)), ("order",))

    def _wake_where(self, scope, waits, inverted=False):
        self.env.flush_all()
        steps = self.env[self._fields["step_id"].comodel_name]
        among = SQL("s.wait_until = ANY(%s)", list(waits))
        self.env.cr.execute(
            SQL(
                """
                UPDATE %(runs)s r SET next_step_at = %(now)s
                  FROM %(steps)s s
                 WHERE s.id = r.step_id AND s.kind = 'wait' AND %(scope)s
                   AND r.run_state = 'running' AND %(awaited)s
                   AND r.next_step_at > %(now)s AND r.step_due_at <= %(now)s
                """,
                runs=SQL.identifier(self._table),
                steps=SQL.identifier(steps._table),
                now=fields.Datetime.now(),
                scope=scope,
                awaited=SQL("NOT (%s)", among) if inverted else among,
            )
        )
        self.invalidate_model()

    @api.model
    def _check_reason(self, reason):
        """Refuse a reason of people's that would pass for one of the engine's: figures
        go by those.

        :raises ValidationError: naming the codes
        """
        labels = self.env["journey.delivery"]._reason_labels()
        codes = {*labels, *EXIT_REASONS} - {"by_hand"}
        if reason.strip() in codes:
            raise ValidationError(
                self.env._(
                    "reason: %(reason)s is a code that journeys set themselves; use "
                    "other words than %(codes)s.",
                    reason=repr(reason),
                    codes=", ".join(sorted(codes)),
                )
            )

    # --------------------------------------------------------------------- buttons
    def action_cancel(self):
        """Take the selected customers out of the journey."""
        self.check_access("write")
        running = self.filtered(lambda run: run.run_state == "running")
        running.sudo()._end(running.ids, "cancelled", "by_hand", fields.Datetime.now())
        return True

    def action_deliveries(self):
        """Show what was sent, what was not, and why."""
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Deliveries"),
            "res_model": "journey.delivery",
            "view_mode": "list,kanban,form",
            "domain": [("run_model", "=", self._name), ("run_id", "in", self.ids)],
        }

    @api.model
    def _went_out_count(self, ids):
        """Return how many messages of these runs went out."""
        deliveries = self.env["journey.delivery"].sudo()
        return deliveries.search_count(
            [
                ("run_model", "=", self._name),
                ("run_id", "in", ids),
                ("state", "in", WENT_OUT),
            ]
        )
