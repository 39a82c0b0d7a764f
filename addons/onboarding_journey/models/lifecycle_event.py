from odoo import api, fields, models

from ..const import EVENTS

# They tell of no order: no facts are counted anew.
NO_FACTS = (*EVENTS, "account_opened", "app_login", "profile_changed")


class LifecycleEvent(models.Model):
    """Onboarding hears of sign-ups, orders, logins and profiles."""

    _inherit = "lifecycle.event"

    @api.model
    def _event_labels(self):
        return {
            **super()._event_labels(),
            "onboarding_started": self.env._("Onboarding started"),
            "onboarding_completed": self.env._("Onboarding completed"),
            "onboarding_skipped": self.env._("Onboarding left out"),
            "onboarding_expired": self.env._("Onboarding expired"),
            "account_opened": self.env._("Account opened"),
            "app_login": self.env._("Logged in"),
            "profile_changed": self.env._("Profile changed"),
        }

    @api.model
    def _event_consumers(self):
        return {**super()._event_consumers(), "onboarding": "_consume_onboarding"}

    def _is_fact(self):
        return self.event_type not in NO_FACTS and super()._is_fact()

    def _consume_onboarding(self):
        """Let customers begin, and look at the milestones of those under way."""
        news = self.filtered(lambda event: event.event_type not in EVENTS)
        now = fields.Datetime.now()
        self.env["onboarding.journey"].sudo()._on_events(news, now)
        runs = self.env["customer.onboarding"].sudo()
        for company, mine in news.grouped("company_id").items():
            # What is dated a moment ahead of this clock has happened, too.
            moment = max([now, *mine.mapped("occurred_at")])
            runs._on_customers(mine.customer_id.ids, company, moment)
