"""Win-back comes to a shop, asks back, and goes without a trace."""

import pytest

from .modules import module, odoo
from .test_faults import query
from .test_feedback_install import JOURNEYS
from .test_winback_api import LAPSED

ADDON = "winback"
ASK = """
env["res.company"].search([]).write({"quiet_hours_start": 0, "quiet_hours_end": 0})
env["res.partner"].browse(ids).write({"email": "lapsed@example.com"})
env["customer.consent"]._record(
    env["res.partner"].browse(ids), "email", "granted", source="staff")
campaign = env["winback.campaign"].create({
    "name": "Back", "code": "gone", "holdout_percent": 0,
    "offer_type": "discount_percent", "offer_value": 10})
campaign.step_ids[0].includes_offer = True
campaign.action_start()
found = env["winback.service"].start_attempts(campaign.id, 4)
assert found["started"] == 4, found
env["journey.scheduler"].process_due()
attempts = env["winback.attempt"].browse(found["attempt_ids"])
assert all(attempts.delivery_ids.mapped("card_id")), attempts.delivery_ids.read()
order = env["sale.order"].create({"partner_id": attempts[0].customer_id.id})
order.action_confirm()
won = env["winback.service"].process_order(order.id)
assert won["won_back"], won
while pending := env["lifecycle.event"].search([("is_pending", "=", True)]):
    env["lifecycle.event.retry"]._dispatch(pending)
env["winback.service"].get_dashboard()
env.cr.commit()
"""
LEFT = {
    "tables": "SELECT tablename FROM pg_tables WHERE tablename ~ '^winback_'",
    "columns": "SELECT table_name, column_name FROM information_schema.columns"
    " WHERE column_name ~ 'winback' AND table_name <> 'lifecycle_policy'",
    "models": "SELECT model FROM ir_model WHERE model ~ '^winback[.]'",
    "fields": "SELECT model, name FROM ir_model_fields WHERE relation ~ '^winback[.]'",
    "crons": "SELECT cron_name FROM ir_cron WHERE cron_name ~* 'win-?back'",
    "xml ids": "SELECT name FROM ir_model_data WHERE module = 'winback'",
    "menus": "SELECT id FROM ir_ui_menu WHERE name->>'en_US' ~* 'win-?back'",
    "views": "SELECT id FROM ir_ui_view WHERE model ~ '^winback[.]'",
    "places": "SELECT id FROM journey_slot WHERE run_model ~ '^winback[.]'",
    "queued": "SELECT id FROM journey_delivery WHERE run_model ~ '^winback[.]'"
    " AND state IN ('queued', 'held')",
    "mails": "SELECT d.id FROM journey_delivery d JOIN mail_mail m"
    " ON m.id = d.mail_mail_id WHERE d.run_model ~ '^winback[.]'"
    " AND m.state = 'outgoing'",
    "activities": "SELECT id FROM mail_activity WHERE res_model ~ '^winback[.]'",
}
CALLED_BACK = "SELECT count(*) FROM journey_delivery WHERE reason = 'uninstalled'"
SHIPPED = """
    SELECT code, is_active IS TRUE FROM winback_campaign WHERE company_id = 1"""


@pytest.fixture(scope="module")
def told(scratch_database):
    """What was there before, and what is left."""
    module("install", scratch_database, ADDON)
    odoo("shell", "-d", scratch_database, "--no-http", input=LAPSED + ASK)
    before = query(scratch_database, JOURNEYS)
    module("uninstall", scratch_database, ADDON)
    left = {kind: query(scratch_database, text) for kind, text in LEFT.items()}
    return {
        "before": before,
        "left": left,
        "after": query(scratch_database, JOURNEYS),
        "called back": query(scratch_database, CALLED_BACK),
    }


def test_it_goes_without_a_trace(told):
    assert not any(told["left"].values()), told["left"]


def test_the_log_of_messages_stays(told):
    assert told["before"][0][0] >= 4
    assert told["after"] == told["before"]


def test_what_was_still_in_the_queue_does_not_leave(told):
    # Of the four, one had ordered.
    assert told["called back"] == [(3,)]


def test_it_comes_back(told, scratch_database):
    module("install", scratch_database, ADDON)
    assert query(scratch_database, SHIPPED) == [("winback_lapsed", False)]
