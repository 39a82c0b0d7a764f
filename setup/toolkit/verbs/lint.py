"""Every check that needs no Odoo; ``--fix`` formats instead."""

import argparse
import os
import subprocess
import sys
import time

from .. import node, paths, venv

BIN = paths.VENV / "bin"
# Expanded by the tool itself, which honours its own ignore file.
STYLED = "**/*.{js,scss,css,xml}"
REPOSITORY_STYLED = "*.{json,cjs}"
CONTINUE = "--no-error-on-unmatched-pattern"


def main(args):
    options = _parse(args)
    venv.ensure_test_tools()
    node.ensure()
    checks = [*_formatters(options), *_odoo_checks(options.addons), *_own_checks()]
    failed = [name for name, command in checks if not _run(name, command)]
    print(f"\nlint: {'failed: ' + ', '.join(failed) if failed else 'all passed'}")
    return bool(failed)


def _parse(args):
    parser = argparse.ArgumentParser(
        prog="./setup/lint", description=sys.modules[__name__].__doc__
    )
    parser.add_argument("--fix", action="store_true", help="format what can be")
    parser.add_argument("addons", nargs="*", help="these addons only")
    return parser.parse_args(args)


def _formatters(options):
    """Tools that also repair what they find."""
    fix = ["--fix"] if options.fix else []
    folders = [f"addons/{name}" for name in options.addons]
    python = folders or ["."]
    yield "ruff check", [BIN / "ruff", "check", "--quiet", *fix, *python]
    check = [] if options.fix else ["--check"]
    yield "ruff format", [BIN / "ruff", "format", "--quiet", *check, *python]
    styled = [f"{folder}/{STYLED}" for folder in folders or ["addons"]]
    styled += [] if folders else [REPOSITORY_STYLED]
    prettier = [node.PROGRAMS / "prettier", "--log-level=warn", CONTINUE]
    yield "prettier", [*prettier, "--write" if options.fix else "--check", *styled]
    eslint = [node.PROGRAMS / "eslint", CONTINUE, *fix]
    yield "eslint", [*eslint, *(folders or ["addons"])]


def _odoo_checks(names):
    """Checks of addons, where there are any: these tools want arguments."""
    folders = [paths.ADDONS / name for name in names or ["*"]]
    manifests = _found(folders, "__manifest__.py")
    if manifests:
        addons = [path.parent for path in manifests]
        yield "pylint-odoo", [BIN / "pylint", "--rcfile=.pylintrc", *addons]
        yield "oca checks", [BIN / "oca-checks-odoo-module", *manifests]
    translations = _found(folders, "i18n/*.po*")
    if translations:
        yield "oca translations", [BIN / "oca-checks-po", *translations]


def _found(folders, pattern):
    found = [paths.ROOT.glob(f"{f.relative_to(paths.ROOT)}/{pattern}") for f in folders]
    return sorted(path for group in found for path in group)


def _own_checks():
    toolkit = paths.ROOT / "setup/toolkit"
    yield "rules", [sys.executable, toolkit / "rules.py"]
    yield "reference", [sys.executable, toolkit / "reference.py", "--check"]
    yield "sizes", [sys.executable, toolkit / "sizes.py"]


def _run(name, command):
    start = time.monotonic()
    env = {**os.environ, "PATH": os.pathsep.join([str(BIN), os.environ["PATH"]])}
    done = subprocess.run(list(map(str, command)), cwd=paths.ROOT, env=env, check=False)
    verdict = "ok" if done.returncode == 0 else "FAILED"
    print(f"[lint] {name}: {verdict} ({time.monotonic() - start:.1f} s)", flush=True)
    return done.returncode == 0
