"""``./setup/odoo ARGS...``: Odoo's own command line, in our environment."""

from .. import environment, venv


def main(args):
    environment.become(venv.PYTHON, ["-m", "odoo", *args], environment.prepare())
