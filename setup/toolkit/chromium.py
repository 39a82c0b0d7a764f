"""The browser that tours and JavaScript tests run in."""

import shutil
import tempfile
from pathlib import Path

from . import debian, steps

STEP = "chromium"
# The names Odoo's test framework looks for, in its order.
NAMES = ("google-chrome", "chromium", "chromium-browser", "google-chrome-stable")
PACKAGES = ("chromium", "fonts-dejavu-core", "fonts-noto-color-emoji")


def ensure():
    """Install a browser where there is none; see once that it starts."""
    if not _program():
        with steps.timed("Chromium and fonts"):
            debian.install(STEP, *PACKAGES)
    program = Path(_program())
    steps.ensure(
        STEP,
        "Chromium's first start",
        steps.checksum(str(program), str(program.stat().st_mtime_ns)),
        lambda: _try(program),
    )


def _program():
    return next(filter(None, map(shutil.which, NAMES)), None)


def _try(program):
    # Odoo skips a browser test whose browser does not start: without this
    # look a broken browser would pass as a green run.
    with tempfile.TemporaryDirectory() as profile:
        page = steps.command(
            STEP,
            [
                *(program, "--headless", "--no-sandbox", "--disable-gpu"),
                *("--no-first-run", "--disable-background-networking"),
                *("--disable-component-update", "--disable-sync"),
                *("--disable-dev-shm-usage", f"--user-data-dir={profile}"),
                *("--dump-dom", "data:text/html,<p>alive</p>"),
            ],
            timeout=120,
        )
    if "<p>alive</p>" not in page:
        raise steps.StepError(f"Step '{STEP}' failed: {program} shows no page.")
