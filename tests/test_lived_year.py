"""The year that ``./setup/run`` loads, counted again in plain Python."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "setup"))

from toolkit import addons, database, replay, steps, venv

SUITE = "customer_lifecycle_suite"
CHECKS = f"addons/{SUITE}/tests/test_lived_year.py"

pytestmark = [
    pytest.mark.full,
    pytest.mark.skipif(not replay.is_there(), reason="no lived year in here"),
]


@pytest.fixture(scope="module")
def shop():
    """A database with the year, its dates moved to now."""
    found = database.Database("lifecycle_lived_year", dict(os.environ))
    found.drop()
    replay.load(found, addons.closure(SUITE))
    shell = [venv.PYTHON, "-m", "odoo", "shell", "-d", found.name, "--no-http"]
    arrive = "env['lifecycle.demo']._arrive()"
    steps.command("test", shell, stdin_text=arrive, env=found.env, cwd=ROOT)
    yield found
    found.drop()


def test_every_figure_is_found_again(shop):
    done = subprocess.run(
        [
            *(sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"),
            *(f"--odoo-database={shop.name}", "--odoo-log-level=error", CHECKS),
        ],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-3000:]
    assert " passed" in done.stdout
    assert "skipped" not in done.stdout, done.stdout[-500:]
