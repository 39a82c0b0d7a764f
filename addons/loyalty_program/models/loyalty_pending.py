from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from ..const import DIGITS
from ..tools.movement import whole_points

AT_ONCE = 500
# Neither credited nor turned down.
STILL = ("waiting", "held", "cancelled")


class LoyaltyPending(models.Model):
    """Points that were earned and cannot be spent yet: no part of any balance."""

    _name = "loyalty.pending"
    _description = "Pending Points"
    _order = "available_at, id"
    _rec_name = "source_description"

    loyalty_id = fields.Many2one(
        "customer.loyalty", "Account", required=True, ondelete="restrict", readonly=True
    )
    company_id = fields.Many2one(related="loyalty_id.company_id", store=True)
    program_id = fields.Many2one(related="loyalty_id.program_id", store=True)
    customer_id = fields.Many2one(related="loyalty_id.customer_id")
    earned_at = fields.Datetime("Earned", required=True, readonly=True)
    points = fields.Float(digits=DIGITS, required=True, readonly=True)
    gross = fields.Float(
        digits=DIGITS,
        required=True,
        readonly=True,
        help="Before a part of the order was taken back.",
    )
    available_at = fields.Datetime("Spendable from", required=True, readonly=True)
    source_type = fields.Char(required=True, readonly=True)
    source_id = fields.Many2oneReference(model_field="source_type", readonly=True)
    source_description = fields.Char("Description", readonly=True)
    idempotency_key = fields.Char(required=True, readonly=True)
    state = fields.Selection(
        [
            ("waiting", "Waiting"),
            ("held", "Held for review"),
            ("done", "Credited"),
            ("cancelled", "Cancelled"),
            ("rejected", "Rejected"),
        ],
        string="Status",
        required=True,
        default="waiting",
        readonly=True,
    )
    reason = fields.Char("Why held", readonly=True)
    decided_by_id = fields.Many2one(
        "res.users", "Decided by", readonly=True, ondelete="set null"
    )
    decided_at = fields.Datetime("Decided", readonly=True)
    decision = fields.Char("Why so", readonly=True)

    _key_uniq = models.UniqueIndex("(loyalty_id, idempotency_key)")
    _held_idx = models.Index("(program_id) WHERE state = 'held'")
    _due_idx = models.Index("(available_at) WHERE state = 'waiting'")
    _account_idx = models.Index("(loyalty_id, state)")
    _source_idx = models.Index("(source_type, source_id)")

    @api.model
    def _note(self, standing, movement, available_at, state, reason, now):
        """Note points, once per key.

        :param Standing standing: of the account, locked
        :param Movement movement: with a key
        :param datetime available_at: naive UTC
        :param str state: waiting or held
        :param str reason: why they are held
        :param datetime now: naive UTC
        """
        self.env.cr.execute(
            SQL(
                """
                INSERT INTO loyalty_pending (loyalty_id, company_id, program_id,
                    points, gross, available_at, source_type, source_id,
                    source_description, idempotency_key, state, reason, earned_at,
                    create_uid, create_date)
                VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s,
                        now() AT TIME ZONE 'UTC')
                    ON CONFLICT DO NOTHING
                """,
                standing.id,
                standing.company_id,
                standing.program_id,
                movement.points,
                movement.points,
                available_at,
                movement.source_type,
                movement.source_id,
                movement.description,
                movement.key,
                state,
                reason,
                now,
                self.env.uid,
            )
        )
        self._touch(standing)
        self.invalidate_model()

    @api.model
    def _touch(self, standing):
        """Write the account: who waits for it must not count without the new row, and
        starts again.
        """
        self.env.cr.execute(
            "UPDATE customer_loyalty SET write_date = now() AT TIME ZONE 'UTC'"
            " WHERE id = %s",
            [standing.id],
        )

    @api.model
    def _cancel_of(self, source_type, source_id):
        """Take back what pends for a record."""
        found = self.search(
            [
                ("source_type", "=", source_type),
                ("source_id", "=", source_id),
                ("state", "in", ("waiting", "held")),
            ]
        )
        found._cancel_share(1)

    def _cancel_share(self, share):
        """Take back a part of what still pends; what was taken back before pends again
        where the part is smaller now.

        :param float share: how much of the gross was taken back so far, 0 to 1
        """
        for pending in self:
            pending._keep(whole_points(pending.gross * (1 - share)))

    def _keep(self, points):
        """Let that many points pend, if they are neither credited nor turned down.

        :param float points: what stands of the gross
        """
        for pending in self.filtered(lambda p: p.state in STILL):
            if points != pending.points:
                pending.points = points
            state = pending._state_of(points)
            if state != pending.state:
                pending.state = state

    def _look_anew(self, standing, points):
        """Hold what is to be more again, where it exceeds a limit by now. What was
        approved is not looked at another time.

        :param Standing standing: of the account, locked
        :param float points: what is to stand of the gross
        """
        now, ledger = fields.Datetime.now(), self.env["loyalty.ledger"].sudo()
        for pending in self.filtered(lambda p: p.state in STILL and not p.reason):
            if points > pending.points:
                reason = ledger._growth_reasons(standing, pending, points, now)
                if reason:
                    pending.reason = reason

    def _state_of(self, points):
        """Return the state of a row that was not credited, with these points."""
        if not points:
            return "cancelled"
        return "held" if self.reason and not self.decided_at else "waiting"

    # ----------------------------------------------------------------------- review
    def action_review(self):
        """Open the decision on what is held."""
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Review Held Points"),
            "res_model": "loyalty.review",
            "view_mode": "form",
            "target": "new",
            "context": {"default_pending_ids": self.ids},
        }

    def _decide(self, approves, decision):
        """Credit what is held, or turn it down, and keep why.

        :param bool approves: credit it; it goes on waiting where its time has not come
        :param str decision: why so
        :raises UserError: somebody else was quicker
        """
        now = fields.Datetime.now()
        held = self._locked_held()
        if held != self.sudo():
            raise UserError(
                self.env._("Some of these points are not held any more; look again.")
            )
        held.write(
            {
                "decided_by_id": self.env.uid,
                "decided_at": now,
                "decision": decision,
                "state": "waiting" if approves else "rejected",
            }
        )
        if approves:
            held.filtered(lambda pending: pending.available_at <= now)._credit(now)

    def _locked_held(self):
        """Lock those that are held; a rival makes this transaction start again."""
        self.flush_model()
        rows = self.env.execute_query(
            SQL(
                "SELECT id FROM loyalty_pending WHERE id = ANY(%s) AND state = 'held'"
                " ORDER BY id FOR UPDATE",
                self.ids,
            )
        )
        held = {row[0] for row in rows}
        return self.sudo().filtered(lambda pending: pending.id in held)

    def write(self, vals):
        """Invitations follow what becomes of their points."""
        result = super().write(vals)
        if "state" in vals:
            own = self.filtered(lambda p: p.source_type == "loyalty.referral")
            self.env["loyalty.referral"].sudo().browse(
                own.mapped("source_id")
            )._reviewed()
        return result

    # ---------------------------------------------------------------------- release
    @api.model
    def _cron_release(self):
        """Credit what has waited long enough, a batch at a time."""
        engine = self.env["lifecycle.engine"]
        commit = self.env["ir.cron"]._commit_progress
        while done := engine._insist(
            lambda: self._release_due(fields.Datetime.now(), AT_ONCE)
        ):
            if not commit(done):
                return

    @api.model
    def _release_due(self, now, limit):
        """Credit pending points whose time has come; return how many rows.

        :param datetime now: naive UTC
        """
        self.env.flush_all()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT id FROM loyalty_pending
                 WHERE state = 'waiting' AND available_at <= %s
                 ORDER BY available_at, id LIMIT %s FOR UPDATE SKIP LOCKED
                """,
                now,
                limit,
            )
        )
        due = self.sudo().browse([row[0] for row in rows])
        due._credit(now)
        return len(due)

    def _credit(self, now):
        """Turn pending points into points, those of a program in one statement."""
        ledger = self.env["loyalty.ledger"].sudo()
        for program, mine in self.grouped(lambda p: p.loyalty_id.program_id).items():
            ledger._earn_batch(mine._wanted(program, now), now)
            ledger._unforgive_batch(mine.ids, now)
        self.state = "done"

    def _wanted(self, program, now):
        """Rows for the ledger; time runs from now on."""
        return SQL(
            """
            SELECT loyalty_id, points, source_type, source_id,
                   source_description AS description, idempotency_key AS key,
                   %(now)s::timestamp AS issued_at,
                   %(expires)s::timestamp AS expires_at
              FROM loyalty_pending WHERE id = ANY(%(ids)s)
            """,
            now=now,
            expires=program._expiry(now),
            ids=self.ids,
        )
