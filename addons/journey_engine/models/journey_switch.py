from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError, ValidationError
from odoo.tools import SQL

from odoo.addons.customer_lifecycle.tools.bounds import named

# What the engine alone writes.
TECHNICAL = {"version_id", "is_stale", "paused_at", "campaign_id", "scheduled_until"}
# Nobody can send this object over the network: only the buttons have it.
SWITCHED = object()


class JourneySwitch(models.AbstractModel):
    """Switching journeys on and off, and moving who is under way to a new version."""

    _name = "journey.switch"
    _description = "Switch of a Journey"

    # ----------------------------------------------------------------------- write
    @api.model_create_multi
    def create(self, vals_list):
        """``is_active`` starts the journey, as the button does."""
        for vals in vals_list:
            self._check_technical({k for k, value in vals.items() if value})
        wanted = [vals.get("is_active") for vals in vals_list]
        rest = [
            {k: v for k, v in vals.items() if k != "is_active"} for vals in vals_list
        ]
        definitions = super().create(rest)
        for definition, starts in zip(definitions, wanted, strict=True):
            if starts:
                definition.action_start()
        return definitions

    def write(self, vals):
        """``is_active`` and ``active`` switch as the buttons do: nobody gets a burst
        of messages when a journey comes back.
        """
        if self.env.context.get("journey_switch") is SWITCHED:
            return super().write(vals)
        vals = dict(vals)
        self._check_technical(vals)
        switch = vals.pop("is_active", None)
        regrouped = self.filtered(
            lambda d: (
                d.exclusive_group != vals.get("exclusive_group", d.exclusive_group)
            )
        )
        if vals.get("active") is False or switch is False:
            self.action_stop()
        result = super().write(vals)
        if "company_id" in vals:
            # Nobody hands a journey over to a company that is not theirs.
            self.check_access("write")
        if vals.get("active") is False:
            self._end_everybody("journey_archived")
        if "topic_id" in vals:
            self._pass_topic_on()
        regrouped._regroup()
        if switch:
            self.action_start()
        return result

    def _regroup(self):
        """Who is under way keeps others out of the group's new name, not of the old;
        where the new one is taken, the customer goes on without a place in it.
        """
        runs = self.env[self._run_model].sudo()
        slots = self.env["journey.slot"].sudo()
        for definition in self:
            running = runs.search(
                [("definition_id", "=", definition.id), ("run_state", "=", "running")]
            )
            runs._free_slots(running.ids)
            if definition.exclusive_group:
                self.env.cr.execute(definition._slots_query(running.ids))
        slots.invalidate_model()

    def _slots_query(self, runs):
        model = self.env[self._run_model]
        return SQL(
            """
            INSERT INTO journey_slot (customer_id, company_id, exclusive_group,
                                      run_model, run_id, priority)
            SELECT customer_id, company_id, %s, %s, id, %s FROM %s
             WHERE id = ANY(%s) ORDER BY customer_id ON CONFLICT DO NOTHING
            """,
            self.exclusive_group,
            model._name,
            self.priority,
            SQL.identifier(model._table),
            list(runs),
        )

    def _end_everybody(self, reason):
        """End what customers walk: what is archived does not come back, and must not
        keep them from other journeys of its group.

        :param str reason: the code that the log shows
        """
        now = fields.Datetime.now()
        runs = self.env[self._run_model].sudo()
        running = runs._search(
            [("definition_id", "in", self.ids), ("run_state", "=", "running")]
        )
        runs._end(list(running.get_result_ids()), "cancelled", reason, now)

    def _check_technical(self, vals):
        """Raise AccessError for fields that the engine alone writes."""
        if not self.env.su and (names := sorted(TECHNICAL & set(vals))):
            raise AccessError(
                self.env._("%s: written by the journey itself.", ", ".join(names))
            )

    def _pass_topic_on(self):
        """Unsubscribing from what is under way stops the new topic, too."""
        steps = self.env[self._step_model].sudo()
        for definition in self:
            mine = steps.search([("definition_id", "=", definition.id)])
            topic = definition._contact_topic()
            mine.mailing_id.with_context(active_test=False).contact_topic_id = topic

    # ---------------------------------------------------------------------- switch
    def action_start(self):
        """Switch the journey on; who was under way goes on where the pause began.

        :raises ValidationError: it has no steps, or one has no content
        """
        self.check_access("write")
        now = fields.Datetime.now()
        for definition in self.filtered(lambda d: not d.is_active):
            definition._check_startable()
            definition._current_version()
            if definition.paused_at:
                definition._make_up_for(now - definition.paused_at)
            definition._switch(is_active=True, paused_at=False)
        return True

    def action_stop(self):
        """Switch the journey off: runs wait, and nobody enters."""
        self.check_access("write")
        self.filtered("is_active")._switch(
            is_active=False, paused_at=fields.Datetime.now()
        )
        return True

    def _switch(self, **values):
        return self.with_context(journey_switch=SWITCHED).write(values)

    def _check_startable(self):
        if not self.step_ids:
            self._refuse_empty()
        for step in self.step_ids:
            if step.kind == "message":
                step._check_template()
            self.env["journey.channel"]._check_content(step)

    @api.constrains("step_ids")
    def _check_not_emptied(self):
        for definition in self.filtered("is_active"):
            if not definition.step_ids:
                definition._refuse_empty()

    def _refuse_empty(self):
        raise ValidationError(
            self.env._(
                "%(name)s: %(journey)s has no steps; at least one is needed.",
                name=named(self, "step_ids"),
                journey=self.name,
            )
        )

    def _make_up_for(self, pause: timedelta):
        """Move everything that is to come by the length of a pause: no burst."""
        self.env.flush_all()
        self.env.cr.execute(
            SQL(
                """
                UPDATE %s SET anchor_at = anchor_at + %s,
                       next_step_at = next_step_at + %s, step_due_at = step_due_at + %s
                 WHERE definition_id = %s AND run_state = 'running'
                """,
                SQL.identifier(self.env[self._run_model]._table),
                pause,
                pause,
                pause,
                self.id,
            )
        )
        self.env[self._run_model].invalidate_model()

    # ------------------------------------------------------------------------ move
    def action_move_runs(self):
        """Move all who are under way to the newest version, each to its own step.

        Who stood at a step that is no more goes on with the first one not done yet
        that is due no earlier; who has none left has arrived. No step is done twice.
        """
        self.check_access("write")
        for definition in self:
            version = definition._current_version()
            self.env.flush_all()
            self.env.cr.execute(definition._move_runs_query(version))
            runs = self.env[self._run_model].sudo()
            runs.invalidate_model()
            left = runs.search(
                [
                    ("definition_id", "=", definition.id),
                    ("run_state", "=", "running"),
                    ("version_id", "!=", version.id),
                ]
            )
            runs._end(left.ids, "done", "completed", fields.Datetime.now())
        return True

    def _move_runs_query(self, version):
        return SQL(
            """
            UPDATE %(runs)s r
               SET version_id = %(version)s, step_id = t.id,
                   variant = coalesce(r.variant, t.variant),
                   -- What is held stays held; all else takes the new delay.
                   next_step_at = greatest(t.due_at, CASE
                       WHEN t.code = t.old_code AND r.next_step_at > r.step_due_at
                       THEN r.next_step_at END),
                   step_due_at = greatest(t.due_at, least(r.step_due_at, %(now)s))
              FROM (
                SELECT DISTINCT ON (l.id) l.id AS run_id, o.code AS old_code,
                       n.id, n.code, %(variant)s AS variant,
                       l.anchor_at + n.delay_hours * interval '1 hour' AS due_at
                  FROM %(runs)s l
                  JOIN %(steps)s o ON o.id = l.step_id
                  JOIN %(steps)s n ON n.version_id = %(version)s
                 WHERE l.definition_id = %(definition)s AND l.run_state = 'running'
                   AND l.version_id <> %(version)s
                   AND (n.code = o.code OR n.delay_hours >= o.delay_hours)
                   AND NOT EXISTS (
                       SELECT FROM journey_delivery d
                        WHERE d.run_model = %(model)s AND d.run_id = l.id
                          AND d.step_code = n.code AND d.state <> 'held')
                 ORDER BY l.id, n.code = o.code DESC, n.sequence, n.id) t
             WHERE t.run_id = r.id
            """,
            runs=SQL.identifier(self.env[self._run_model]._table),
            steps=SQL.identifier(self.env[self._step_model]._table),
            model=self._run_model,
            version=version.id,
            variant=self._variant_sql(version._steps()),
            definition=self.id,
            now=fields.Datetime.now(),
        )
