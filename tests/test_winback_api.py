"""Win-back over both protocols: built, started and asked about from outside."""

import json
import re
import subprocess

import pytest

from .conftest import odoo_command
from .test_campaign_api import NEVER_QUIET, _create, _name, _template
from .test_external_api import MAKE_KEY, Json2, Refused, XmlRpc

CAMPAIGN = "winback.campaign"
SERVICE = "winback.service"
# Customers who ordered sixty days ago, some of them much.
LAPSED = """
from datetime import datetime, timedelta
from odoo.addons.customer_lifecycle.tests.history import insert_orders, insert_partners
day = datetime.now().replace(microsecond=0) - timedelta(days=60)
ids = insert_partners(env, [f"Lapsed {n}" for n in range(6)])
insert_orders(env, [(p, day, 10 * (n + 1)) for n, p in enumerate(ids)])
env["lifecycle.engine"].backfill(datetime.now().replace(microsecond=0))
env.cr.commit()
"""


@pytest.fixture(scope="module")
def key(scratch_database):
    """An API key of the administrator of a shop with lapsed customers."""
    shell = odoo_command("shell", "-d", scratch_database, "--no-http")
    done = subprocess.run(
        shell,
        input=LAPSED + NEVER_QUIET + MAKE_KEY,
        capture_output=True,
        text=True,
        check=True,
    )
    return re.search(r"KEY (\w+)", done.stdout)[1]


@pytest.fixture(scope="module", params=[XmlRpc, Json2])
def call(request, odoo_server, key):
    return request.param(odoo_server, key)


def _sequence(call):
    mail = {"template_id": _template(call), "channel": "email"}
    return [
        {"step": 1, "delay_hours": 0, **mail},
        {"step": 2, "delay_hours": 48, **mail},
    ]


@pytest.mark.parametrize("wrap", [lambda value: value, json.dumps])
def test_a_campaign_is_built_of_json(call, wrap):
    values = {
        "email_sequence": _sequence(call),
        "exclude_conditions": [["clv_segment", "=", "vip"]],
    }
    code = f"{_name(call, 'winback')}_{wrap is json.dumps}"
    wrapped = {name: wrap(value) for name, value in values.items()}
    plain = {"name": code, "code": code, "offer_type": "discount_percent"}
    number = _create(call, CAMPAIGN, {**plain, "offer_value": 12, **wrapped})
    names = [*values, "offer_value", "offer_validity_days", "min_days_inactive"]
    [found] = call(CAMPAIGN, "read", ids=[number], fields=names)
    assert {name: found[name] for name in values} == values
    assert (found["offer_value"], found["offer_validity_days"]) == (12, 14)
    assert call(CAMPAIGN, "get_steps", ids=[number]) == values["email_sequence"]


def test_customers_are_asked_back_from_outside(call):
    code = _name(call, "story")
    # Whom the other protocol asked is being wooed already; two others are left.
    values = {
        "name": code,
        "code": code,
        "holdout_percent": 0,
        "daily_limit": 2,
        "email_sequence": _sequence(call),
    }
    number = _create(call, CAMPAIGN, values)
    look = call(SERVICE, "identify_candidates", campaign_id=number)
    assert look["starting"] == 2
    kept_out = sum(row["count"] for row in look["filters"])
    assert kept_out + look["candidates"] == look["customers"]
    richest = [row["customer_id"] for row in look["top"][:2]]
    with pytest.raises(Refused):
        call(SERVICE, "start_attempts", campaign_id=number)
    assert call(CAMPAIGN, "action_start", ids=[number]) is True
    started = call(SERVICE, "start_attempts", campaign_id=number, limit=5)
    assert (started["started"], started["control"]) == (2, 0)
    assert call(SERVICE, "start_attempts", campaign_id=number)["started"] == 0
    _are_wooed(call, started["attempt_ids"], richest)
    _comes_back(call, number, richest[0])


def _are_wooed(call, ids, customers):
    fields = ["customer_id", "status", "attempt_number", "offer_code", "current_step"]
    rows = call("winback.attempt", "read", ids=ids, fields=fields)
    assert sorted(row["customer_id"][0] for row in rows) == sorted(customers)
    assert {row["status"] for row in rows} == {"active"}


def _comes_back(call, number, customer):
    order = _create(call, "sale.order", {"partner_id": customer})
    assert call(SERVICE, "process_order", order_id=order)["reason"] == "not_confirmed"
    call("sale.order", "action_confirm", ids=[order])
    won = call(SERVICE, "process_order", order_id=order)
    assert won["won_back"] is True
    assert call(SERVICE, "process_order", order_id=order) == won
    stats = call(SERVICE, "get_stats", campaign_id=number)
    assert (stats["targeted"], stats["won_back"], stats["won_back_rate"]) == (2, 1, 100)
    assert stats["lift"]["treated"]["size"] == 2
    board = call(SERVICE, "get_dashboard")
    [row] = [row for row in board["campaigns"] if row["id"] == number]
    assert (row["targeted"], row["won_back"]) == (2, 1)
    found = call(CAMPAIGN, "get_statistics", ids=[number])
    assert found["total_won_back"] == 1


@pytest.mark.parametrize(
    "values, word",
    [
        ({"email_sequence": "{"}, "email_sequence"),
        ({"email_sequence": []}, "email_sequence"),
        ({"email_sequence": [{"delay_hours": 1, "x": 1}]}, "email_sequence[0]"),
        ({"exclude_conditions": [["nothing", "=", 1]]}, "exclude_conditions"),
        ({"offer_type": "gold"}, "discount_percent"),
        ({"offer_type": "discount_fixed"}, "offer_value"),
        ({"min_days_inactive": 200}, "min_days_inactive"),
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


@pytest.mark.parametrize(
    "method, arguments, word",
    [
        ("identify_candidates", {"campaign_id": 2**30}, "campaign_id"),
        ("identify_candidates", {"campaign_id": "x"}, "campaign_id"),
        ("process_order", {"order_id": -1}, "order_id"),
        ("get_dashboard", {"date_from": "yesterday"}, "date_from"),
    ],
)
def test_bad_arguments_are_named(call, method, arguments, word):
    with pytest.raises(Refused) as refusal:
        call(SERVICE, method, **arguments)
    assert word in str(refusal.value)
    assert refusal.value.status == call.USER_ERROR
