import doctest
import io
from datetime import date, timedelta

from odoo.tests import TransactionCase, tagged

from odoo.addons.customer_lifecycle.tools.history_reader import (
    HistoryReader,
    guess_layout,
)

from ..models.lifecycle_demo import CHAPTERS, MARKER, TODAY
from ..tools import demo_names, demo_plan

HISTORY = b" 00004 0001 19970101  2   29.33\r\n 00021 0002 19980630  3   63.34\r\n"


@tagged("post_install", "-at_install")
class TestLifecycleDemo(TransactionCase):
    def setUp(self):
        super().setUp()
        self.demo = self.env["lifecycle.demo"]
        self.env["ir.config_parameter"].set_param(TODAY, "2024-03-10")

    def _purchases(self):
        data = self.demo._history_file(lambda: io.BytesIO(HISTORY))
        layout = guess_layout(lambda: io.BytesIO(data), {})
        return data, list(HistoryReader(io.BytesIO(data), layout))

    def test_examples_of_names_and_plan_hold(self):
        for module in (demo_names, demo_plan):
            self.assertEqual(doctest.testmod(module).failed, 0)

    def test_the_last_purchase_is_yesterday(self):
        _data, purchases = self._purchases()
        days = {p.moment.date() for p in purchases}
        self.assertEqual(max(days), date(2024, 3, 9))
        past = [p for p in purchases if p.customer.startswith("C")]
        gap = past[1].moment - past[0].moment
        self.assertEqual(gap, timedelta(days=545))

    def test_the_file_is_the_same_at_every_run(self):
        self.assertEqual(self._purchases()[0], self._purchases()[0])

    def test_nobody_can_be_written_to(self):
        _data, purchases = self._purchases()
        self.assertTrue(all(p.email.endswith("@example.com") for p in purchases))
        people = {(p.customer, p.email) for p in purchases}
        self.assertEqual(len({email for _customer, email in people}), len(people))

    def test_a_story_told_to_the_end_is_not_told_again(self):
        self.env["ir.config_parameter"].set_param(MARKER, CHAPTERS[-1])
        self.assertFalse(self.demo._load(None, None))

    def test_the_table_has_every_stage(self):
        rows = self.demo._stage_table()
        self.assertEqual(len(rows), 8)
        self.assertTrue(str(rows[0][0]))
