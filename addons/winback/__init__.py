from odoo.addons.journey_engine.tools.uninstall import release_journeys

from . import controllers
from . import models


def post_init_hook(env):
    """Ship the campaign to every company that is there already."""
    companies = env["res.company"].search([("id", ">", 0)])
    env["winback.campaign"]._ship(companies)


def uninstall_hook(env):
    """Campaigns go with their templates, and let their customers go."""
    release_journeys(env, "winback")
