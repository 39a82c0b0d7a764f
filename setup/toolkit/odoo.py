"""Find Odoo 19, or unpack Debian's package of it."""

import importlib.util
import os
import re
import tempfile
from pathlib import Path

from . import debian, paths, steps

STEP = "odoo"
VERSION = re.compile(r"^version_info\s*=\s*\(19,\s*0\b", re.MULTILINE)
UNPACKED = paths.ODOO / "usr/lib/python3/dist-packages"
LINKED = paths.LOCAL / "odoo-active"
# Where an Odoo may lie inside ODOO_HOME: a checkout, an unpacked package, a
# virtual environment.
LAYOUTS = (
    "",
    "usr/lib/python3/dist-packages/",
    "lib/python3*/site-packages/",
    "server/",
)

# Odoo links to scripts and fonts of other packages; the links resolve when
# those are unpacked into the same root.
FROM_SID = (
    "odoo-19",
    "libjs-jquery",
    "libjs-jquery-form",
    "libjs-underscore",
    "fonts-roboto-unhinted",
    "fonts-montserrat",
    "fonts-ocr-b",
    "fonts-glyphicons-halflings",
)
# Newer releases renamed the files that Odoo links to.
FROM_OWN_RELEASE = ("fonts-font-awesome", "fonts-inconsolata")

# Debian dropped this file for its licence; without it an asset bundle logs an
# error in each browser console.
DROPPED_FILE = "odoo/addons/mail/static/lib/selfie_segmentation/selfie_segmentation.js"

HELP = """Odoo 19 was not found. Tried, in this order:
  1. ODOO_HOME: {home}
  2. an importable 'odoo' 19 in the active Python: none
  3. Debian's package 'odoo-19' from the machine's own mirror: {debian}
Set ODOO_HOME to a folder that holds Odoo 19.0 Community: a checkout (with
odoo/release.py inside) or an install. For example:
  ODOO_HOME=/opt/odoo ./setup/run"""


def locate():
    """Folder to put on the Python path so that ``import odoo`` gives Odoo 19."""
    return _from_home() or _from_active_python() or _from_debian()


def is_odoo_19(folder):
    release = folder / "odoo/release.py"
    return release.is_file() and bool(VERSION.search(release.read_text()))


def _from_home():
    home = os.environ.get("ODOO_HOME")
    if not home:
        return None
    for layout in LAYOUTS:
        for found in sorted(Path(home).resolve().glob(f"{layout}odoo/release.py")):
            folder = found.parents[1]
            if is_odoo_19(folder):
                return folder
    raise steps.StepError(
        HELP.format(home=f"{home} holds no Odoo 19.0", debian="not tried")
    )


def _from_active_python():
    spec = importlib.util.find_spec("odoo")
    for location in (spec and spec.submodule_search_locations) or ():
        if is_odoo_19(Path(location).parent):
            return _link(Path(location))
    return None


def _link(package):
    """Show the package alone: its neighbours would shadow pinned libraries."""
    LINKED.mkdir(parents=True, exist_ok=True)
    link = LINKED / "odoo"
    if not link.exists() or link.resolve() != package.resolve():
        link.unlink(missing_ok=True)
        link.symlink_to(package)
    return LINKED


def _from_debian():
    steps.ensure(
        STEP,
        "Odoo 19 from Debian's package",
        steps.checksum(*FROM_SID, *FROM_OWN_RELEASE),
        _unpack,
        present=lambda: is_odoo_19(UNPACKED),
    )
    return UNPACKED


def _unpack():
    if not debian.available():
        reason = "this machine has no apt-get and dpkg"
        raise steps.StepError(HELP.format(home="not set", debian=reason))
    if not debian.mirror(STEP):
        reason = "this machine's apt has no Debian mirror"
        raise steps.StepError(HELP.format(home="not set", debian=reason))
    with steps.replacing(paths.ODOO) as root:
        with tempfile.TemporaryDirectory(dir=paths.LOCAL) as state:
            debian.PrivateSuite(STEP, "sid", state).unpack(FROM_SID, root)
        debian.unpack(STEP, FROM_OWN_RELEASE, root)
        _repair(root / UNPACKED.relative_to(paths.ODOO))
    if not is_odoo_19(UNPACKED):
        reason = "the package holds another version"
        raise steps.StepError(HELP.format(home="not set", debian=reason))


def _repair(packages):
    dropped = packages / DROPPED_FILE
    if not dropped.exists():
        dropped.unlink(missing_ok=True)
        dropped.parent.mkdir(parents=True, exist_ok=True)
        dropped.touch()
