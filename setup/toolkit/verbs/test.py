"""Every test of the suite, or those you name.

The options below are ours; anything else goes to pytest: a path, -k, -x, --lf.
"""

import argparse
import sys
from pathlib import Path

from .. import addons, chromium, database, environment, paths, steps, venv
from ..lock import exclusive

CONFIG = paths.CONFIG / "odoo-test.conf"
# Seconds that one of the long tests may take.
LONG = 3600
# Processes that share the whole suite, each with a database of its own.
WORKERS = 2
ONLY = "install and test these addons alone, with what they depend on"
SHARE = "processes that share the tests (all tests: 2, those you name: 1)"


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
        workers = options.workers or (1 if _names_tests(rest) else WORKERS)
        spread = _spread(workers)
        rest = rest or _folders(options.only)
        command = _pytest(name, [*limit, *spread, *rest])
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
    add("--workers", type=int, metavar="N", help=SHARE)
    return parser.parse_known_args(args)


def _names(text):
    return text.split(",")


def _check_names(only):
    unknown = set(only) - addons.manifests().keys()
    if unknown:
        raise steps.StepError(f"No such addon: {', '.join(sorted(unknown))}")


def _folders(only):
    return [paths.ADDONS / name for name in only]


def _names_tests(rest):
    return any(Path(text.split("::")[0]).exists() for text in rest)


def _spread(workers):
    # Groups are named in conftest.py, and begun in the order of pytest.ini.
    groups = ["--dist", "loadgroup", "--no-loadscope-reorder"]
    return ["-n", str(workers), *groups] if workers > 1 else []


def _pytest(name, rest):
    return [
        *(venv.PYTHON, "-m", "pytest"),
        *("--odoo-http", f"--odoo-database={name}", "--odoo-log-level=warn"),
        *rest,
    ]
