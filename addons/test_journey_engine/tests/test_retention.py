from datetime import timedelta

from odoo.tests import tagged

from odoo.addons.customer_preference.tests.common import NOON

from .common import JourneyCommon


@tagged("post_install", "-at_install")
class TestRetention(JourneyCommon):
    def _figures(self, journey):
        found = self.env["journey.delivery.summary"].search(
            [("definition_id", "=", journey.id)]
        )
        return {(s.step_code, s.state, s.reason): s.deliveries for s in found}

    def test_old_deliveries_become_figures_and_none_is_lost(self):
        journey = self._journey(self._step(code="one"))
        runs = self._enrol(journey, *[self._member() for _each in range(3)])
        silent = self._enrol(journey, self._member(agreed=False))
        self._process()
        runs.delivery_ids.trace_id.trace_status = "sent"
        self.deliveries._follow_traces()
        summary = self.env["journey.delivery.summary"]
        mine = runs.delivery_ids + silent.delivery_ids
        self.env.cr.execute(
            "DELETE FROM journey_delivery WHERE id <> ALL(%s)", [mine.ids]
        )
        # In two goes, as the autovacuum does with more than it takes at once.
        later = NOON + timedelta(days=1)
        self.assertEqual(summary._summarise(NOON, 10), 0)
        self.assertEqual(summary._summarise(later, 2), 2)
        self.assertEqual(summary._summarise(later, 9999), 2)
        self.assertFalse((runs + silent).delivery_ids)
        self.assertEqual(
            self._figures(journey),
            {("one", "sent", False): 3, ("one", "skipped", "no_consent"): 1},
        )

    def test_what_still_waits_is_kept(self):
        run = self._enrol(self._journey(), self._member())
        self._process()
        self.env["journey.delivery.summary"]._summarise(NOON + timedelta(days=1), 9999)
        self.assertEqual(self._states(run), [("queued", False)])
