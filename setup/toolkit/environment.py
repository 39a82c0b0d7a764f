"""Everything Odoo needs, and the process environment that shows it."""

import os

from . import odoo, paths, postgres, venv

DEVELOPMENT = paths.CONFIG / "odoo-development.conf"


def prepare(config=DEVELOPMENT):
    """Do what is not done yet; return the environment to run Odoo in.

    ``ODOO_RC``, ``PGHOST`` and their like in the caller's environment win.
    """
    paths.make_local_folders()
    folder = odoo.locate()
    venv.ensure()
    server = postgres.ensure()
    return {
        "ODOO_RC": str(config),
        **os.environ,
        **server,
        **_python(folder),
        "ODOO_ADDONS_PATH": ",".join(_addons_path()),
        "ODOO_DATA_DIR": os.environ.get("ODOO_DATA_DIR", str(paths.DATA)),
        # Wakes the jobs at once when one asks to be run again.
        "ODOO_NOTIFY_CRON_CHANGES": "1",
    }


def _python(folder):
    inherited = os.environ.get("PYTHONPATH")
    search = [str(folder)] + ([inherited] if inherited else [])
    programs = [str(paths.VENV / "bin"), os.environ.get("PATH", os.defpath)]
    return {
        "VIRTUAL_ENV": str(paths.VENV),
        "PYTHONPATH": os.pathsep.join(search),
        "PATH": os.pathsep.join(programs),
    }


def _addons_path():
    # Odoo warns about a folder without addons.
    ours = [paths.ADDONS] if any(paths.ADDONS.glob("*/__manifest__.py")) else []
    return [str(path) for path in (*ours, venv.oca_addons())]


def become(program, args, env):
    """Hand the process over: signals and exit code are the program's own."""
    os.execvpe(program, [str(program), *args], env)
