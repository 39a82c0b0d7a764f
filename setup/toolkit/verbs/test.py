"""Every test of the suite, or those you name.

The options below are ours; anything else goes to pytest: a path, -k, -x, --lf.
"""

import argparse
import sys

from .. import addons, chromium, database, environment, paths, steps, venv
from ..lock import exclusive

CONFIG = paths.CONFIG / "odoo-test.conf"
# Seconds that one of the long tests may take.
LONG = 3600
ONLY = "install and test these addons alone, with what they depend on"


def main(args):
    options, rest = _parse(args)
    env = environment.prepare(CONFIG)
    venv.ensure_test_tools()
    chromium.ensure()
    if options.full:
        env["LIFECYCLE_FULL"] = "1"
    _check_names(options.only)
    name = options.database or "_".join(["lifecycle_test", *options.only])
    with exclusive(f"database-{name}"):
        database.ensure_copy(name, env, options.only, options.fresh)
        limit = [f"--timeout={LONG}"] if options.full else []
        command = _pytest(name, [*limit, *(rest or _folders(options.only))])
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
    add("--only", type=_names, default=[], metavar="ADDON,...", help=ONLY)
    add("--database", metavar="NAME", help="instead of lifecycle_test")
    return parser.parse_known_args(args)


def _names(text):
    return text.split(",")


def _check_names(only):
    unknown = set(only) - addons.manifests().keys()
    if unknown:
        raise steps.StepError(f"No such addon: {', '.join(sorted(unknown))}")


def _folders(only):
    return [paths.ADDONS / name for name in only]


def _pytest(name, rest):
    return [
        *(venv.PYTHON, "-m", "pytest"),
        *("--odoo-http", f"--odoo-database={name}", "--odoo-log-level=warn"),
        *rest,
    ]
