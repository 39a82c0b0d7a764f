"""Addons that come and go by Odoo's command line."""

import subprocess

from .conftest import odoo_command


def odoo(*arguments, **options):
    """Run Odoo's command line; neither it nor its log may tell of an error."""
    done = subprocess.run(
        odoo_command(*arguments), capture_output=True, text=True, check=False, **options
    )
    assert done.returncode == 0, done.stderr[-3000:]
    assert " ERROR " not in done.stderr, done.stderr[-3000:]
    return done


def module(verb, database, name):
    """Install or uninstall an addon."""
    return odoo("module", verb, "-d", database, name)
