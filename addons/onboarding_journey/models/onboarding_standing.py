from datetime import timedelta

from odoo import api, models


class OnboardingStanding(models.AbstractModel):
    """How far a customer is, as plain values: for the API and for the portal."""

    _name = "onboarding.standing"
    _description = "Progress of Onboarding"

    def _expires_at(self):
        return self.anchor_at + timedelta(days=self.journey_id.max_duration_days)

    def _progress(self, now):
        """Return where the run stands, JSON-ready; see ``get_progress``."""
        self.ensure_one()
        run = self.sudo()
        as_json = self.env["lifecycle.engine"]._as_json
        return as_json(
            {
                "onboarding_id": run.id,
                "journey": run.journey_id.code,
                "journey_name": run.journey_id.name,
                "journey_type": run.journey_id.journey_type,
                "status": run.status,
                "current_step_index": run.current_step_index,
                "total_steps": len(run.completion_ids),
                "completed_steps": run.completed_steps,
                "skipped_steps": run.skipped_steps,
                "completion_rate": run.completion_rate,
                "started_at": run.started_at,
                "completed_at": run.status == "completed" and run.completed_at,
                "last_activity_at": run.last_activity_at,
                "expires_at": run._expires_at(),
                "steps": run._step_values(now),
            }
        )

    def _step_values(self, now):
        steps = self._steps_by_run()[self.id]
        measured = self._measured(steps, now)
        rows = self.completion_ids.sorted(lambda r: (r.sequence, r.id))
        return [
            self._one_step(row, steps[row.step_id], measured)
            for row in rows
            if row.step_id in steps
        ]

    def _one_step(self, row, step, measured):
        values = {
            "id": row.step_id,
            "name": step.name or step.code,
            "type": step.type,
            "status": row.status,
            "is_optional": step.is_optional,
            "opened_at": row.opened_at,
            "completed_at": row.completed_at,
            "content_viewed": row.content_viewed,
            "time_spent_seconds": row.time_spent_seconds,
        }
        if step.kind == "milestone":
            values["target"] = step.target
            # What was measured then, else what it is now.
            now_at = measured.get(step.milestone_type, 0)
            done = row.status == "completed"
            values["milestone_value"] = row.milestone_value if done else now_at
        return values

    @api.model
    def _measured(self, steps, now):
        """Return {metric: value of this customer now}."""
        metrics = self.env["onboarding.metric"].sudo()
        customer, company = self.customer_id.id, self.company_id
        names = {s.milestone_type for s in steps.values() if s.kind == "milestone"}
        return {
            name: metrics._values(name, [customer], company, now)[customer]
            for name in sorted(names)
        }
