"""Two hosts share the walking of journeys through the job queue: every step once.

As in production: each host runs Odoo with queue_job as a server-wide module, one of
their job runners leads, and its requests reach both hosts through a balancer.
"""

import itertools
import os
import threading
import time
import urllib.error
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from .conftest import OdooServer, free_port
from .test_faults import query, work

CUSTOMERS, STEPS, SHARDS = 3000, 2, 4
SERVER_WIDE = "--load=base,rpc,web,queue_job"
PATIENCE = 180
OPEN = "state NOT IN ('done', 'failed', 'cancelled')"


class Balancer(ThreadingHTTPServer):
    """Passes requests on to the hosts, in turns."""

    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", free_port()), Forwarder)
        self.hosts = []
        self.turns = itertools.count()

    def in_turn(self):
        """Return the hosts, another one first each time."""
        first = next(self.turns) % len(self.hosts)
        return self.hosts[first:] + self.hosts[:first]


class Forwarder(BaseHTTPRequestHandler):
    def do_GET(self):
        status = 502
        for host in self.server.in_turn():
            try:
                status = self._ask(host)
                break
            except (urllib.error.URLError, OSError):
                continue  # it is down: the next one
        try:
            self.send_response(status)
            self.end_headers()
        except OSError:
            pass  # the runner waits for a second only

    def _ask(self, host):
        request = urllib.request.Request(
            host.url + self.path,
            headers={"X-Odoo-Database": self.headers["X-Odoo-Database"]},
        )
        with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
            return answer.status

    def log_message(self, *args):
        """Say nothing."""


@pytest.fixture(scope="module")
def balancer():
    server = Balancer()
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="module")
def hosts(scratch_database, balancer):
    """Two hosts with a queue that waits for them."""
    database = scratch_database
    assert work(database, f"enrol(env, 'milk', {CUSTOMERS}, {SHARDS})") == CUSTOMERS
    balancer.hosts = [
        OdooServer(
            database,
            SERVER_WIDE,
            ODOO_QUEUE_JOB_CHANNELS=f"root:{SHARDS},root.journey:{SHARDS}",
            ODOO_QUEUE_JOB_HOST="127.0.0.1",
            ODOO_QUEUE_JOB_PORT=str(balancer.server_port),
        ).start()
        for _number in range(2)
    ]
    yield balancer.hosts
    for host in balancer.hosts:
        host.stop()


def wait_until_walked(database):
    """Return once no job is left to do and no step is due."""
    deadline = time.monotonic() + PATIENCE
    left = [(1, 1)]
    while left != [(0, 0)]:
        assert time.monotonic() < deadline, left
        time.sleep(0.5)
        left = query(
            database,
            f"""
            SELECT (SELECT count(*) FROM queue_job WHERE {OPEN}),
                   (SELECT count(*) FROM test_journey_run
                     WHERE run_state = 'running')""",
        )


@pytest.fixture(scope="module")
def walked(hosts, scratch_database):
    work(scratch_database, f"wake(env, {SHARDS})")
    wait_until_walked(scratch_database)
    return scratch_database


def count(database, statement):
    [[number]] = query(database, statement)
    return number


def assert_done_once(database, done):
    """So many steps, each with one delivery and one mail."""
    steps = "SELECT sum(steps_completed) FROM test_journey_run"
    assert count(database, steps) == done
    sent = "SELECT count(*) FROM journey_delivery WHERE state = 'queued'"
    assert count(database, sent) == done
    mails = """
        SELECT count(*), count(DISTINCT (m.res_id, d.step_id)) FROM mail_mail a
          JOIN mail_message m ON m.id = a.mail_message_id
          LEFT JOIN journey_delivery d ON d.mail_mail_id = a.id
         WHERE m.subject LIKE 'Milk for %'"""
    assert query(database, mails) == [(done, done)]


def test_every_step_is_done_exactly_once(walked):
    assert_done_once(walked, CUSTOMERS * STEPS)


def test_both_hosts_did_some(walked, hosts):
    pids = query(walked, "SELECT DISTINCT worker_pid FROM queue_job WHERE result <> ''")
    assert {pid for [pid] in pids} == {host.process.pid for host in hosts}
    assert os.getpid() not in {pid for [pid] in pids}


def test_the_jobs_were_short_and_none_failed(walked):
    rows = query(walked, "SELECT state, count(*) FROM queue_job GROUP BY state")
    [(state, number)] = rows
    assert state == "done"
    assert number >= SHARDS * (STEPS + 1), "a job for each batch, and a last look"


@pytest.mark.full
def test_a_host_that_dies_takes_nothing_with_it(walked, hosts):
    work(walked, f"enrol(env, 'cheese', {CUSTOMERS}, {SHARDS})")
    work(walked, f"wake(env, {SHARDS})")
    sent = "SELECT count(*) FROM journey_delivery"
    while count(walked, sent) == CUSTOMERS * STEPS:
        time.sleep(0.05)
    hosts[0].kill()
    left = "SELECT count(*) FROM test_journey_run WHERE run_state = 'running'"
    assert count(walked, left), "it died before everything was done"
    work(walked, f"wake(env, {SHARDS})")  # the next minute, on a cron node
    wait_until_walked(walked)
    assert_done_once(walked, 2 * CUSTOMERS * STEPS)
