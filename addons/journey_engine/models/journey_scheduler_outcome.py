import logging
from datetime import timedelta

from odoo import api, models

from odoo.addons.customer_lifecycle.models.lifecycle_jobs import COLLISIONS
from odoo.addons.customer_preference.const import CHANNEL_KEYS

_logger = logging.getLogger(__name__)

INSTANT = ("push", "sms", "email")
RUN_COLUMNS = (
    "id",
    "step_id",
    "next_step_at",
    "step_due_at",
    "steps_completed",
    "attempts",
    "run_state",
    "exit_reason",
    "completed_at",
)


class JourneySchedulerOutcome(models.AbstractModel):
    """What becomes of due runs: who leaves, who may be written to, what is kept."""

    _name = "journey.scheduler.outcome"
    _description = "Journey Scheduler: outcomes"

    @api.model
    def _retried_errors(self):
        """Errors that the whole batch is to be tried again for."""
        return COLLISIONS

    # ----------------------------------------------------------------- exits, goals
    @api.model
    def _settle_ended(self, items, now):
        """End runs whose goal is reached or whose customer is to leave.

        Read from the orders themselves in the batch's own snapshot: who paid a second
        ago gets no reminder.
        """
        groups = {}
        for item in items:
            groups.setdefault(item.definition, []).append(item)
        for definition, mine in groups.items():
            try:
                with self.env.cr.savepoint():
                    self._settle_goals(definition, mine, now)
                    open_items = [item for item in mine if not item.is_settled]
                    self._settle_exits(definition, open_items)
            except self._retried_errors():
                raise
            except Exception as error:
                # A condition on a field that is no more stops no other journey.
                _logger.warning("Journey %s failed", definition.code, exc_info=True)
                self._fail([i for i in mine if not i.is_settled], error, now)

    def _settle_goals(self, definition, items, now):
        reached = definition._goals_reached([item.run_id for item in items], now)
        for item in items:
            if item.run_id in reached:
                item.end("done", "goal_reached")

    def _settle_exits(self, definition, items):
        gone = {partner.id for partner in self._archived(items)}
        exits = set()
        if definition.exit_condition and items:
            domain = self.env["journey.step.mixin"]._parse_domain(
                "exit_condition", definition.exit_condition, "customer.lifecycle"
            )
            exits = self._matching(domain, items)
        for item in items:
            if item.customer_id in gone:
                item.end("cancelled", "archived")
            elif item.customer_id in exits:
                item.end("cancelled", "exited")

    def _archived(self, items):
        customers = self.env["res.partner"].sudo().with_context(active_test=False)
        ids = list({item.customer_id for item in items})
        return customers.search([("id", "in", ids), ("active", "=", False)])

    # ---------------------------------------------------------------------- policy
    @api.model
    def _ask_policy(self, items, now):
        """Ask once for the whole batch who may be written to now."""
        self._choose_channels(items, now)
        asked = [item for item in items if item.channel in CHANNEL_KEYS]
        decisions = self.env["contact.policy"].decide(
            [self._request(item, item.channel) for item in asked], now
        )
        for item, decision in zip(asked, decisions, strict=True):
            if decision.decision == "skip":
                item.refuse(decision.reason)
            elif decision.decision == "hold":
                soon = now + timedelta(minutes=1)
                item.hold(decision.reason, max(decision.until or soon, soon))

    @api.model
    def _request(self, item, channel):
        definition = item.definition
        return (
            item.customer_id,
            item.addressee_id,
            channel,
            item.step.category or definition.category,
            definition._contact_topic().id or None,
            definition.priority,
            item.key,
            item.due_at,
        )

    @api.model
    def _choose_channels(self, items, now):
        """Settle what "preferred" is: the best channel that nothing forbids."""
        open_items = [item for item in items if item.channel == "preferred"]
        if not open_items:
            return
        requests = [
            self._agreed_request(item, channel)
            for item in open_items
            for channel in INSTANT
        ]
        refused = self.env["contact.policy"]._refusals(requests, now)
        for place, item in enumerate(open_items):
            first = place * len(INSTANT)
            forbidden = refused[first : first + len(INSTANT)]
            free = [
                channel
                for channel, no in zip(INSTANT, forbidden, strict=True)
                if not no and item.step._has_content(channel)
            ]
            item.channel = free[0] if free else "email"

    def _agreed_request(self, item, channel):
        """Ask as for marketing: "preferred" is what the customer agreed to, even
        where a service message would need no consent.
        """
        customer, addressee, _channel, category, *rest = self._request(item, channel)
        if channel != "email":
            category = "marketing"
        return (customer, addressee, channel, category, *rest)

    # ---------------------------------------------------------------------- record
    @api.model
    def _record(self, items, now):
        """Write the deliveries, what counts for caps, and where the runs stand."""
        self.env.flush_all()
        rows = [self._prepare_delivery(item, now) for item in items if item.state]
        if rows:
            self.env["journey.delivery"].sudo()._record(rows)
            self.env["journey.delivery"].sudo()._tell_of(items)
        self._log_contacts([i for i in items if i.state in ("queued", "sent")], now)
        self._advance(items, now)

    @api.model
    def _prepare_delivery(self, item, now):
        definition, step = item.definition, item.step
        return {
            "run_model": item.model,
            "run_id": item.run_id,
            "step_id": step.id,
            "step_code": step.code,
            "definition_model": definition._name,
            "definition_id": definition.id,
            "company_id": definition.company_id.id,
            "customer_id": item.customer_id,
            "addressee_id": item.addressee_id,
            "channel": item.channel or step.channel or None,
            "category": step.category or definition.category,
            "topic_id": definition._contact_topic().id or None,
            "state": item.state,
            "reason": item.reason,
            "times_held": int(item.state == "held"),
            "scheduled_at": item.due_at,
            "decided_at": now,
            "retry_at": item.until,
            "sent_at": now if item.state == "sent" else None,
            "mail_mail_id": item.mail_id,
            "sms_id": item.sms_id,
            "trace_id": item.trace_id,
            "card_id": item.card.id if item.card else None,
            "error": item.error,
        }

    @api.model
    def _log_contacts(self, items, now):
        """Count messages for the caps, and collide with who counts the same now."""
        told = [item for item in items if item.channel in CHANNEL_KEYS]
        if not told:
            return
        rows = self._prepare_contacts(told, now)
        keys = [f"customer:{row['customer_id']}" for row in rows]
        keys += [row["address_hash"] for row in rows if row["address_hash"]]
        self.env["journey.guard"].sudo()._touch(keys, now)
        self.env["contact.log"].sudo()._record(rows)

    @api.model
    def _prepare_contacts(self, items, now):
        people = self.env["res.partner"].sudo().browse(i.addressee_id for i in items)
        log = self.env["contact.log"]
        names = {"email": "email_normalized", "sms": "phone_sanitized"}
        rows = []
        for item, person in zip(items, people, strict=True):
            name = names.get(item.channel)
            address = person[name] if name else f"push:{person.id}"
            rows.append(
                {
                    "customer_id": item.customer_id,
                    "addressee_id": item.addressee_id,
                    "channel": item.channel,
                    "address_hash": log._hash(item.channel, address),
                    "category": item.step.category or item.definition.category,
                    "sent_at": now,
                    "message_key": item.key,
                }
            )
        return rows

    # --------------------------------------------------------------------- advance
    @api.model
    def _advance(self, items, now):
        """Write where the runs stand, one statement per model of runs."""
        groups = {}
        for item in items:
            groups.setdefault(item.model, []).append(item)
        steps = {v: v._steps() for v in {item.step.version_id for item in items}}
        for model, mine in groups.items():
            rows = [self._next_row(item, steps, now) for item in mine]
            self._write_runs(model, rows)
            self.env[model].sudo()._on_advanced(mine, now)
            over = [row[0] for row in rows if row[6] != "running"]
            if over:
                self.env[model].sudo()._free_slots(over)
                self.env[model].sudo()._on_ended(over, now)
            self._call_back(model, mine)
            self.env[model].invalidate_model()

    def _next_row(self, item, steps, now):
        """Return the values of ``RUN_COLUMNS`` after this batch."""
        done, attempts = item.steps_completed, item.attempts
        if item.ends:
            return (item.run_id, None, None, None, done, attempts, *item.ends, now)
        if item.until:
            row = (item.run_id, item.step.id, item.until, item.due_at, done)
            return (*row, attempts, "running", None, None)
        following = self._following(item, steps[item.step.version_id])
        if not following:
            row = (item.run_id, None, None, None, done + 1, 0)
            return (*row, "done", "completed", now)
        due = item.anchor_at + timedelta(hours=following.delay_hours)
        due = max(due, now)
        row = (item.run_id, following.id, due, due, done + 1)
        return (*row, 0, "running", None, None)

    def _following(self, item, steps):
        """Return the next step of the run's variant, or None after the last."""
        place = steps.ids.index(item.step.id)
        ahead = [
            s for s in steps[place + 1 :] if not s.split or s.split == item.variant
        ]
        return ahead[item.leaves_out] if item.leaves_out < len(ahead) else None

    def _write_runs(self, model, rows):
        self.env.cr.execute_values(
            f"""
            UPDATE {self.env[model]._table} r
               SET step_id = coalesce(v.step_id::int, r.step_id),
                   next_step_at = v.next_step_at::timestamp,
                   step_due_at = v.step_due_at::timestamp,
                   steps_completed = v.steps_completed, attempts = v.attempts,
                   run_state = v.run_state, exit_reason = v.exit_reason,
                   completed_at = coalesce(r.completed_at, v.completed_at::timestamp),
                   write_date = now() AT TIME ZONE 'UTC'
              FROM (VALUES %s) v ({", ".join(RUN_COLUMNS)}) WHERE r.id = v.id
            """,
            rows,
            page_size=len(rows),
        )

    def _call_back(self, model, items):
        """What ended runs still have in a queue is called back."""
        reasons = {}
        for item in items:
            if item.ends:
                reasons.setdefault(item.ends[1], []).append(item.run_id)
        for reason, ids in reasons.items():
            self.env["journey.delivery"].sudo()._call_back(model, ids, reason)

    # --------------------------------------------------------------------- deliver
    @api.model
    def _deliver(self, items, now):
        """Hand messages to their channels, a step and a channel at a time."""
        groups = {}
        for item in items:
            groups.setdefault((item.step, item.channel), []).append(item)
        for (step, _channel), mine in groups.items():
            self.env["journey.channel"]._deliver(step, mine, now)
