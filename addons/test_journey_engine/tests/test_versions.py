from datetime import timedelta

from psycopg2.errors import UniqueViolation

from odoo.exceptions import ValidationError
from odoo.tests import freeze_time, tagged
from odoo.tools import mute_logger

from odoo.addons.customer_preference.tests.common import NOON

from .common import JourneyCommon


@tagged("post_install", "-at_install")
class TestVersions(JourneyCommon):
    def _codes(self, run):
        return [code for code, *_rest in self._log(run)]

    def _journey_ab(self, **values):
        return self._journey(
            self._step(code="a"), self._step(48, code="b"), goal="none", **values
        )

    def test_who_is_under_way_finishes_on_the_version_entered(self):
        journey = self._journey_ab()
        old = self._enrol(journey, self._member())
        self._process()
        journey.step_ids[1].write({"code": "new", "delay_hours": 24})
        new = self._enrol(journey, self._member())
        for hour in (0, 24, 48):
            self._process(hour)
        self.assertEqual(self._codes(old), ["a", "b"])
        self.assertEqual(self._codes(new), ["a", "new"])
        self.assertEqual((new.version_id.number - old.version_id.number), 1)

    def test_a_version_is_made_only_when_steps_changed(self):
        journey = self._journey_ab()
        first = self._enrol(journey, self._member()).version_id
        journey.name = "Other"
        self.assertEqual(self._enrol(journey, self._member()).version_id, first)
        journey.step_ids[1].unlink()
        self.assertNotEqual(self._enrol(journey, self._member()).version_id, first)

    def test_runs_are_moved_by_hand(self):
        journey = self._journey_ab()
        run = self._enrol(journey, self._member())
        self._process()
        journey.step_ids[1].delay_hours = 24
        journey.action_move_runs()
        self.assertEqual(run.version_id, journey.version_id)
        self._process(24)
        self.assertEqual(self._codes(run), ["a", "b"])

    def test_what_is_switched_off_waits_and_does_not_burst(self):
        with freeze_time(NOON):
            journey = self._journey(
                self._step(), self._step(24), self._step(48), goal="none"
            )
        run = self._enrol(journey, self._member())
        self._process()
        with freeze_time(NOON + timedelta(hours=12)):
            journey.action_stop()
        self.assertEqual(self._process(60), 0)
        with freeze_time(NOON + timedelta(hours=112)):
            journey.action_start()
        self.assertEqual(self._process(112), 0)
        self.assertEqual(run.next_step_at, NOON + timedelta(hours=124))
        self._process(124)
        self.assertEqual(self._process(147), 0)
        self._process(148)
        self.assertEqual(self._states(run), [("queued", False)] * 3)

    def test_a_journey_without_content_is_not_started(self):
        for steps in ([], [self._step(template_id=False)]):
            journey = self.env["test.journey"].create(
                {
                    "name": "Empty",
                    "code": f"empty{len(steps)}",
                    "company_id": self.shop.id,
                }
            )
            journey.write({"step_ids": [(0, 0, step) for step in steps]})
            with self.assertRaises(ValidationError):
                journey.action_start()

    def test_codes_are_unique(self):
        journey = self._journey()
        with (
            mute_logger("odoo.sql_db"),
            self.assertRaises(UniqueViolation),
            self.env.cr.savepoint(),
        ):
            self._journey(code=journey.code)

    # ----------------------------------------------------------------------- merge
    def test_a_merged_customer_walks_on_once(self):
        journey, other = self._journey_ab(), self._journey_ab()
        source, target = self._member(), self._member()
        double = self._enrol(journey, source)
        kept = self._enrol(journey, target)
        moved = self._enrol(other, source)
        self._process()
        self._merge_partners(source, target)
        self.env.invalidate_all()
        self.assertRecordValues(
            double + kept + moved,
            [
                {"run_state": "cancelled", "exit_reason": "merged"},
                {"run_state": "running", "exit_reason": False},
                {"run_state": "running", "exit_reason": False},
            ],
        )
        self.assertEqual((double + moved).customer_id, target)
        self.assertEqual(len(self._log(double + kept + moved)), 3)

    def test_a_merged_customer_holds_a_group_once(self):
        first = self._journey_ab(exclusive_group="g")
        second = self._journey_ab(exclusive_group="g")
        source, target = self._member(), self._member()
        runs = self._enrol(first, source) + self._enrol(second, target)
        self._merge_partners(source, target)
        self.env.invalidate_all()
        self.assertEqual(runs.mapped("run_state"), ["cancelled", "running"])
        self.assertEqual(
            len(self.env["journey.slot"].search([("customer_id", "=", target.id)])), 1
        )
