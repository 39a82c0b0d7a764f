from . import controllers, models
from .models.lifecycle_metrics_access import NETWORKS, TOKEN
from .tools.departures import drop_watches


def uninstall_hook(env):
    """Take along the triggers; without their table, nothing could be deleted. A token
    that was given away opens nothing when the addon comes back.
    """
    drop_watches(env.cr)
    keys = [TOKEN, NETWORKS]
    env["ir.config_parameter"].search([("key", "in", keys)]).unlink()
