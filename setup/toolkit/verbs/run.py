"""The suite with its demo story: set up, filled, reported and served."""

import argparse
import os
import socket
import sys

from .. import addons, database, environment, paths, postgres, replay, steps, venv
from ..lock import exclusive

NAME = "lifecycle_demo"
SUITE = "customer_lifecycle_suite"
HISTORY = paths.TESTS / "data/cdnow_sample.txt"
API_KEY = paths.LOCAL / "demo-api-key"
# Days that are lived where no lived year is there to be loaded.
DAYS = 21


def main(args):
    options = _parse(args)
    if not options.once:
        _check_port(options.port)
    env = environment.prepare()
    with exclusive(f"database-{NAME}"):
        _ensure_database(env, options.reset)
        code = _load_story(env)
    if code:
        return code
    _report(options)
    if options.once:
        return 0
    return _serve(env, options)


def _parse(args):
    parser = argparse.ArgumentParser(
        prog="./setup/run",
        description=sys.modules[__name__].__doc__,
        allow_abbrev=False,
    )
    add = parser.add_argument
    add("--port", type=int, default=8069, help="where to serve (8069)")
    add("--workers", type=int, default=0, help="processes; 0 means threads")
    add("--once", action="store_true", help="stop after the report")
    add("--reset", action="store_true", help="start the demo over")
    return parser.parse_args(args)


def _check_port(port):
    """Say it now: minutes of set-up would come first otherwise."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            raise steps.StepError(
                f"Step 'serve' failed: port {port} cannot be used ({error.strerror})."
                " Choose another with --port."
            ) from error


def _ensure_database(env, reset):
    modules = addons.closure(SUITE)
    if not modules:
        raise steps.StepError(f"Step 'demo' failed: addons/{SUITE} is missing.")
    demo = database.Database(NAME, env)
    if reset:
        demo.drop()
    steps.ensure(
        f"database-{NAME}",
        f"Database {NAME}",
        steps.checksum(postgres.identity(), addons.fingerprint(modules)),
        lambda: _install(demo, modules),
        present=demo.exists,
    )


def _install(demo, modules):
    """Install, or update what an earlier run installed."""
    if demo.is_installed(SUITE):
        demo.update(modules)
        demo.install(modules)  # addons that joined the suite since
    else:
        demo.drop()  # half made by an interrupted run, if it is there at all
        if replay.is_there():
            replay.load(demo, modules)
        else:
            demo.install(modules)


def _load_story(env):
    """Load the demo if it is not there yet, and run the lifecycle job."""
    history = os.path.relpath(HISTORY, paths.ROOT)
    story = ["-m", "odoo", "lifecycle_demo", "-d", NAME, "--history", history]
    key = ["--api-key-file", API_KEY, "--days", DAYS]
    return steps.foreground([venv.PYTHON, *story, *key], env, cwd=paths.ROOT)


def _report(options):
    print()
    steps.print_timings()
    print(f"\nAddress: http://localhost:{options.port}   login: admin / admin")
    print(f"API key of admin, for JSON-2: in {os.path.relpath(API_KEY, paths.ROOT)}")
    sys.stdout.flush()


def _serve(env, options):
    if options.workers:
        print("With workers, live updates use port 8072: config/nginx.conf shows how.")
    print("Serving. Ctrl-C stops it.", flush=True)
    server = ["-m", "odoo", "-d", NAME, "--db-filter", f"^{NAME}$"]
    where = ["--http-port", options.port, "--workers", options.workers]
    return steps.foreground([venv.PYTHON, *server, *where], env, cwd=paths.ROOT)
