from odoo import SUPERUSER_ID, api

OLD = "engagement_campaign.ir_cron_campaign_enter_daily"


def migrate(cr, version):
    """The engine looks every day who enters: the cron of campaigns has nothing to
    call any more, and as it is not to be updated, no update takes it away.
    """
    env = api.Environment(cr, SUPERUSER_ID, {})
    cron = env.ref(OLD, raise_if_not_found=False)
    if cron:
        action = cron.ir_actions_server_id
        cron.unlink()
        action.unlink()
