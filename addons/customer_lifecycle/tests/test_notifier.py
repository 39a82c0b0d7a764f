from unittest.mock import Mock, patch

from odoo.tests import TransactionCase, tagged

from ..tools import notifier


@tagged("post_install", "-at_install")
class TestNotifier(TransactionCase):
    def setUp(self):
        super().setUp()
        self.crons = Mock()
        self.crons.env.cr.dbname = "some shop"

    def _wait(self):
        notifier._executor.submit(int).result(10)  # it works in turn

    def test_a_burst_is_one_notification_and_the_next_burst_another(self):
        for calls in (1, 2):
            for _n in range(20):
                notifier.notify_soon(self.crons)
            self._wait()
            self.assertEqual(self.crons._notifydb.call_count, calls)

    def test_who_asks_while_workers_are_told_is_told_of_again(self):
        told = []

        def tell():
            told.append(1)
            if len(told) == 1:
                notifier.notify_soon(self.crons)

        self.crons._notifydb.side_effect = tell
        notifier.notify_soon(self.crons)
        self._wait()
        self._wait()
        self.assertEqual(len(told), 2)

    def test_a_database_that_cannot_be_reached_stops_nothing(self):
        self.crons._notifydb.side_effect = OSError("gone")
        with self.assertLogs(notifier.__name__, "WARNING"):
            notifier.notify_soon(self.crons)
            self._wait()
        self.crons._notifydb.side_effect = None
        notifier.notify_soon(self.crons)
        self._wait()
        self.assertEqual(self.crons._notifydb.call_count, 2)

    def test_a_server_that_shuts_down_refuses_in_silence(self):
        with patch.object(notifier._executor, "submit", side_effect=RuntimeError):
            notifier.notify_soon(self.crons)
        self.crons._notifydb.assert_not_called()
        self.assertFalse(notifier._asked)
