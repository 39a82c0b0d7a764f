"""Surveys come to a shop, ask, and go without a trace."""

import pytest

from .modules import module, odoo
from .test_faults import query

ADDON = "nps_feedback"
ASK = """
env["res.company"].search([]).write({"quiet_hours_start": 0, "quiet_hours_end": 0})
seller = env.ref("base.user_admin")
person = env["res.partner"].create(
    {"name": "R", "email": "r@example.com", "user_id": seller.id})
survey = env["nps.survey"].create(
    {"name": "S", "code": "gone", "target_domain": "[]", "is_active": True})
found = env["nps.service"].send_survey("gone", person.id)
env["journey.scheduler"].process_due()
token = env["nps.link"]._token(env["nps.invitation"].browse(found["invitation_id"]))
env["nps.service"].submit_response(token, 2, "Sour")
env["nps.service"].submit_csat("support", 1, 2, customer_id=person.id)
while pending := env["lifecycle.event"].search([("is_pending", "=", True)]):
    env["lifecycle.event.retry"]._dispatch(pending)
assert env["nps.case"].search([]).activity_ids
env.cr.commit()
"""
LEFT = {
    "tables": "SELECT tablename FROM pg_tables WHERE tablename ~ '^(nps|csat)_'",
    "columns": "SELECT column_name FROM information_schema.columns"
    " WHERE column_name ~ '^(nps|csat)_'",
    "models": "SELECT model FROM ir_model WHERE model ~ '^(nps|csat)[.]'",
    "crons": "SELECT cron_name FROM ir_cron WHERE cron_name ~ 'survey'",
    "xml ids": "SELECT name FROM ir_model_data WHERE module ~ '^nps_feedback'",
    "places": "SELECT id FROM journey_slot WHERE run_model ~ '^nps[.]'",
    "activities": "SELECT id FROM mail_activity WHERE res_model ~ '^nps'",
}
JOURNEYS = "SELECT count(*) FROM journey_delivery"


@pytest.fixture(scope="module")
def told(scratch_database):
    """What was there before, and what is left."""
    module("install", scratch_database, ADDON)
    odoo("shell", "-d", scratch_database, "--no-http", input=ASK)
    before = query(scratch_database, JOURNEYS)
    module("uninstall", scratch_database, ADDON)
    left = {kind: query(scratch_database, text) for kind, text in LEFT.items()}
    return {"before": before, "left": left, "after": query(scratch_database, JOURNEYS)}


def test_it_goes_without_a_trace(told):
    assert not any(told["left"].values()), told["left"]


def test_the_log_of_messages_stays(told):
    assert told["before"][0][0] >= 1
    assert told["after"] == told["before"]


def test_it_comes_back(told, scratch_database):
    module("install", scratch_database, ADDON)
    assert query(scratch_database, "SELECT count(*) FROM nps_survey")[0][0] >= 4
