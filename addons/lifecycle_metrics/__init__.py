from . import controllers, models
from .tools.departures import drop_watches


def uninstall_hook(env):
    """Take along the triggers; without their table, nothing could be deleted."""
    drop_watches(env.cr)
