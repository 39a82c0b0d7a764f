"""The lived year of the demo: a dump in the repository, written once, loaded often.

Plain SQL in three sections, packed. Between data and indexes every date is moved, so
that the last purchase was yesterday: nothing is in the way yet, no index, no trigger.
"""

import json
import lzma
import re
import shutil
import subprocess
from contextlib import suppress
from datetime import date

from . import addons, odoo, paths, postgres, steps

STEP = "replay"
FOLDER = paths.ROOT / "setup/data"
DUMP = FOLDER / "demo_year.sql.xz"
FACTS = FOLDER / "demo_year.json"
SHIFT = FOLDER / "shift.sql"
CLEAN = FOLDER / "clean.sql"
# Between the sections of the dump.
CUT = "-- demo_year: everything is loaded, nothing is indexed\n"
LARGEST = 20_000_000
# Rows that say how a server was, not what happened in the shop.
PASSING = (
    "bus_bus",
    "bus_presence",
    "ir_cron_progress",
    "ir_cron_trigger",
    "ir_logging",
    "ir_profile",
    "res_device_log",
    "res_users_apikeys",
    "res_users_log",
)
# What newer programs write and older servers and clients do not know.
TOO_NEW = re.compile(r"^(\\(un)?restrict |SET transaction_timeout )")


def is_there():
    return DUMP.exists() and FACTS.exists()


def fingerprint():
    """Checksum of the dump and of how it is loaded."""
    return steps.checksum(DUMP, SHIFT) if is_there() else "none"


def facts():
    """What was written beside the dump: modules, platform, today, figures."""
    return json.loads(FACTS.read_text(encoding="utf-8"))


def state(modules):
    """What the addons and Odoo are like now, to compare with ``facts``."""
    source = odoo.locate()
    return {
        "addons": addons.fingerprint(modules),
        "odoo": steps.checksum(source / "odoo/release.py"),
    }


# --------------------------------------------------------------------------- write
def write(database, modules, today):
    """Write the dump of a lived year; its secrets are removed from the database first.

    :raises StepError: too large
    """
    _psql(database.name, database.env, CLEAN.read_text(encoding="utf-8"))
    FOLDER.mkdir(exist_ok=True)
    draft = DUMP.with_suffix(".new")
    with lzma.open(draft, "wt", encoding="utf-8", preset=9) as target:
        for section in ("pre-data", "data", "post-data"):
            if section == "post-data":
                target.write(CUT)
            for line in _dump(database, section):
                target.write(line)
    if draft.stat().st_size > LARGEST:
        raise steps.StepError(f"Step '{STEP}' failed: {draft} is too large.")
    draft.replace(DUMP)
    known = {"today": today.isoformat(), **state(modules)}
    FACTS.write_text(json.dumps(known, indent=2) + "\n", encoding="utf-8")


def _dump(database, section):
    """Yield the lines of a section that any server understands."""
    program = shutil.which("pg_dump") or str(postgres.binaries() / "pg_dump")
    args = [program, "--no-owner", "--no-privileges", f"--section={section}"]
    args += [f"--exclude-table-data=public.{table}" for table in PASSING]
    # A file, not a pipe: what fails tells why in the log.
    text = steps.command(STEP, [*args, "-d", database.name], env=database.env)
    for line in text.splitlines(keepends=True):
        if not TOO_NEW.match(line):
            yield line


# ---------------------------------------------------------------------------- load
def load(database, modules):
    """Make a database of the dump, its dates moved to now, its addons as they are now.

    It gets its name when it is complete: an interrupted load is simply done again.
    """
    draft = type(database)(f"{database.name}_loading", database.env)
    draft.drop()
    postgres.query(
        f"CREATE DATABASE \"{draft.name}\" TEMPLATE template0 ENCODING 'UTF8'"
        " LC_COLLATE 'C' LC_CTYPE 'C'",
        "postgres",
        database.env,
    )
    known = facts()
    days = (date.today() - date.fromisoformat(known["today"])).days
    _feed(draft, days)
    _bring_up_to_date(draft, known, modules)
    postgres.query(
        f'ALTER DATABASE "{draft.name}" RENAME TO "{database.name}"',
        "postgres",
        database.env,
    )


def _bring_up_to_date(draft, known, modules):
    """Update what differs from what the dump was made of."""
    now = state(modules)
    if known["odoo"] != now["odoo"]:
        draft.update(["base"])
    elif known["addons"] != now["addons"]:
        draft.update(modules)
    draft.install(modules)


def _feed(draft, days):
    """Send the dump through psql, the shift in its place."""
    shift = SHIFT.read_text(encoding="utf-8").replace(":days", str(days)).encode()
    with _client(draft.name, draft.env) as client:
        # A client that gives up says why, and is asked below.
        with suppress(BrokenPipeError), client.stdin, lzma.open(DUMP, "rb") as source:
            for line in source:
                client.stdin.write(shift if line == CUT.encode() else line)
        output = client.stdout.read().decode(errors="replace")
        if client.wait():
            tail = "\n".join(output.splitlines()[-steps.LAST_LINES :])
            raise steps.StepError(f"Step '{STEP}' failed: psql said\n{tail}")


def _client(name, env):
    program = shutil.which("psql") or str(postgres.binaries() / "psql")
    args = [
        program,
        "-Xq",
        "-o",
        "/dev/null",
        "-v",
        "ON_ERROR_STOP=1",
        "-1",
        "-d",
        name,
    ]
    return subprocess.Popen(
        args,
        env=env,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )


def _psql(name, env, text):
    """Run a script in one transaction."""
    program = shutil.which("psql") or str(postgres.binaries() / "psql")
    args = [program, "-Xq", "-v", "ON_ERROR_STOP=1", "-1", "-d", name]
    steps.command(STEP, args, stdin_text=text, env=env)
