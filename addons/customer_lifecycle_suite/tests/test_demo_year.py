import io
from contextlib import nullcontext
from datetime import date, datetime, time, timedelta
from types import SimpleNamespace
from unittest.mock import patch

from odoo.tests import TransactionCase, freeze_time, tagged

from ..models import lifecycle_demo_feedback
from ..models.lifecycle_demo import DAYS, MARKER, TODAY
from ..models.lifecycle_demo_year import LIVED
from ..tools import demo_plan
from .every_check import EveryCheck

TODAY_OF_TEST = date(2040, 6, 18)
LIVED_DAYS = 21
# So many customers of each kind are generated, and they like to answer.
EACH = 6
TALKATIVE = {"ANSWERED": (60, 30), "PROMPTED": 300, "RATED": 400}
HISTORY = "\n".join(
    f" {number:05} {number:04} {day} 1 {10 + number % 30}.50"
    for number in range(1, 41)
    for day in (19970100 + number % 28 + 1, 19980500 + number % 28 + 1)[
        : 1 + number % 2
    ]
)


def few(plan):
    """The plan with less of each kind."""
    return {kind: (EACH, make) for kind, (_count, make) in plan.items()}


@tagged("post_install", "-at_install")
class TestDemoYear(EveryCheck, TransactionCase):
    """A month of a small shop, lived with all jobs, and counted again."""

    first = TODAY_OF_TEST - timedelta(days=LIVED_DAYS)
    last = TODAY_OF_TEST - timedelta(days=1)
    lived_days = LIVED_DAYS
    # They are written in the mixin, for a year as well.
    allow_inherited_tests_method = True
    # Control groups and answers are drawn by ids, which differ in every database.
    least_answers, least_attempts, least_starters = 1, 4, 2

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        company = cls.env.ref("base.main_company")
        cls.env = cls.env(context={"allowed_company_ids": company.ids})
        keys = (TODAY, DAYS, MARKER, LIVED)
        cls.env["ir.config_parameter"].search([("key", "in", keys)]).unlink()
        cls.env.flush_all()
        cls.registry_enter_test_mode_cls()
        with (
            patch.dict(demo_plan.KINDS, few(demo_plan.KINDS)),
            patch.multiple(lifecycle_demo_feedback, **TALKATIVE),
            cls.registry.cursor() as cursor,
        ):
            cls._tell(cls.env(cr=cursor))
        cls.env.invalidate_all()
        evening = datetime.combine(cls.last, time(14))
        cls.enterClassContext(freeze_time(evening))

    @classmethod
    def _tell(cls, env):
        env["lifecycle.demo"]._load(
            lambda: io.BytesIO(HISTORY.encode()),
            lambda title: nullcontext(SimpleNamespace(show=lambda *_args: None)),
            LIVED_DAYS,
            TODAY_OF_TEST,
        )
