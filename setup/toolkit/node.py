"""Linters from npm: prettier and eslint at the versions of package.json."""

import os
import shutil

from . import debian, paths, steps

STEP = "node"
MODULES = paths.ROOT / "node_modules"
PROGRAMS = MODULES / ".bin"
OFFLINE = ("--no-audit", "--no-fund", "--no-update-notifier")


def ensure():
    if not shutil.which("npm"):
        with steps.timed("Node.js and npm"):
            debian.install(STEP, "nodejs", "npm")
    steps.ensure(
        STEP,
        "Linters from npm",
        steps.checksum(paths.ROOT / "package.json", paths.ROOT / "package-lock.json"),
        _install,
        present=(PROGRAMS / "eslint").exists,
    )


def _install():
    # npm empties node_modules first, so an interrupted install is repaired.
    env = {**os.environ, "CI": "true"}
    steps.command(STEP, ["npm", "ci", *OFFLINE], cwd=paths.ROOT, env=env)
