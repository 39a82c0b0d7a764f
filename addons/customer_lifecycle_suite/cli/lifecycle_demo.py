"""Tell the demo story, run the lifecycle jobs, print the stages."""

import os
import sys
from datetime import date, datetime, timedelta
from functools import partial
from pathlib import Path

from odoo import SUPERUSER_ID, api
from odoo.cli import Command
from odoo.modules.registry import Registry
from odoo.tools import config

INTERRUPTED = 130
API_KEY_DAYS = 90


class LifecycleDemo(Command):
    """Fill a database with the demo story, run the lifecycle jobs, print the stages.

    The story is told once; interrupted, the same command goes on where it stopped.
    """

    name = "lifecycle_demo"

    def run(self, args):
        add = self.parser.add_argument
        add("-d", "--database", required=True, help="name of the database")
        add("--history", required=True, help="the CDNOW sample, or a file like it")
        add("--api-key-file", type=Path, help="keep the administrator's API key here")
        add("--days", type=int, default=0, help="how many days are lived, not imported")
        add("--no-jobs", action="store_true", help="leave the jobs of today undone")
        add("--today", type=date.fromisoformat, help="the day on which it ends")
        options = self.parser.parse_args(args)
        arguments = ["--no-http", "-d", options.database, "--log-level", "warn"]
        config.parse_config(arguments, setup_logging=True)
        if not Path(options.history).is_file():
            sys.exit(f"There is no file {options.history}.")
        sys.exit(_run(options))


def _run(options):
    registry = Registry(options.database)
    with registry.cursor() as cr:
        env = api.Environment(cr, SUPERUSER_ID, {})
        if "lifecycle.demo" not in env:
            print(f"customer_lifecycle_suite is not installed in {cr.dbname}.")
            return 1
        company = env.ref("base.main_company")
        env = env(context={"allowed_company_ids": company.ids})
        try:
            _tell(env["lifecycle.demo"], options)
            if options.api_key_file:
                _keep_api_key(env, options.api_key_file)
        except KeyboardInterrupt:
            cr.rollback()
            print("\nInterrupted. The same command goes on where this one stopped.")
            return INTERRUPTED
    return 0


def _tell(demo, options):
    # Only now: the addon's own code may be loaded once its registry is.
    from odoo.addons.customer_lifecycle.tools.progress import Progress

    phases = []

    def report(title):
        phases.append(Progress(title))
        return phases[-1]

    open_history = partial(open, options.history, "rb")
    demo._load(open_history, report, options.days, options.today)
    demo._arrive()
    if not options.no_jobs:
        demo._run_jobs(report)
    _print_stages(demo)
    print("\nWhere the time went:")
    for phase in phases:
        print(f"  {phase.seconds:8.1f} s  {phase.title}")


def _print_stages(demo):
    rows = demo._stage_table()
    currency = demo.env.company.currency_id.name
    print(
        f"\n{'Stage':<16}{'Customers':>10}{'Share':>8}{f'Revenue {currency}':>18}",
        end="",
    )
    print(f"{'Median silence':>16}")
    for label, count, share, revenue, silence in rows:
        days = "-" if silence is None else f"{silence:.0f} days"
        print(f"{label!s:<16}{count:>10,}{share:>7.1f}%{revenue:>18,.2f}{days:>16}")
    count, revenue = sum(row[1] for row in rows), sum(row[3] for row in rows)
    print(f"{'Total':<16}{count:>10,}{100:>7.1f}%{revenue:>18,.2f}")


def _keep_api_key(env, path):
    """See to it that ``path`` holds an API key of the demo's administrator.

    JSON-2 takes nothing else, and Odoo gives keys to people in a browser only.
    """
    keys = env["res.users.apikeys"].with_user(env.ref("base.user_admin"))
    known = path.read_text().strip() if path.exists() else ""
    if known and keys._check_credentials(scope="rpc", key=known) == keys.env.uid:
        return
    expiry = datetime.now() + timedelta(days=API_KEY_DAYS)
    key = keys._generate("rpc", "Demo: example clients", expiry)
    path.unlink(missing_ok=True)
    # Nobody else on this machine may read it, not for a moment.
    with open(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w") as file:
        file.write(f"{key}\n")
    env.cr.commit()
