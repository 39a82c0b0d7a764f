"""``./setup/python ARGS...``: the virtual environment's Python, with Odoo."""

from .. import environment, venv


def main(args):
    environment.become(venv.PYTHON, args, environment.prepare())
