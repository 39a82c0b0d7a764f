from odoo.modules.migration import exec_script
from odoo.tests import TransactionCase, tagged
from odoo.tools import file_path

OLD = "ir_cron_campaign_enter_daily"
SCRIPT = "engagement_campaign/migrations/19.0.1.0.1/post-migration.py"


@tagged("post_install", "-at_install")
class TestMigration(TransactionCase):
    """What older databases hold and nobody needs any more."""

    def _migrate(self):
        addon = "engagement_campaign"
        exec_script(self.cr, "19.0.1.0.0", file_path(SCRIPT), addon, "post")

    def test_the_dead_cron_goes_with_what_it_did(self):
        crons = self.env["ir.cron"].with_context(active_test=False)
        before = crons.search([])
        cron = crons.create(
            {
                "name": "Customer Lifecycle: campaigns by date and segment",
                "model_id": self.env["ir.model"]._get_id("engagement.campaign"),
                "state": "code",
                "code": "model._cron_enter_daily()",
            }
        )
        action = cron.ir_actions_server_id
        name = self.env["ir.model.data"].create(
            {
                "module": "engagement_campaign",
                "name": OLD,
                "model": "ir.cron",
                "res_id": cron.id,
                "noupdate": True,
            }
        )
        self._migrate()
        self.assertFalse(cron.exists())
        self.assertFalse(action.exists())
        self.assertFalse(name.exists())
        self.assertEqual(crons.search([]), before)

    def test_a_database_without_it_stays_as_it_is(self):
        crons = self.env["ir.cron"].with_context(active_test=False)
        before = crons.search([])
        self._migrate()
        self.assertEqual(crons.search([]), before)
