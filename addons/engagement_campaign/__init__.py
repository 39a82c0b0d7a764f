from . import controllers
from . import models
from . import wizard


def post_init_hook(env):
    """Ship the playbooks to every company that is there already."""
    companies = env["res.company"].search([("id", ">", 0)])
    env["engagement.campaign"]._ship(companies)
