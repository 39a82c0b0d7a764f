"""Where things are: the repository, and the ignored folder set-up writes to."""

from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
ADDONS = ROOT / "addons"
CONFIG = ROOT / "config"
TESTS = ROOT / "tests"

# Resolved: where it is a link to another disk, that is where things are built.
LOCAL = (ROOT / ".local").resolve()
ODOO = LOCAL / "odoo"
VENV = LOCAL / "venv"
POSTGRES = LOCAL / "postgres"
LOG = LOCAL / "log"
DATA = LOCAL / "data"
STAMPS = LOCAL / "stamps"
NODE = LOCAL / "node"


def make_local_folders():
    for folder in (LOCAL, LOG, DATA, STAMPS):
        folder.mkdir(parents=True, exist_ok=True)
