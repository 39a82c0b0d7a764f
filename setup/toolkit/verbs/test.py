"""Every test of the suite, or those you name.

The options below are ours; anything else goes to pytest: a path, -k, -x, --lf.
"""

import argparse
import sys

from .. import addons, chromium, database, environment, paths, steps, venv
from ..lock import exclusive

CONFIG = paths.CONFIG / "odoo-test.conf"


def main(args):
    options, rest = _parse(args)
    env = environment.prepare(CONFIG)
    venv.ensure_test_tools()
    chromium.ensure()
    if options.full:
        env["LIFECYCLE_FULL"] = "1"
    modules = _modules(options.only)
    name = options.database or _database_name(options.only)
    with exclusive(f"database-{name}"):
        database.ensure_test_database(name, env, modules, options.fresh)
        command = _pytest(name, rest or _folders(options.only))
        return steps.foreground(command, env, cwd=paths.ROOT)


def _parse(args):
    parser = argparse.ArgumentParser(
        prog="./setup/test",
        description=sys.modules[__name__].__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    add = parser.add_argument
    add("--full", action="store_true", help="also the long tests")
    add("--fresh", action="store_true", help="build the test database anew")
    add("--only", type=_names, default=[], metavar="ADDON,...")
    add("--database", metavar="NAME", help="instead of lifecycle_test")
    return parser.parse_known_args(args)


def _names(text):
    return text.split(",")


def _modules(only):
    """All our addons, or the named ones with what they need of ours."""
    unknown = set(only) - addons.manifests().keys()
    if unknown:
        raise steps.StepError(f"No such addon: {', '.join(sorted(unknown))}")
    return addons.closure(*only) if only else list(addons.manifests())


def _database_name(only):
    return "_".join(["lifecycle_test", *only])


def _folders(only):
    return [paths.ADDONS / name for name in only]


def _pytest(name, rest):
    return [
        *(venv.PYTHON, "-m", "pytest"),
        *("--odoo-http", f"--odoo-database={name}", "--odoo-log-level=warn"),
        *rest,
    ]
