"""The virtual environment that Odoo, the tests and the linters run in."""

import shutil
import sys

from . import paths, steps

REQUIREMENTS = paths.ROOT / "requirements.txt"
OCA_REQUIREMENTS = paths.ROOT / "requirements-oca.txt"
TEST_REQUIREMENTS = paths.ROOT / "test-requirements.txt"
PYTHON = paths.VENV / "bin/python"
STEP = "venv"


def ensure():
    steps.ensure(
        STEP,
        "Python libraries of Odoo and of the suite",
        fingerprint(),
        _build,
        present=PYTHON.exists,
    )


def ensure_test_tools():
    """Add what only tests and linters need."""
    ensure()
    steps.ensure(
        "venv-test",
        "Python libraries of tests and linters",
        steps.checksum(fingerprint(), TEST_REQUIREMENTS),
        lambda: _pip("-r", TEST_REQUIREMENTS),
        present=(PYTHON.parent / "pytest").exists,  # gone when the rest was rebuilt
    )


def fingerprint():
    return steps.checksum(sys.version, str(PYTHON), REQUIREMENTS, OCA_REQUIREMENTS)


def oca_addons():
    """Where pip puts OCA's addons; they are part of the ``odoo`` namespace."""
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    return paths.VENV / "lib" / version / "site-packages/odoo/addons"


def _build():
    # In place: an environment's scripts hold its path and do not survive a
    # rename. The missing stamp tells the next run to start over.
    shutil.rmtree(paths.VENV, ignore_errors=True)
    steps.command(STEP, [sys.executable, "-m", "venv", paths.VENV])
    _pip("-r", REQUIREMENTS)
    _pip("--no-deps", "-r", OCA_REQUIREMENTS)


def _pip(*args):
    pip = [PYTHON, "-m", "pip", "--disable-pip-version-check", "--no-input"]
    steps.command(STEP, [*pip, "install", "--prefer-binary", *args])
