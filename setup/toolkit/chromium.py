"""The browser that tours and JavaScript tests run in."""

import shutil
import tempfile
from pathlib import Path

from . import debian, steps

STEP = "chromium"
# The names Odoo's test framework looks for, in its order.
NAMES = ("google-chrome", "chromium", "chromium-browser", "google-chrome-stable")
# Odoo's own list of fonts begins with Roboto; Noto has the taka sign and Bengali.
# Without them the digits of a screenshot come from the emoji font.
FONTS = {
    "Roboto": "fonts-roboto-unhinted",
    "Noto Sans Bengali": "fonts-noto-core",
}


def ensure():
    """Install browser and fonts where they are missing; see once that it starts."""
    if not _program():
        with steps.timed("Chromium"):
            debian.install(STEP, "chromium")
    _ensure_fonts()
    program = Path(_program())
    steps.ensure(
        STEP,
        "Chromium's first start",
        steps.checksum(str(program), str(program.stat().st_mtime_ns)),
        lambda: _try(program),
    )


def _has_font(name):
    """Return whether the system has the font family ``name``."""
    if not shutil.which("fc-list"):
        return False
    return bool(steps.command(STEP, ["fc-list", name], timeout=60).strip())


def _ensure_fonts():
    """Install missing fonts; without the right to, say so and go on."""
    missing = [package for name, package in FONTS.items() if not _has_font(name)]
    if not missing:
        return
    try:
        with steps.timed("Fonts"):
            debian.install(STEP, "fontconfig", *missing)
    except steps.StepError as error:
        steps.say(f"Screenshots will look odd: {error}")


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
