"""Debian packages: installed with the machine's apt, or unpacked privately."""

import os
import shutil
import tempfile
from pathlib import Path

from . import steps

KEYRING = Path("/usr/share/keyrings/debian-archive-keyring.gpg")
LISTS = Path("/var/lib/apt/lists")
QUIET = ("-o", "APT::Sandbox::User=root", "-o", "Dpkg::Use-Pty=0")


def available():
    return bool(shutil.which("apt-get") and shutil.which("dpkg"))


def install(step, *packages):
    """Install packages system-wide, which needs root."""
    missing = f"needs the packages {' '.join(packages)}"
    if not available():
        raise steps.StepError(f"Step '{step}' {missing}: install them, then try again.")
    if os.geteuid() != 0 and not shutil.which("sudo"):
        raise steps.StepError(f"Step '{step}' {missing}: install them as root.")
    refresh_lists(step)
    steps.command(
        step,
        [*_as_root(), "apt-get", "install", "-y", "--no-install-recommends", *packages],
        env={**os.environ, "DEBIAN_FRONTEND": "noninteractive"},
    )


def refresh_lists(step):
    """Fetch the package lists where a machine came without them."""
    if not any(LISTS.glob("*_Packages*")):
        steps.command(step, [*_as_root(), "apt-get", "update"])


def _as_root():
    return [] if os.geteuid() == 0 else ["sudo", "-n"]


def mirror(step):
    """Address of the Debian mirror this machine is configured with, or None."""
    lines = steps.command(
        step,
        [
            "apt-get",
            "indextargets",
            "--format",
            "$(ORIGIN) $(SUITE) $(REPO_URI)",
            "Created-By: Packages",
        ],
    ).splitlines()
    rows = [line.split() for line in lines]
    # The security archive has the same origin but no other suite.
    found = [
        row[2]
        for row in rows
        if len(row) == 3 and row[0] == "Debian" and "security" not in row[1]
    ]
    return found[0] if found else None


class PrivateSuite:
    """Another Debian suite, seen through an apt state of its own.

    The system's sources, lists and cache stay as they are.
    """

    def __init__(self, step, suite, folder):
        self.step = step
        self.folder = Path(folder)
        self._write_sources(suite)

    def _write_sources(self, suite):
        for name in ("lists/partial", "cache/archives/partial"):
            (self.folder / name).mkdir(parents=True)
        if not KEYRING.exists():
            install(self.step, "debian-archive-keyring")
        line = f"deb [signed-by={KEYRING}] {mirror(self.step)} {suite} main\n"
        (self.folder / "sources.list").write_text(line)

    def _options(self):
        return [
            *QUIET,
            *("-o", f"Dir::Etc::sourcelist={self.folder / 'sources.list'}"),
            *("-o", "Dir::Etc::sourceparts=-"),
            *("-o", f"Dir::State::lists={self.folder / 'lists'}"),
            *("-o", f"Dir::Cache={self.folder / 'cache'}"),
        ]

    def unpack(self, packages, root):
        """Download packages and unpack them under ``root``."""
        steps.command(self.step, ["apt-get", *self._options(), "update"])
        _unpack(self.step, self._options(), packages, root)


def unpack(step, packages, root):
    """Unpack packages of the machine's own release under ``root``."""
    refresh_lists(step)
    _unpack(step, QUIET, packages, root)


def _unpack(step, options, packages, root):
    with tempfile.TemporaryDirectory(dir=root) as folder:
        download = ["apt-get", *options, "download", *packages]
        steps.command(step, download, cwd=folder)
        for archive in sorted(Path(folder).glob("*.deb")):
            steps.command(step, ["dpkg", "-x", archive, root])
            archive.unlink()
