from datetime import timedelta
from unittest import SkipTest

from odoo.tests import TransactionCase, tagged

from ..models.lifecycle_demo import CHAPTERS
from .every_check import EveryCheck


@tagged("post_install", "-at_install", "-standard", "full")
class TestLivedYear(EveryCheck, TransactionCase):
    """The story of this database, if there is one, counted again.

    ``tests/test_lived_year.py`` runs it on the year that ``./setup/run`` loads.
    """

    # They are written in the mixin, for a short replay as well.
    allow_inherited_tests_method = True

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        company = cls.env.ref("base.main_company")
        cls.env = cls.env(context={"allowed_company_ids": company.ids})
        demo = cls.env["lifecycle.demo"]
        if demo._chapters_told() < len(CHAPTERS):
            raise SkipTest("Nobody has lived in this database.")
        cls.first, today = demo._first_day(), demo._today()
        cls.last = today - timedelta(days=1)
        cls.lived_days = (today - cls.first).days
        # On every fourth day at least one answers, is asked back, begins.
        cls.least_answers = cls.least_attempts = cls.lived_days // 4
        cls.least_starters = cls.lived_days // 4
