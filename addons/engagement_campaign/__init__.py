from odoo.addons.journey_engine.tools.uninstall import release_journeys

from . import controllers
from . import models
from . import wizard


def post_init_hook(env):
    """Ship the playbooks to every company that is there already."""
    companies = env["res.company"].search([("id", ">", 0)])
    env["engagement.campaign"]._ship(companies)


def uninstall_hook(env):
    """Campaigns go with their templates, and let their customers go."""
    release_journeys(env, "engagement_campaign")
