"""The benchmark of the suite: ``./setup/bench``, or ``python -m tests.bench``."""


def configure():
    """Read the configuration of Odoo as its own command line does."""
    from odoo.tools import config

    config.parse_config([])
