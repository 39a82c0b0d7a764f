from datetime import timedelta

from odoo import api, models
from odoo.tools import SQL


class OnboardingStepRunner(models.AbstractModel):
    """What the steps of an onboarding journey do with the runs that are due at them.

    Messages go out at their time. What the customer does is opened, and the walk goes
    on to the next message, unless the step says that later ones wait for it.
    """

    _name = "onboarding.step.runner"
    _description = "Step of an Onboarding Journey: what it does"
    _inherit = ["journey.step.runner"]

    def _run_message(self, items, now):
        items = self._in_time(items, now)
        if self.is_closing:
            return self._run_closing(items, now)
        states = self._states(items)
        fresh = []
        for item in items:
            if states.get(item.run_id) == "pending":
                fresh.append(item)
            else:
                # Somebody has ticked it already.
                item.skip("by_hand")
        return super()._run_message(fresh, now)

    def _run_content(self, items, now):
        self._run_customer_step(items, now)

    def _run_task(self, items, now):
        self._run_customer_step(items, now)

    def _run_milestone(self, items, now):
        """Completes at once where its target is met already."""
        items = self._in_time(items, now)
        self._open(items, now)
        runs = self.env[self.definition_id._run_model].sudo()
        runs._reach([item.run_id for item in items], now)
        self._wait(items)

    def _run_customer_step(self, items, now):
        items = self._in_time(items, now)
        self._open(items, now)
        self._wait(items)

    def _run_closing(self, items, now):
        """After the last step the run waits for what the customer still has to do; who
        has completed the journey gets its last message.
        """
        runs = self.env[self.definition_id._run_model].sudo()
        found = runs._closing_states([item.run_id for item in items])
        for item in items:
            status, owes = found[item.run_id]
            if status == "completed" and self.template_id and not item.is_holdout:
                item.channel, item.is_message = "email", True
            elif status == "in_progress" and owes:
                item.stay(self._deadline(item))

    # ------------------------------------------------------------------------ parts
    def _deadline(self, item):
        return item.anchor_at + timedelta(days=self.definition_id.max_duration_days)

    def _in_time(self, items, now):
        """End what took too long; return the others."""
        late = [item for item in items if self._deadline(item) <= now]
        runs = self.env[self.definition_id._run_model].sudo()
        over = runs._over([item.run_id for item in late])
        for item in late:
            if item.run_id not in over:
                item.end("cancelled", "expired")
        return [item for item in items if not item.ends]

    def _open(self, items, now):
        """The step's turn has come."""
        self.env.cr.execute(
            """
            UPDATE onboarding_step_completion SET opened_at = %s
             WHERE onboarding_id = ANY(%s) AND step_id = %s AND opened_at IS NULL
            """,
            [now, [item.run_id for item in items], self.code],
        )
        self.env["onboarding.step.completion"].invalidate_model()

    def _wait(self, items):
        """Hold up the runs whose customer has not done it, if later steps wait."""
        if not self.is_blocking:
            return
        states = self._states(items)
        for item in items:
            if states.get(item.run_id) == "pending":
                item.stay(self._deadline(item))

    @api.model
    def _states(self, items):
        """Return {run id: status of this step}."""
        self.env["onboarding.step.completion"].flush_model()
        return dict(
            self.env.execute_query(
                SQL(
                    """
                    SELECT onboarding_id, status FROM onboarding_step_completion
                     WHERE onboarding_id = ANY(%s) AND step_id = %s
                    """,
                    [item.run_id for item in items],
                    self.code,
                )
            )
        )
