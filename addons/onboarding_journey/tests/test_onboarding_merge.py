from odoo.tests import tagged

from .common import OnboardingCommon


@tagged("post_install", "-at_install")
class TestOnboardingMerge(OnboardingCommon):
    """Two customers of one journey turn out to be one."""

    def _merge(self, source, target, hours):
        wizard = self.env["base.partner.merge.automatic.wizard"].create({})
        with self._at(hours):
            wizard._merge([target.id, source.id], target)
            self._dispatch()
        self.env.invalidate_all()

    def test_who_walks_becomes_who_left_optional_steps_open(self):
        journey = self._journey(
            self._mail(), self._task(is_optional=True), reentry="after_exit"
        )
        target, source = self._member(), self._member()
        left = self._enrol(journey, target)
        self._process(0)
        self.assertEqual((left.run_state, left.status), ("done", "in_progress"))
        walking = self._enrol(journey, source, hours=1)
        self.assertEqual(walking.run_state, "running")
        self._merge(source, target, 2)
        self.assertRecordValues(
            left + walking,
            [
                {"customer_id": target.id, "status": "in_progress"},
                {"customer_id": target.id, "status": "skipped"},
            ],
        )
        self.assertEqual(walking.exit_reason, "merged")

    def test_of_two_who_become_one_one_counts_and_nobody_left(self):
        journey = self._journey(self._task("a"), self._task("b"))
        target, source = self._member(), self._member()
        kept, gone = self._enrol(journey, target), self._enrol(journey, source)
        self._process(0)
        self._merge(source, target, 2)
        self.assertEqual((kept.status, gone.exit_reason), ("in_progress", "merged"))
        found = journey.get_statistics()
        figures = [found[name] for name in ("started", "skipped", "in_progress")]
        self.assertEqual(figures, [1, 0, 1])
        self.assertEqual([s["dropped"] for s in found["steps"]], [0, 0])
        self.assertEqual((journey.total_started, journey.total_completed), (1, 0))
        self.assertNotIn("onboarding_skipped", self._types(target))

    def test_what_either_has_done_is_done(self):
        journey = self._journey(self._task("a"), self._task("b"), self._tutorial())
        target, source = self._member(), self._member()
        kept, gone = self._enrol(journey, target), self._enrol(journey, source)
        self._process(0)
        with self._at(1):
            gone.complete_step("a")
            gone.complete_step("learn", {"time_spent_seconds": 40})
            kept.complete_step("b")
        self._merge(source, target, 2)
        self.assertEqual((kept.status, kept.completion_rate), ("completed", 100))
        self.assertEqual(gone.status, "skipped")
        row = kept.completion_ids.filtered(lambda r: r.step_id == "learn")
        self.assertEqual(row.time_spent_seconds, 40)
        found = self._row(target, self.shop)
        self.assertEqual(found.onboarding_status, "completed")
