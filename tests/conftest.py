"""Databases and servers for tests that look at Odoo from outside.

A test inside ``addons/`` rolls back; the ones here may commit, be killed or call
over the network, so each module that asks gets a copy of its own.
"""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
import uuid

import pytest

START_SECONDS = 120


class OdooServer:
    """An Odoo process that serves one database on a port of its own.

    ``kill`` and ``start`` may be called as often as a test likes.
    """

    def __init__(self, database, *options, **environ):
        self.database = database
        self.options = options
        self.environ = environ
        self.process = None
        self.port = None

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}"

    def start(self):
        self.port = free_port()
        self.process = subprocess.Popen(
            odoo_command(
                *("-d", self.database, "--db-filter", f"^{self.database}$"),
                *("--http-port", str(self.port), "--gevent-port", str(free_port())),
                *self.options,
            ),
            env=os.environ | self.environ,
        )
        self._wait()
        return self

    def stop(self):
        self._end(signal.SIGTERM)

    def kill(self):
        """End it as a power cut would."""
        self._end(signal.SIGKILL)

    def _end(self, how):
        if self.process and self.process.poll() is None:
            self.process.send_signal(how)
            self.process.wait(60)

    def _wait(self):
        deadline = time.monotonic() + START_SECONDS
        while not self._answers():
            if self.process.poll() is not None or time.monotonic() > deadline:
                self.kill()
                pytest.fail(f"Odoo did not come up on {self.url}")
            time.sleep(0.2)

    def _answers(self):
        try:
            with urllib.request.urlopen(f"{self.url}/web/health", timeout=5):
                return True
        except (urllib.error.URLError, OSError):
            return False


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def odoo_command(*args):
    """Odoo's command line, as a list to start a process with."""
    return [sys.executable, "-m", "odoo", *args]


@pytest.fixture(scope="module")
def scratch_database():
    """Name of a fresh copy of the suite's database, gone afterwards."""
    name = f"lifecycle_scratch_{uuid.uuid4().hex[:8]}"
    template = os.environ["LIFECYCLE_TEMPLATE"]
    subprocess.run(odoo_command("db", "duplicate", template, name), check=True)
    yield name
    subprocess.run(odoo_command("db", "drop", name), check=True)


@pytest.fixture(scope="module")
def odoo_server(scratch_database):
    """A server on the module's own copy, without scheduled jobs."""
    server = OdooServer(scratch_database).start()
    yield server
    server.stop()
