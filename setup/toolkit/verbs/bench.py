"""The benchmark: ``./setup/bench [--scale N] ...``, on a database of its own.

All arguments go to ``tests/bench/__main__.py``, which finds its database in
``PGDATABASE``.
"""

from .. import database, environment, paths, steps, venv
from ..lock import exclusive

NAME = "lifecycle_bench"
# With the bridges that install themselves: their hooks are part of what is measured.
MEASURED = ("customer_lifecycle",)
PROGRAM = paths.TESTS / "bench/__main__.py"


def main(args):
    if not PROGRAM.exists():
        raise steps.StepError(f"Step 'bench' failed: {PROGRAM} is missing.")
    env = environment.prepare(paths.CONFIG / "odoo-test.conf")
    venv.ensure_test_tools()
    with exclusive(f"database-{NAME}"):
        if not {"-h", "--help"}.intersection(args):
            database.ensure_copy(NAME, env, MEASURED)
        command = [venv.PYTHON, "-m", "tests.bench", *args]
        return steps.foreground(command, env | {"PGDATABASE": NAME}, cwd=paths.ROOT)
