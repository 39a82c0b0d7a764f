from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import SQL

from ..const import DIGITS

# Customers in one transaction.
AT_ONCE = 2000


class LoyaltyBackfill(models.Model):
    """Past orders earn their points, as if the program had been there: with the tier
    of that day, and with points that expired since.

    Works through the customers a batch at a time; each batch is kept, and a run that
    was interrupted goes on where it was. Nobody is told: it is no news.
    """

    _name = "loyalty.backfill"
    _description = "Points for past Orders"
    _inherit = ["loyalty.backfill.credit"]
    _order = "id desc"
    _rec_name = "program_id"

    program_id = fields.Many2one(
        "loyalty.program",
        required=True,
        ondelete="cascade",
        domain=[("accounts_since", "!=", False)],
        default=lambda self: self._default_program(),
        index=True,
    )
    company_id = fields.Many2one(related="program_id.company_id", store=True)
    since = fields.Date("Orders from", help="Empty: from the first one.")
    opens_accounts = fields.Boolean(
        "Open accounts",
        default=True,
        help="Customers without an account get one; else only members are credited.",
    )
    state = fields.Selection(
        [
            ("draft", "To start"),
            ("running", "Running"),
            ("done", "Done"),
            ("cancelled", "Stopped"),
        ],
        string="Status",
        required=True,
        default="draft",
        readonly=True,
        copy=False,
    )
    order_total = fields.Integer("Orders", compute="_compute_totals", store=True)
    customer_total = fields.Integer("Customers", compute="_compute_totals", store=True)
    customer_count = fields.Integer("Customers done", readonly=True, copy=False)
    order_count = fields.Integer("Orders credited", readonly=True, copy=False)
    points = fields.Float("Points earned", digits=DIGITS, readonly=True, copy=False)
    points_expired = fields.Float(
        "Of them expired since", digits=DIGITS, readonly=True, copy=False
    )
    last_customer_id = fields.Integer(readonly=True, copy=False)
    progress = fields.Float(compute="_compute_progress")
    started_at = fields.Datetime("Started", readonly=True, copy=False)
    finished_at = fields.Datetime("Finished", readonly=True, copy=False)
    user_id = fields.Many2one("res.users", "Started by", readonly=True, copy=False)

    _running_uniq = models.UniqueIndex(
        "(program_id) WHERE state = 'running'",
        "The program's past orders are being credited already.",
    )

    @api.model
    def _default_program(self):
        programs = self.env["loyalty.program"]
        domain = [("is_active", "=", True)]
        domain += programs._of_companies(self.env.company)
        return programs.search(domain, order="sequence, id", limit=1)

    @api.depends("program_id", "since", "opens_accounts")
    def _compute_totals(self):
        """Count what is there to do, before anybody starts it."""
        for backfill in self:
            backfill.order_total = backfill.customer_total = 0
            if backfill.program_id.accounts_since:
                self.env.flush_all()
                rows = self.env.execute_query(
                    SQL(
                        "SELECT count(*), count(DISTINCT o.partner_id) %s",
                        backfill._scope_sql(),
                    )
                )
                backfill.order_total, backfill.customer_total = rows[0]

    @api.depends("customer_count", "customer_total", "state")
    def _compute_progress(self):
        for backfill in self:
            total = max(backfill.customer_total, backfill.customer_count)
            done = 100 * backfill.customer_count / total if total else 0
            backfill.progress = 100 if backfill.state == "done" else done

    @api.constrains("program_id")
    def _check_program(self):
        for backfill in self:
            if not backfill.program_id.accounts_since:
                raise ValidationError(
                    self.env._(
                        "program_id: %s keeps no accounts.", backfill.program_id.name
                    )
                )

    @api.ondelete(at_uninstall=False)
    def _unlink_if_idle(self):
        if any(backfill.state != "draft" for backfill in self):
            raise ValidationError(
                self.env._("What was credited stays written down: it is not deleted.")
            )

    # ----------------------------------------------------------------------- actions
    def action_start(self):
        """Begin in the background.

        :raises ValidationError: another one is running, or nothing is to be done
        """
        self._check_manager()
        for backfill in self:
            if backfill.state not in ("draft", "cancelled"):
                raise ValidationError(self.env._("state: has been started already."))
            backfill._compute_totals()
            if not backfill.order_total:
                raise ValidationError(
                    self.env._("since: there are no orders to be credited.")
                )
        now = fields.Datetime.now()
        self.sudo().write(
            {"state": "running", "started_at": now, "user_id": self.env.uid}
        )
        self.env.ref("loyalty_program.ir_cron_backfill").sudo()._trigger()
        return True

    def action_stop(self):
        """Stop after the batch at hand; what is credited stays."""
        self._check_manager()
        self.sudo().filtered(lambda b: b.state == "running").state = "cancelled"
        return True

    def _check_manager(self):
        self.env["lifecycle.engine"]._check_manager()
        self.check_access("write")

    # -------------------------------------------------------------------------- work
    @api.model
    def _cron_run(self):
        """Credit batch after batch of whatever is running, one run after the other."""
        insist = self.env["lifecycle.engine"]._insist
        commit = self.env["ir.cron"]._commit_progress
        while (done := insist(self._turn)) is not None:
            if not commit(done):
                return

    @api.model
    def _turn(self):
        """Credit a batch; return how many customers, None when nothing runs."""
        run = self._next()
        return run._work(fields.Datetime.now()) if run else None

    @api.model
    def _next(self):
        """Return the run whose turn it is; others pass it over meanwhile."""
        self.env.flush_all()
        rows = self.env.execute_query(
            SQL(
                "SELECT id FROM loyalty_backfill WHERE state = 'running'"
                " ORDER BY id LIMIT 1 FOR UPDATE SKIP LOCKED"
            )
        )
        found = self.sudo().browse([number for (number,) in rows])
        found.invalidate_recordset()
        return found

    def _run(self, now):
        """Credit everything at once; return the number of orders.

        :param datetime now: naive UTC
        """
        while self._work(now):
            pass
        return self.order_count

    def _work(self, now, limit=AT_ONCE):
        """Credit the orders of the next customers; return how many customers.

        :param datetime now: naive UTC
        :param int limit: customers
        """
        if not self:
            return 0
        customers = self._next_customers(limit)
        if not customers:
            self._finish(now)
            return 0
        booked = self._credit(customers, now)
        self.write(
            {
                "last_customer_id": customers[-1],
                "customer_count": self.customer_count + len(customers),
                "order_count": self.order_count + booked[0],
                "points": self.points + booked[1],
                "points_expired": self.points_expired + booked[2],
            }
        )
        return len(customers)

    def _next_customers(self, limit):
        self.env.flush_all()
        rows = self.env.execute_query(
            SQL(
                "SELECT DISTINCT o.partner_id %s AND o.partner_id > %s"
                " ORDER BY 1 LIMIT %s",
                self._scope_sql(),
                self.last_customer_id or 0,
                limit,
            )
        )
        return [number for (number,) in rows]

    def _finish(self, now):
        """The lifecycle of everybody may know other points now."""
        self.write({"state": "done", "finished_at": now})
        domain = [("company_id", "=?", self.company_id.id)]
        self.env["lifecycle.policy"].sudo().search(domain)._make_pending(recount=True)
