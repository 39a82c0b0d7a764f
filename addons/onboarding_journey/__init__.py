from odoo.addons.journey_engine.tools.uninstall import release_journeys

from . import controllers
from . import models


def post_init_hook(env):
    """Ship the welcome journey to every company, ready for who is let in."""
    companies = env["res.company"].search([("id", ">", 0)])
    journeys = env["onboarding.journey"]
    shipped = journeys._shipped() | journeys._ship(companies)
    shipped.action_start()


def uninstall_hook(env):
    """Journeys go with their templates, and let their customers go."""
    release_journeys(env, "onboarding_journey")
