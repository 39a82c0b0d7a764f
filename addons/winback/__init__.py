from odoo.addons.journey_engine.tools.uninstall import release_templates

from . import controllers
from . import models


def post_init_hook(env):
    """Ship the campaign to every company that is there already."""
    companies = env["res.company"].search([("id", ">", 0)])
    env["winback.campaign"]._ship(companies)


def uninstall_hook(env):
    """Campaigns and their templates go together."""
    release_templates(env, "winback")
