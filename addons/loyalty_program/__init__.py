from . import controllers
from . import models
from . import wizard


def uninstall_hook(env):
    """Take along the functions of the database; Odoo knows nothing of them."""
    env.cr.execute(
        "DROP FUNCTION IF EXISTS loyalty_lock_cards, loyalty_lock_member, loyalty_post"
    )
