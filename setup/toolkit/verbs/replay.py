"""Live a year of the demo shop day by day, and write it down for ./setup/run."""

import argparse
import os
import sys
from datetime import date

from .. import addons, database, environment, paths, replay, steps, venv
from ..lock import exclusive

NAME = "lifecycle_replay"
SUITE = "customer_lifecycle_suite"
HISTORY = paths.TESTS / "data/cdnow_sample.txt"
# Images and the like go into the dump with everything else.
IN_DATABASE = (
    "env['ir.config_parameter'].set_param('ir_attachment.location', 'db');"
    " env['ir.attachment'].force_storage();"
    " env['ir.config_parameter'].set_param('ir_attachment.location', False);"
    " env.cr.commit()"
)


def main(args):
    options = _parse(args)
    env = environment.prepare()
    with exclusive(f"database-{options.database}"):
        modules = addons.closure(SUITE)
        shop = database.Database(options.database, env)
        if not options.resume:
            with steps.timed("Empty shop"):
                shop.drop()
                shop.install(modules)
                shop.relax()
        code = _live(env, options)
        if code:
            return code
        with steps.timed("Dump"):
            _keep_files(shop)
            replay.write(shop, modules, options.today)
    print(f"{os.path.relpath(replay.DUMP, paths.ROOT)}: {replay.DUMP.stat().st_size:,}")
    steps.print_timings()
    return 0


def _parse(args):
    parser = argparse.ArgumentParser(
        prog="./setup/replay",
        description=sys.modules[__name__].__doc__,
        allow_abbrev=False,
    )
    add = parser.add_argument
    add("--days", type=int, default=365, help="how many days are lived (365)")
    add(
        "--today",
        type=date.fromisoformat,
        default=date(2026, 11, 2),
        help="the day on which the story ends (2026-11-02)",
    )
    add("--database", default=NAME, help=f"where it is lived ({NAME})")
    add("--resume", action="store_true", help="go on where an earlier run was stopped")
    return parser.parse_args(args)


def _live(env, options):
    history = os.path.relpath(HISTORY, paths.ROOT)
    story = [
        "-m",
        "odoo",
        "lifecycle_demo",
        "-d",
        options.database,
        "--history",
        history,
    ]
    span = ["--days", options.days, "--today", options.today.isoformat(), "--no-jobs"]
    return steps.foreground([venv.PYTHON, *story, *span], env, cwd=paths.ROOT)


def _keep_files(shop):
    shell = [venv.PYTHON, "-m", "odoo", "shell", "-d", shop.name, "--no-http"]
    steps.command(
        replay.STEP, shell, stdin_text=IN_DATABASE, env=shop.env, cwd=paths.ROOT
    )
