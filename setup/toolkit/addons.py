"""What the manifests of ``addons/`` say, read without Odoo."""

import ast
import hashlib

from . import odoo, paths, venv

# Files that never reach the database: changing them asks for no new install.
NOT_INSTALLED = ("tests", "readme", "static/src", "static/tests", "__pycache__")


def manifests():
    """Installable addons: name to manifest."""
    found = {}
    for path in sorted(paths.ADDONS.glob("*/__manifest__.py")):
        manifest = ast.literal_eval(path.read_text(encoding="utf-8"))
        if manifest.get("installable", True):
            found[path.parent.name] = manifest
    return found


def outside_dependencies():
    """Modules of Odoo and OCA that ours build on, sorted.

    A name found nowhere is left out: Odoo then tells which of ours needs it.
    """
    ours = manifests()
    needed = {name for manifest in ours.values() for name in manifest["depends"]}
    return sorted(name for name in needed - ours.keys() if _is_outside(name))


def _is_outside(name):
    source = odoo.locate()
    folders = (source / "addons", source / "odoo/addons", venv.oca_addons())
    return any((folder / name / "__manifest__.py").exists() for folder in folders)


def closure(*names):
    """Our addons that installing ``names`` brings, themselves included."""
    ours, todo, found = manifests(), list(names), set()
    while todo:
        current = todo.pop()
        if current in ours and current not in found:
            found.add(current)
            todo.extend(ours[current]["depends"])
    return sorted(found)


def fingerprint(names):
    """Checksum over everything an installation reads from these addons."""
    digest = hashlib.sha256()
    for path in _files(names):
        digest.update(str(path.relative_to(paths.ADDONS)).encode())
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def _files(names):
    for name in names:
        found = (paths.ADDONS / name).rglob("*")
        yield from sorted(filter(_is_installed, found))


def _is_installed(path):
    _addon, _slash, inner = path.relative_to(paths.ADDONS).as_posix().partition("/")
    ignored = path.suffix == ".pyc" or inner.startswith(NOT_INSTALLED)
    return not ignored and path.is_file()
