from . import controllers, models, wizard


def post_init_hook(env):
    """Give every company the usual caps."""
    env["contact.frequency.cap"]._ensure(env["res.company"].search([("id", ">", 0)]))


def uninstall_hook(env):
    """Let the topics go before the mailings that were about them, which stay."""
    env["mailing.mailing"].with_context(active_test=False).search(
        [("contact_topic_id", "!=", False)]
    ).contact_topic_id = False
