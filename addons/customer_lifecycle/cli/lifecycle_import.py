"""Load the purchase history of a shop from a file."""

import sys
from functools import partial
from hashlib import sha256
from pathlib import Path

from odoo import SUPERUSER_ID, api
from odoo.cli import Command
from odoo.modules.registry import Registry
from odoo.tools import config

# Words of the command line and the option's values.
SEPARATORS = {
    "auto": "auto",
    ",": "comma",
    ";": "semicolon",
    "|": "pipe",
    "\t": "tab",
    " ": "space",
}
SHOWN_ERRORS = 20
INTERRUPTED = 130


class LifecycleImport(Command):
    """Load the purchase history of a shop from a file.

    One purchase per line: customer, date, amount; optionally name, e-mail and order
    reference. How the file is written is guessed where it is not told. Interrupted,
    the same command goes on where it stopped; run again, nothing comes twice.
    """

    name = "lifecycle_import"

    def run(self, args):
        options = self._parse(args)
        arguments = ["--no-http", "-d", options.database, "--log-level", "warn"]
        config.parse_config(arguments, setup_logging=True)
        if not Path(options.file).is_file():
            sys.exit(_complain(f"There is no file {options.file}."))
        sys.exit(_run(options))

    def _parse(self, args):
        add = self.parser.add_argument
        add("-d", "--database", required=True, help="name of the database")
        add("--file", required=True, help="the history")
        add("--company", type=int, help="id of the company; the first by default")
        add("--separator", default="auto", help="auto , ; | tab or space")
        add("--encoding", default="auto", help="auto utf-8-sig utf-16 latin-1 cp1252")
        add("--day-order", default="auto", choices=("auto", "dmy", "mdy"))
        add("--decimal", default="auto", choices=("auto", "point", "comma"))
        add("--header", default="auto", choices=("auto", "yes", "no"))
        add("--duplicates", default="skip", choices=("skip", "keep"))
        add("--replay-months", type=int, default=0, help="replay stages of so long")
        options = self.parser.parse_args(args)
        options.separator = SEPARATORS.get(options.separator, options.separator)
        if options.separator not in SEPARATORS.values():
            self.parser.error(f"unknown separator {options.separator!r}")
        return options


def _run(options):
    try:
        registry = Registry(options.database)
    except Exception as error:  # noqa: BLE001 whatever the server says is the reason
        return _complain(f"Database {options.database}: {error}")
    with registry.cursor() as cr:
        env = api.Environment(cr, SUPERUSER_ID, {})
        if "lifecycle.import" not in env:
            return _complain(f"customer_lifecycle is not installed in {cr.dbname}.")
        try:
            return _import(env, options)
        except KeyboardInterrupt:
            cr.rollback()
            print("\nInterrupted. The same command goes on where this one stopped.")
            return INTERRUPTED


def _import(env, options):
    # Only now: the addon's own code may be loaded once its registry is. Commands are
    # loaded outside of their addon, where nothing is relative.
    # pylint: disable=odoo-addons-relative-import
    from odoo.addons.customer_lifecycle.tools.progress import Progress

    record = _record(env, options)
    with Progress(f"Importing {record.name}") as bar:
        over = record._run(
            partial(open, options.file, "rb"),
            lambda r: bar.show(r.progress / 100, f"{r.orders} orders"),
        )
    if not over:
        return _complain("Another process is working on this import.")
    _print_summary(record)
    return int(record.state == "failed")


def _record(env, options):
    """Return the unfinished import of the same file, else a new one, committed."""
    checksum = _checksum(options.file)
    company = env["res.company"].browse(options.company or env.company.id)
    record = env["lifecycle.import"]._resumable(company, checksum, _values(options))
    record._begin()
    env.cr.commit()
    return record


def _checksum(path):
    digest = sha256()
    with open(path, "rb") as stream:
        while chunk := stream.read(1 << 20):
            digest.update(chunk)
    return digest.hexdigest()


def _values(options):
    file = Path(options.file)
    return {
        "name": file.name,
        "bytes_total": file.stat().st_size,
        "separator": options.separator,
        "encoding": options.encoding,
        "day_order": options.day_order,
        "decimal": options.decimal,
        "header": options.header,
        "duplicates": options.duplicates,
        "replay_months": options.replay_months,
    }


def _print_summary(record):
    print(
        f"{record.rows} purchases in {record.lines_read} lines: {record.orders} orders"
        f" and {record.customers} customers created, {record.known} imported earlier,"
        f" {record.duplicates_found} duplicates ({record.duplicates}),"
        f" {record.errors} bad lines."
    )
    for error in record.error_ids[:SHOWN_ERRORS]:
        print(f"  line {error.line}: {error.reason}")
    left = record.errors + record.duplicates_found - SHOWN_ERRORS
    if left > 0:
        print(f"  and {left} more: see import {record.id} in Odoo.")
    if record.message:
        print(record.message, file=sys.stderr)


def _complain(message):
    print(message, file=sys.stderr)
    return 1
