from collections import defaultdict
from datetime import date, datetime, time, timedelta
from random import Random

from odoo import api, models
from odoo.tools import SQL

from ..tools.demo_plan import SEED

# The last day whose shopping is in the database; read and written behind the cache,
# which every parameter that the ORM writes would empty.
LIVED = "customer_lifecycle_suite.demo_lived"
# Hours in UTC; Dhaka is six ahead. Nobody sleeps.
MORNING, NOON, AFTERNOON, EVENING = time(4), time(6), time(9), time(13)
# Scheduled actions in the order of a day.
EVENTS = (
    "customer_lifecycle.ir_cron_lifecycle_event_dispatch",
    "customer_lifecycle.ir_cron_lifecycle_evaluate",
)
JOURNEYS = (
    "journey_engine.ir_cron_journey_process_due_0",
    "journey_engine.ir_cron_journey_process_due_1",
)
DAILY = (
    "loyalty_program.ir_cron_release_pending",
    "loyalty_program.ir_cron_expire_points",
    "loyalty_program.ir_cron_evaluate_tiers",
    "loyalty_program.ir_cron_occasions",
    "loyalty_program.ir_cron_return_codes",
    "loyalty_program.ir_cron_settle_referrals",
    "journey_engine.ir_cron_journey_enter_daily",
    "nps_feedback.ir_cron_nps_ask_periodic",
    "onboarding_journey.ir_cron_customer_onboarding_expire",
    "customer_lifecycle_subscription_oca.ir_cron_sale_subscription_trials",
    "engagement_campaign.ir_cron_invoice_record_overdue",
)
NIGHTLY = (
    "customer_lifecycle.ir_cron_lifecycle_statistics",
    "loyalty_program.ir_cron_audit",
)
WEEKLY = ("customer_lifecycle.ir_cron_lifecycle_full_evaluation",)


class LifecycleDemoYear(models.AbstractModel):
    """Day after day: customers shop, the scheduled actions of the suite run as they
    do in any database, messages arrive, and customers do what customers do.

    What is no purchase of the history is generated, always alike.
    """

    _inherit = "lifecycle.demo"

    @api.model
    def _tell_year(self, open_history, bar):
        """Live every day from the first one to yesterday. Commits."""
        bought = defaultdict(list)
        for key, day, amount, *_person in self._purchases(open_history):
            bought[day].append((key, float(amount)))
        first, end = self._first_day(), self._today()
        for number in range((end - first).days):
            day = first + timedelta(days=number)
            if day >= self._lived():
                self._live_a_day(day, bought[day.isoformat()])
                bar.show((number + 1) / (end - first).days, day.isoformat())

    @api.model
    def _live_a_day(self, day, purchases):
        """Live one day; stopped in the middle, what was done is not done again."""
        clock = self.env.context["demo_clock"]
        clock.move_to(datetime.combine(day, MORNING))
        if self._lived() < day:
            self._shop(day, purchases)
            self._mark_lived(day)
        clock.move_to(datetime.combine(day, NOON))
        self._work(EVENTS + DAILY + EVENTS[:1] + JOURNEYS)
        clock.move_to(datetime.combine(day, AFTERNOON))
        if not self._has_reacted(day):
            self._react(day)
            self._mark_lived(day, "reacted")
        clock.move_to(datetime.combine(day, EVENING))
        self._work(EVENTS + (WEEKLY if day.weekday() == 0 else ()) + NIGHTLY)
        self._let_messages_arrive()
        self.env.cr.commit()  # pylint: disable=invalid-commit

    @api.model
    def _shop(self, day, purchases):
        """What customers do in the morning; extended by each part of the story."""

    @api.model
    def _react(self, day):
        """What customers and colleagues do in the afternoon, when they were written to;
        extended by each part of the story.
        """
        self._let_messages_arrive()

    @api.model
    def _work(self, crons):
        """Run scheduled actions, as the scheduler would."""
        for xmlid in crons:
            cron = self.env.ref(xmlid, raise_if_not_found=False)
            if cron:
                # Nobody is written to about demo customers who need attention.
                action = cron.sudo().ir_actions_server_id
                action.with_context(mail_activity_quick_update=True).run()
                self.env.cr.commit()  # pylint: disable=invalid-commit

    @api.model
    def _random(self, topic, day):
        """Return dice that fall alike at every run."""
        return Random(f"{SEED} {topic} {day.isoformat()}")

    # ------------------------------------------------------------------------ marker
    @api.model
    def _lived(self):
        """Return the day that the story has come to."""
        text = (self._lived_text() or "").partition(" ")[0]
        return date.fromisoformat(text) if text else date.min

    @api.model
    def _has_reacted(self, day):
        return self._lived_text() == f"{day.isoformat()} reacted"

    @api.model
    def _lived_text(self):
        query = SQL("SELECT value FROM ir_config_parameter WHERE key = %s", LIVED)
        found = self.env.execute_query(query)
        return found[0][0] if found else None

    @api.model
    def _mark_lived(self, day, how="shopped"):
        self.env.flush_all()
        self.env.cr.execute(
            SQL(
                """
                INSERT INTO ir_config_parameter (key, value) VALUES (%s, %s)
                    ON CONFLICT (key) DO UPDATE SET value = excluded.value
                """,
                LIVED,
                f"{day.isoformat()} {how}",
            )
        )
        self.env.cr.commit()  # pylint: disable=invalid-commit
