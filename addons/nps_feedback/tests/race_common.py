import threading
from contextlib import contextmanager
from unittest.mock import patch

from odoo import SUPERUSER_ID, api, sql_db
from odoo.modules.registry import Registry
from odoo.service.model import retrying
from odoo.tests import BaseCase, get_db_name
from odoo.tools import SQL

NAME = "Race Dairy"


class RaceCase(BaseCase):
    """Real connections that meet at one customer of a company of their own."""

    def setUp(self):
        super().setUp()
        with self._transaction() as env:
            # Companies stay for ever: the one of an earlier run serves again.
            companies = env["res.company"].with_context(active_test=False)
            company = companies.search([("name", "=", NAME)])
            company = company or companies.create({"name": NAME})
            company.active = True
            person = env["res.partner"].create(
                {"name": "Racer", "email": "racer@example.com"}
            )
            self.company, self.person = company.id, person.id
        self.addCleanup(self._clean)

    @contextmanager
    def _transaction(self):
        with Registry(get_db_name()).cursor() as cr:
            yield api.Environment(cr, SUPERUSER_ID, {})

    def _delete(self, env, table, column, number):
        """Delete rows that the ORM keeps for ever."""
        env.cr.execute(
            SQL(
                "DELETE FROM %s WHERE %s = %s",
                SQL.identifier(table),
                SQL.identifier(column),
                number,
            )
        )

    def _clean(self):
        with self._transaction() as env:
            for table in ("lifecycle_event", "customer_lifecycle"):
                self._delete(env, table, "company_id", self.company)
            env["res.partner"].browse(self.person).unlink()
            env["res.company"].browse(self.company).active = False

    def _race(self, size, call):
        """Let everybody do the same at once, each as a request would, and again where
        it collides; return what came of it.

        :param int size: how many
        :param call: function of an environment and a number from 0
        """
        outcomes, barrier = [], threading.Barrier(size)

        def run(number):
            try:
                with self._transaction() as env:
                    # Everybody's view of the world begins before anybody does it.
                    env.cr.execute("SELECT 1")
                    barrier.wait(60)
                    outcomes.append(retrying(lambda: call(env, number), env))
            except Exception as error:  # noqa: BLE001
                outcomes.append(repr(error))

        # More connections than a process usually has.
        pool = patch.object(sql_db._Pool, "_maxconn", size + 50)
        pool.start()
        self.addCleanup(pool.stop)
        threads = [threading.Thread(target=run, args=(n,)) for n in range(size)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(120)
        return outcomes
