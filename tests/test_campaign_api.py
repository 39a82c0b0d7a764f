"""Campaigns over both protocols: built, started and asked about from outside."""

import json
import re
import subprocess

import pytest

from .conftest import odoo_command
from .test_external_api import MAKE_KEY, Json2, Refused, XmlRpc

CAMPAIGN = "engagement.campaign"
SERVICE = "engagement.service"
KINDS = {
    "stage_entry": {"stage": "at_risk", "delay_hours": 24},
    "event": {"event_type": "payment_failed"},
    "milestone": {"milestone": "orders", "target": [5, 10]},
    "schedule": {"schedule": {"kind": "after_last_order", "days": 14}},
    "segment": {},
}
JSON = ("trigger_config", "email_sequence", "offer_config", "target_conditions")
# The server lives by the real clock: at night its messages would wait.
NEVER_QUIET = """
env["res.company"].search([]).write({"quiet_hours_start": 0, "quiet_hours_end": 0})
"""


@pytest.fixture(scope="module")
def key(scratch_database):
    """An API key of the administrator."""
    shell = odoo_command("shell", "-d", scratch_database, "--no-http")
    done = subprocess.run(
        shell, input=NEVER_QUIET + MAKE_KEY, capture_output=True, text=True, check=True
    )
    return re.search(r"KEY (\w+)", done.stdout)[1]


@pytest.fixture(scope="module", params=[XmlRpc, Json2])
def call(request, odoo_server, key):
    return request.param(odoo_server, key)


def _name(call, text):
    return f"{text}_{type(call).__name__.lower()}"


def _create(call, model, values):
    """XML-RPC has no names for what ``create`` takes."""
    if isinstance(call, XmlRpc):
        return call(model, "create", ids=[values])[0]
    return call(model, "create", vals_list=[values])[0]


def _template(call):
    [model] = call("ir.model", "search", domain=[["model", "=", "res.partner"]])
    values = {"name": "Milk", "model_id": model, "subject": "Milk"}
    values["body_html"] = "<p>Milk</p>"
    return _create(call, "mail.template", values)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("wrap", [lambda value: value, json.dumps])
def test_a_campaign_of_each_kind_is_built_of_json(call, kind, wrap):
    template = _template(call)
    values = {
        "trigger_config": {"trigger_type": kind, **KINDS[kind]},
        "email_sequence": [
            {"step": 1, "delay_hours": 0, "template_id": template, "channel": "email"},
            {"step": 2, "delay_hours": 48, "template_id": template, "channel": "email"},
        ],
        "offer_config": {"type": "discount", "value": 10, "code_prefix": "WINBACK"},
        "target_conditions": {"total_orders": 3},
    }
    code = f"{_name(call, kind)}_{wrap is json.dumps}"
    wrapped = {name: wrap(value) for name, value in values.items()}
    number = _create(call, CAMPAIGN, {"name": kind, "code": code, **wrapped})
    [found] = call(CAMPAIGN, "read", ids=[number], fields=[*JSON, "step_ids"])
    assert {name: found[name] for name in JSON} == values
    assert len(found["step_ids"]) == 2
    assert call(CAMPAIGN, "action_start", ids=[number]) is True
    assert call(CAMPAIGN, "get_steps", ids=[number]) == values["email_sequence"]


def test_shipped_playbooks_are_exported_and_imported(call):
    playbooks = call(SERVICE, "list_playbooks")
    assert len(playbooks) >= 15
    shipped = [p for p in playbooks if "_" in p["code"] and not p["is_active"]][:20]
    for playbook in shipped:
        [number] = call(
            CAMPAIGN, "search", domain=[["code", "=", playbook["code"]]], limit=1
        )
        data = call(CAMPAIGN, "export_json", ids=[number])
        data["code"] = _name(call, f"{playbook['code']}_twin")
        twin = call(CAMPAIGN, "import_json", data=data)
        [first, second] = (
            call(CAMPAIGN, "read", ids=[n], fields=list(JSON))[0]
            for n in (number, twin)
        )
        assert {**first, "id": 0} == {**second, "id": 0}


def test_a_customer_walks_a_playbook_from_outside(call):
    [number] = call(CAMPAIGN, "search", domain=[["code", "=", "churn_risk"]])
    call(CAMPAIGN, "action_start", ids=[number])
    values = {"name": "Walker", "email": "walker@example.com"}
    person = _create(call, "res.partner", values)
    first = call(SERVICE, "trigger_churn_risk", customer_id=person)
    again = call(SERVICE, "start_playbook", code="churn_risk", customer_id=person)
    assert first["created"] and not again["created"]
    assert first["enrollment_id"] == again["enrollment_id"]
    call(SERVICE, "execute_pending_steps")
    [row] = call(SERVICE, "get_executions", playbook="churn_risk", customer_id=person)
    assert (row["status"], row["steps_completed"]) == ("active", 1)
    assert call(SERVICE, "mark_converted", enrollment_id=row["id"], value=12.5)
    stats = call(SERVICE, "get_stats", playbook="churn_risk")
    assert stats["converted"] >= 1
    assert call(SERVICE, "cancel", enrollment_id=row["id"]) is False
    assert call(SERVICE, "get_discount_codes", customer_id=person) == []


@pytest.mark.parametrize(
    "values, word",
    [
        ({"trigger_config": "{"}, "trigger_config"),
        ({"trigger_config": {"trigger_type": "moon"}}, "stage_entry"),
        ({"email_sequence": [{"step": 1}]}, "delay_hours"),
        ({"email_sequence": [{"delay_hours": 1, "x": 1}]}, "email_sequence[0]"),
        ({"offer_config": {"type": "gold"}}, "discount"),
        ({"target_conditions": [["nothing", "=", 1]]}, "target_conditions"),
    ],
)
def test_what_is_wrong_is_named_and_not_written(call, values, word):
    before = call(CAMPAIGN, "search_count", domain=[["active", "in", [True, False]]])
    with pytest.raises(Refused) as refusal:
        _create(call, CAMPAIGN, {"name": "x", "code": "wrong", **values})
    assert word in str(refusal.value)
    assert refusal.value.status == call.USER_ERROR
    after = call(CAMPAIGN, "search_count", domain=[["active", "in", [True, False]]])
    assert after == before
