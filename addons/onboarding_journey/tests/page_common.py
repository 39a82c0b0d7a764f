from odoo import fields
from odoo.tests import HttpCase
from odoo.tools import SQL

from .common import OnboardingCommon


class OnboardingPortalCase(OnboardingCommon, HttpCase):
    """A customer under way, in front of a browser; on today's clock."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.content.write({"title": "How it works", "estimated_seconds": 30})
        cls.journey = cls._journey(
            cls._mail(),
            cls._milestone("profile", "profile_complete >= 1", name="Your details"),
            cls._tutorial(name="How it works", is_optional=True),
            cls._task(name="Tell us your day", body="When may we come?"),
            cls._milestone("first", name="Your first order"),
            cls._milestone("second", "order_count >= 2", name="Your second order"),
            name="Welcome to the dairy",
        )
        cls.user = cls._portal_user("ob_mina", name="Mina", email="mina@example.com")
        cls.other = cls._portal_user("ob_omar", name="Omar", email="omar@example.com")
        cls.fresh = cls._portal_user("ob_sara", name="Sara", email="sara@example.com")
        cls.walk = cls._today(cls.user)
        cls.foreign = cls._today(cls.other)
        cls.env.flush_all()

    @classmethod
    def _today(cls, user):
        return cls._today_of(user.partner_id)

    @classmethod
    def _today_of(cls, person):
        now = fields.Datetime.now()
        cls.env.flush_all()
        scope = SQL("l.customer_id = %s", person.id)
        run = cls.runs.browse(cls.journey._enrol(scope, now))
        cls.scheduler.process_due(now)
        return run

    def _of(self, code, run=None):
        rows = (run or self.walk).completion_ids
        return rows.filtered(lambda row: row.step_id == code)
