import threading
from contextlib import contextmanager

from psycopg2.errors import SerializationFailure

from odoo import SUPERUSER_ID, api
from odoo.modules.registry import Registry
from odoo.tests import BaseCase, get_db_name, tagged
from odoo.tools import mute_logger

from .offer_common import NOON


@tagged("post_install", "-at_install")
class TestOfferRace(BaseCase):
    """Two real connections want the last code at once."""

    def setUp(self):
        super().setUp()
        with self._transaction() as env:
            # Whatever happens to the test, a company of the database stays as it is.
            partners = env["res.partner"].create([{"name": "A"}, {"name": "B"}])
            offer = env["journey.offer"].create(
                {"name": "Race", "value": 10, "budget_count": 1}
            )
            self.partners, self.offer = partners.ids, offer.id
        self.addCleanup(self._clean)

    @contextmanager
    def _transaction(self):
        with Registry(get_db_name()).cursor() as cr:
            yield api.Environment(cr, SUPERUSER_ID, {})

    def _clean(self):
        with self._transaction() as env:
            offer = env["journey.offer"].browse(self.offer)
            offer.program_id.coupon_ids.unlink()
            offer.unlink()
            env["res.partner"].browse(self.partners).unlink()

    def _issued(self):
        with self._transaction() as env:
            return env["journey.offer"].browse(self.offer).issued_count

    @mute_logger("odoo.sql_db")
    def test_the_second_one_fails_and_then_sees_the_first(self):
        first, second = self.partners
        done = threading.Event()
        outcome = []

        def issue_second():
            with self._transaction() as env:
                offer = env["journey.offer"].browse(self.offer)
                offer.read(["name"])  # its view of the world begins here
                started.set()
                try:
                    outcome.append(offer._issue([second], NOON))
                except SerializationFailure as error:
                    outcome.append(error)
                    env.cr.rollback()
                done.set()

        started = threading.Event()
        with self._transaction() as env:
            cards, _ = env["journey.offer"].browse(self.offer)._issue([first], NOON)
            self.assertEqual(set(cards), {first})
            thread = threading.Thread(target=issue_second)
            thread.start()
            self.assertTrue(started.wait(30))
            self.assertFalse(done.wait(0.5), "the second one waits for the first")
        thread.join(30)
        self.assertIsInstance(outcome[0], SerializationFailure)
        self.assertEqual(self._issued(), 1)
        with self._transaction() as env:
            again = env["journey.offer"].browse(self.offer)._issue([second], NOON)
            self.assertEqual(again, ({}, {second: "offer_budget"}))
