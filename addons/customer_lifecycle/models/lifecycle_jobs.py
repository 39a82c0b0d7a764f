import logging
from datetime import timedelta

from psycopg2.errors import DeadlockDetected, SerializationFailure

from odoo import api, fields, models
from odoo.tools import SQL

from .lifecycle_engine import BATCH, DUE

_logger = logging.getLogger(__name__)

COLLISIONS = (SerializationFailure, DeadlockDetected)
MAX_COLLISIONS = 20
# A day's work for a manager, not a flood: the rest follows at later runs.
MAX_ESCALATIONS = 50


class LifecycleJobs(models.AbstractModel):
    """Scheduled actions and back-fill. Only ``_cron_*`` methods commit."""

    _inherit = "lifecycle.engine"

    # ------------------------------------------------------------------- back-fill
    @api.model
    def backfill(self, now=None):
        """Build or repair rows, facts, timeline and stages from the order history.

        History is not news: no hook is called, no consumer is told, nothing is sent.
        Safe to repeat. Never commits.

        :param now: UTC datetime or ISO text; the current time by default. Orders
            dated later do not count yet.
        :return: dict of integers: created (rows), counted (rows), changed (stages)
        :raises AccessError: the user is no lifecycle manager
        """
        self._check_manager()
        moment = self._clock(now).now
        created = self._backfill_rows(moment)
        counted = 0
        for scope in self._id_ranges(moment):
            counted += self._backfill_facts(scope, moment)
        policies = self._policies()
        policies._refresh_median_gap(self._clock(moment).in_zone("UTC"))
        policies._measure_high_value()
        lifecycle = self.env["customer.lifecycle"].sudo()
        changed = sum(
            len(lifecycle._evaluate(scope, moment, history=True))
            for scope in self._id_ranges(moment)
        )
        return {"created": created, "counted": counted, "changed": changed}

    @api.model
    def _policies(self):
        companies = self.env["res.company"].sudo().search([("active", "=", True)])
        if not self.env.su or self.env.context.get("allowed_company_ids"):
            companies &= self.env.companies
        return self.env["lifecycle.policy"]._ensure(companies)

    @api.model
    def _backfill_rows(self, now):
        """Insert the rows of all customers who have none."""
        self._policies()
        lifecycle = self.env["customer.lifecycle"].sudo()
        members = SQL(
            "SELECT l.* FROM (%s) l WHERE %s",
            lifecycle._members_query(now),
            self._company_scope(),
        )
        return lifecycle._insert_rows(members, now, history=True)

    @api.model
    def _backfill_facts(self, scope, now):
        # The timeline first: it is a source of facts, too (periods of subscription).
        events = self.env["lifecycle.event"]
        events._record_history(scope, now)
        counted = self.env["customer.lifecycle"].sudo()._refresh_facts(scope, now, True)
        # Afterwards: who ordered before the contact existed signed up by that order.
        events._record_signups(scope, history=True)
        return counted

    @api.model
    def _backfill_silently(self):
        """Build everything as the system, for all companies (installation)."""
        return self.sudo().with_context(allowed_company_ids=None).backfill()

    @api.model
    def _replay_history(self, date_from, date_to, step_days=7, progress=None):
        """Write the history of stages as if the addon had always been installed.

        Walks from ``date_from`` to ``date_to`` and back-fills as of each day, so that
        stage history, trend and flow start with the past instead of empty.

        :param date date_from: first day
        :param date date_to: last day, always included
        :param int step_days: days between two looks
        :param progress: called with (days done, days in all)
        """
        days = [
            date_to - timedelta(days=back)
            for back in range(0, (date_to - date_from).days + 1, step_days)
        ][::-1]
        for done, day in enumerate(days, 1):
            moment = self._clock(day).now
            self.backfill(moment)
            self._update_daily_statistics(moment)
            if progress:
                progress(done, len(days))

    # ----------------------------------------------------------------------- crons
    @api.model
    def _wake_evaluation(self):
        """Evaluate the touched customers once this transaction is committed."""
        data = self.env.cr.precommit.data
        if "customer_lifecycle.evaluate" not in data:
            data["customer_lifecycle.evaluate"] = True
            self.env.cr.precommit.add(self._trigger_evaluation)

    @api.model
    def _trigger_evaluation(self):
        cron = self.env.ref(
            "customer_lifecycle.ir_cron_lifecycle_evaluate", raise_if_not_found=False
        )
        if cron:
            cron.sudo()._trigger()

    @api.model
    def _cron_evaluate(self, batch_size=BATCH):
        """Evaluate touched and due customers in committed, resumable batches."""
        now = fields.Datetime.now()
        commit = self.env["ir.cron"]._commit_progress
        self._insist(self._release_policies)
        commit(remaining=self._count_due(now))
        while done := self._insist(lambda: self._evaluate_due(now, batch_size)):
            if not commit(done):
                return
        self._insist(lambda: self._escalate_unhandled(now))
        commit()

    @api.model
    def _insist(self, work):
        """Do ``work``, again with a new snapshot while others write its rows.

        Only for jobs: what was not committed yet is rolled back between two attempts.

        :return: what ``work`` returned; None when it collided too often
        """
        for _attempt in range(MAX_COLLISIONS):
            try:
                result = work()
                self.env.flush_all()
                return result
            except COLLISIONS:
                self.env.cr.rollback()
        return None

    @api.model
    def _evaluate_due(self, now, batch_size):
        """Evaluate one batch of due customers; return how many rows it had."""
        ids = self._due_ids(now, batch_size)
        if not ids:
            return 0
        stale = self._stale_ids(SQL("l.id = ANY(%s)", ids), now)
        if stale:
            self._evaluate_scope(SQL("l.id = ANY(%s)", stale), now, "event")
        self._evaluate_scope(
            SQL("l.id = ANY(%s)", sorted(set(ids) - set(stale))), now, "scheduled"
        )
        return len(ids)

    @api.model
    def _due_query(self, columns, now):
        return SQL(
            """
            SELECT %s FROM customer_lifecycle l
              JOIN (%s) p ON p.company_id = l.company_id
              JOIN res_partner rp ON rp.id = l.customer_id AND rp.active
             WHERE %s
            """,
            columns,
            self.env["customer.lifecycle"]._policy_relation(now),
            DUE,
        )

    @api.model
    def _due_ids(self, now, limit):
        """Return ids of due rows that no other worker holds, and hold them."""
        self.env.flush_all()
        self.env.cr.execute(
            SQL(
                "%s ORDER BY l.id LIMIT %s FOR NO KEY UPDATE OF l SKIP LOCKED",
                self._due_query(SQL("l.id"), now),
                limit,
            )
        )
        return [row[0] for row in self.env.cr.fetchall()]

    @api.model
    def _count_due(self, now):
        self.env.flush_all()
        self.env.cr.execute(self._due_query(SQL("count(*)"), now))
        return self.env.cr.fetchone()[0]

    @api.model
    def _release_policies(self):
        """Make everybody due whose policy changed, and count their facts again."""
        changed = self.env["lifecycle.policy"].search(
            [("evaluation_pending", "=", True)]
        )
        if not changed:
            return
        recounted = changed.filtered("recount_pending").company_id.ids
        self.env.cr.execute(
            """
            UPDATE customer_lifecycle
               SET next_evaluation_date = NULL,
                   facts_on = CASE WHEN company_id = ANY(%s) THEN NULL
                                   ELSE facts_on END
             WHERE company_id = ANY(%s)
            """,
            [recounted, changed.company_id.ids],
        )
        changed.write({"evaluation_pending": False, "recount_pending": False})

    @api.model
    def _escalate_unhandled(self, now):
        """Escalate customers at risk whom nobody handled in the policy's time."""
        for policy in self._policies().filtered("escalation_days"):
            limit = now - timedelta(days=policy.escalation_days)
            rested = self._clock(now).today(policy.company_id) - timedelta(
                days=policy.escalation_days
            )
            self.env["customer.lifecycle"].search(
                [
                    ("company_id", "=", policy.company_id.id),
                    ("current_stage", "=", "at_risk"),
                    ("attention_since", "<=", limit),
                    ("escalated_at", "=", False),
                    "|",
                    ("handled_until", "=", False),
                    ("handled_until", "<=", rested),
                ],
                order="revenue_at_stake desc",
                limit=MAX_ESCALATIONS,
            )._escalate()

    @api.model
    def _cron_statistics(self):
        """Keep the daily figures: stages, cohorts, and the monthly median gap."""
        now = fields.Datetime.now()
        self._update_daily_statistics(now)
        today = self._clock(now).in_zone("UTC")
        policies = self._policies()
        policies._refresh_median_gap(today)._make_pending()
        policies._measure_high_value()
        self.env["ir.cron"]._commit_progress(1, remaining=0)

    @api.model
    def _update_daily_statistics(self, now):
        self.env["lifecycle.daily.stat"]._update(now)
        self.env["lifecycle.cohort.stat"]._update(now)

    @api.model
    def _cron_full_evaluation(self):
        """Weekly: find customers without a row, evaluate everybody, check the facts."""
        now = fields.Datetime.now()
        commit = self.env["ir.cron"]._commit_progress
        self._policies()
        lifecycle = self.env["customer.lifecycle"].sudo()
        lifecycle._insert_rows(lifecycle._members_query(now), now)
        commit(remaining=1)
        for _moved in self._evaluate_everybody(now, "scheduled"):
            commit()
        differences = self.check_integrity(repair=True)
        if differences:
            _logger.warning(
                "%s customers had facts unlike their orders", len(differences)
            )
        commit(1, remaining=0)
