from . import controllers
from . import models


def post_init_hook(env):
    """Ship the campaign to every company that is there already."""
    companies = env["res.company"].search([("id", ">", 0)])
    env["winback.campaign"]._ship(companies)
