from odoo import api, fields, models


class OnboardingServiceReport(models.AbstractModel):
    """What the external API tells of onboarding."""

    _name = "onboarding.service.report"
    _description = "Onboarding Service: reports"

    @api.readonly
    @api.model
    def get_progress(self, customer_id):
        """Return how far a customer is: in the journey under way, else the latest.

        :param int customer_id: id of a partner
        :return: False without a journey, else a dict with onboarding_id, journey
            (code), journey_name, journey_type, status, current_step_index (from 0),
            total_steps, completed_steps and skipped_steps (lists of codes),
            completion_rate (percent), started_at, completed_at, last_activity_at,
            expires_at, and ``steps``: list of dicts with id, name, type, status,
            is_optional, opened_at, completed_at, content_viewed, time_spent_seconds,
            and of milestones target and milestone_value (as it is now)
        :raises ValidationError: unknown customer
        :raises AccessError: neither marketer nor oneself
        """
        run = self._current(self._customer(customer_id))
        return run._progress(fields.Datetime.now()) if run else False

    @api.readonly
    @api.model
    def get_stats(self, journey_code=None):
        """Return what journeys of the user's companies brought about.

        :param str journey_code: of one journey; all of them by default
        :return: dict with started, completed, in_progress, skipped, expired,
            completion_rate (percent), median_days (from the start to completion),
            median_days_to_first_order, and ``steps``: as of
            ``onboarding.journey.get_statistics``, of one journey only
        :raises ValidationError: unknown code
        :raises AccessError: the user is no marketer
        """
        self.env["lifecycle.engine"]._check_marketer()
        if journey_code in (None, False):
            journeys = self.env["onboarding.journey"].with_context(active_test=False)
            found = journeys.search([("company_id", "in", self.env.companies.ids)])
            return {**found._figures(), "steps": []}
        return self._journey(journey_code).get_statistics()
