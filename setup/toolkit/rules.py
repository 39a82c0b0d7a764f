"""Rules of this repository that no linter of others knows.

Run as ``python3 setup/toolkit/rules.py``.
"""

import ast
import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
LICENSE = "LGPL-3"
HEADER = re.compile(r"^\W*(copyright|licen[sc]e|-\*- coding)", re.IGNORECASE)
SUFFIXES = {".py", ".js", ".xml", ".scss"}


def problems(root):
    yield from _manifest_problems(root)
    yield from _header_problems(root)


def _manifest_problems(root):
    """Each addon is LGPL-3, but for bridges to OCA's, and is one of this Odoo."""
    for path in sorted(root.glob("addons/*/__manifest__.py")):
        manifest = ast.literal_eval(path.read_text(encoding="utf-8"))
        # A bridge to an AGPL addon is a work based on it.
        expected = "AGPL-3" if path.parent.name.endswith("_oca") else LICENSE
        if manifest.get("license") != expected:
            yield f"{path.relative_to(root)}: license must be {expected}"
        if not manifest.get("version", "").startswith("19.0."):
            yield f"{path.relative_to(root)}: version must begin with 19.0."


def _header_problems(root):
    """LICENSE speaks for every file: none repeats it at its head."""
    for top in ("addons", "setup", "tests"):
        for path in sorted((root / top).rglob("*")):
            if path.suffix in SUFFIXES and path.is_file() and "lib" not in path.parts:
                yield from _header_of(root, path)


def _header_of(root, path):
    with path.open(encoding="utf-8") as handle:
        head = [handle.readline() for _number in range(3)]
    if any(HEADER.match(line) for line in head):
        yield f"{path.relative_to(root)}: no licence or coding header, please"


def main(root=ROOT):
    found = list(problems(root))
    for problem in found:
        print(problem)
    return bool(found)


if __name__ == "__main__":
    sys.exit(main())
