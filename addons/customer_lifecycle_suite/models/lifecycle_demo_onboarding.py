from odoo import api, models

# Of a hundred who have a step in front of them, how many do it on a day.
PROFILE, TUTORIAL, SKIPPED = 14, 12, 3


class LifecycleDemoOnboarding(models.AbstractModel):
    """New customers walk the welcome journey; orders complete its milestones, and the
    rest is generated, always alike.
    """

    _inherit = "lifecycle.demo"

    @api.model
    def _tell_campaigns(self, open_history, bar):
        result = super()._tell_campaigns(open_history, bar)
        self._start_onboarding()
        return result

    @api.model
    def _start_onboarding(self):
        """Switch the shipped journeys on, for guests who order, too."""
        self.env.company.onboarding_on_first_order = True
        self.env["onboarding.journey"].search(
            [("company_id", "=", self.env.company.id)]
        ).action_start()

    @api.model
    def _react(self, day):
        result = super()._react(day)
        self._take_steps(day)
        return result

    @api.model
    def _take_steps(self, day):
        """Some complete their profile, watch the tutorial or leave it out."""
        dice = self._random("onboarding", day)
        rows = self.env["onboarding.step.completion"].search(
            [
                ("onboarding_id.status", "=", "in_progress"),
                ("onboarding_id.is_holdout", "!=", True),
                ("onboarding_id.company_id", "=", self.env.company.id),
                ("opened_at", "!=", False),
                ("status", "=", "pending"),
                ("step_id", "in", ("profile", "tutorial")),
            ],
            order="id",
        )
        for row in rows:
            thrown, seconds = dice.randrange(100), dice.randint(30, 240)
            run = row.onboarding_id
            if row.step_id == "profile" and thrown < PROFILE:
                run.customer_id.street = f"House {seconds}, Road {thrown + 1}"
            elif row.step_id == "tutorial" and thrown < TUTORIAL:
                run.complete_step(
                    "tutorial", {"time_spent_seconds": seconds, "content_viewed": 1}
                )
            elif row.step_id == "tutorial" and thrown < TUTORIAL + SKIPPED:
                run.skip_step("tutorial", "Demo: generated")
