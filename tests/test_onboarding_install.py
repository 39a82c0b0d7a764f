"""Onboarding comes to a shop, leads somebody, and goes without a trace."""

import pytest

from .modules import module, odoo
from .test_faults import query

ADDON = "onboarding_journey"
WALK = """
env["res.company"].search([]).write(
    {"quiet_hours_start": 0, "quiet_hours_end": 0, "onboarding_on_signup": True})
template = env.ref("onboarding_journey.mail_template_step")
content = env["onboarding.content"].create({"title": "T", "body": "<p>T</p>"})
person = env["res.partner"].create({"name": "R", "email": "r@example.com"})
journey = env["onboarding.journey"].create({
    "name": "J", "code": "gone", "completion_template_id": template.id,
    "exclusive_group": False,
    "steps": [
        {"id": "hello", "type": "email", "template_id": template.id},
        {"id": "learn", "type": "content", "content_id": content.id},
        {"id": "tick", "type": "task", "is_optional": True},
    ]})
journey.action_start()
twin = journey.copy()
other = env["res.company"].create({"name": "Other"})
env["onboarding.journey"]._ship(other)
service = env["onboarding.service"]
found = service.start_onboarding(person.id, "gone")
env["journey.scheduler"].process_due()
service.complete_step(person.id, "learn", {"time_spent_seconds": 30})
service.skip_step(person.id, "tick")
env["journey.scheduler"].process_due()
late = env["res.partner"].create({"name": "Late", "email": "late@example.com"})
# Under way when the addon goes: it must not stand in the way of other journeys.
assert service.start_onboarding(late.id, "welcome")["created"]
while pending := env["lifecycle.event"].search([("is_pending", "=", True)]):
    env["lifecycle.event.retry"]._dispatch(pending)
assert service.get_progress(person.id)["status"] == "completed"
env.cr.commit()
"""
OURS = "^(onboarding_(journey|content|step)|customer_onboarding)"
LEFT = {
    "tables": f"SELECT tablename FROM pg_tables WHERE tablename ~ '{OURS}'",
    "columns": "SELECT column_name FROM information_schema.columns"
    " WHERE table_name = 'res_company' AND column_name ~ '^onboarding_on_'",
    "models": "SELECT model FROM ir_model"
    " WHERE model ~ '^(onboarding[.](?!onboarding|progress)|customer[.]onboarding)'",
    "crons": "SELECT cron_name FROM ir_cron WHERE cron_name ~* 'onboarding'",
    "views": "SELECT key FROM ir_ui_view WHERE key ~ '^onboarding_journey'",
    "xml ids": "SELECT name FROM ir_model_data WHERE module = 'onboarding_journey'",
    "assets": "SELECT name FROM ir_asset WHERE path ~ 'onboarding_journey'",
    "slots": "SELECT id FROM journey_slot WHERE run_model ~ 'onboarding'",
}
LOG = "SELECT count(*) FROM journey_delivery WHERE run_model = 'customer.onboarding'"
TIMELINE = (
    "SELECT count(*) FROM lifecycle_event WHERE event_type ~ '^onboarding_'"
    " AND NOT is_pending"
)
SHIPPED = "SELECT count(*) FROM onboarding_journey WHERE is_active AND code = 'welcome'"


@pytest.fixture(scope="module")
def told(scratch_database):
    """What was there before, and what is left."""
    name = scratch_database
    module("install", name, ADDON)
    odoo("shell", "-d", name, "--no-http", input=WALK)
    before = [query(name, text) for text in (LOG, TIMELINE)]
    module("uninstall", name, ADDON)
    left = {kind: query(name, text) for kind, text in LEFT.items()}
    after = [query(name, text) for text in (LOG, TIMELINE)]
    return {"before": before, "left": left, "after": after}


def test_it_goes_without_a_trace(told):
    assert not any(told["left"].values()), told["left"]


def test_what_was_sent_and_what_happened_stays_known(told):
    [[(sent,)], [(happened,)]] = told["before"]
    assert sent == 2
    assert happened == 3
    assert told["after"] == told["before"]


def test_it_comes_back_for_every_company(told, scratch_database):
    module("install", scratch_database, ADDON)
    companies = query(scratch_database, "SELECT count(*) FROM res_company")
    assert query(scratch_database, SHIPPED) == companies
