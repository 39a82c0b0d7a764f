from . import controllers, models, wizard


def post_init_hook(env):
    """Give every company its policy; the customers follow by the weekly run.

    Installing writes history and is no news: rows are built silently.
    """
    env["lifecycle.policy"]._ensure(env["res.company"].search([]))
    env["lifecycle.engine"]._backfill_silently()


def uninstall_hook(env):
    """Take along the functions of the database; Odoo knows nothing of them."""
    env.cr.execute(
        "DROP FUNCTION IF EXISTS lifecycle_first_confirmations, lifecycle_wake"
    )
