"""Onboarding over both protocols: built, begun, walked and counted from outside."""

import json
import re
import subprocess

import pytest

from .conftest import odoo_command
from .test_campaign_api import NEVER_QUIET, _create, _name
from .test_external_api import MAKE_KEY, Json2, Refused, XmlRpc

SERVICE = "onboarding.service"
JOURNEY = "onboarding.journey"
# As the contract shows it; the tutorial is one that is there.
EXAMPLE = [
    {"id": "welcome", "name": "Welcome", "type": "email", "delay_hours": 0},
    {
        "id": "first_order",
        "name": "First Order",
        "type": "milestone",
        "target": "order_count >= 1",
    },
    {"id": "tutorial_1", "name": "Product Tutorial", "type": "content"},
]
STEPS = [
    {"id": "profile", "type": "milestone", "target": "profile_complete >= 1"},
    {"id": "tick", "type": "task"},
    {"id": "learn", "type": "content", "is_optional": True},
    {"id": "login", "type": "milestone", "target": "app_login >= 3"},
]
PROFILE = {"phone": "+8801712345678", "street": "Lake Road 7", "city": "Dhaka"}


@pytest.fixture(scope="module")
def key(scratch_database):
    shell = odoo_command("shell", "-d", scratch_database, "--no-http")
    done = subprocess.run(
        shell, input=NEVER_QUIET + MAKE_KEY, capture_output=True, text=True, check=True
    )
    return re.search(r"KEY (\w+)", done.stdout)[1]


@pytest.fixture(scope="module", params=[XmlRpc, Json2])
def call(request, odoo_server, key):
    return request.param(odoo_server, key)


def _with_tutorial(call, steps):
    [content] = call("onboarding.content", "search", domain=[], limit=1)
    return [
        {**step, "content_id": content} if step["type"] == "content" else step
        for step in steps
    ]


@pytest.fixture(scope="module")
def journey(call):
    """A journey of one's own, switched on, that stands in nobody's way."""
    code = _name(call, "first_steps")
    values = {"name": code, "code": code, "exclusive_group": False}
    values["steps"] = _with_tutorial(call, STEPS)
    number = _create(call, JOURNEY, values)
    assert call(JOURNEY, "action_start", ids=[number]) is True
    return code


def _person(call, name):
    values = {"name": name, "email": f"{_name(call, name)}@example.com"}
    return _create(call, "res.partner", values)


@pytest.mark.parametrize("wrap", [lambda value: value, json.dumps])
def test_the_example_loads_verbatim(call, wrap):
    steps = _with_tutorial(call, EXAMPLE)
    code = f"{_name(call, 'example')}_{wrap is json.dumps}"
    values = {"name": code, "code": code, "steps": wrap(steps)}
    number = _create(call, JOURNEY, values)
    [found] = call(JOURNEY, "read", ids=[number], fields=["steps", "total_steps"])
    assert (found["steps"], found["total_steps"]) == (steps, 3)
    assert call(JOURNEY, "get_steps", ids=[number]) == steps
    call(JOURNEY, "write", ids=[number], vals={"steps": wrap([])})
    assert call(JOURNEY, "get_steps", ids=[number]) == []
    with pytest.raises(Refused) as refused:
        call(JOURNEY, "action_start", ids=[number])
    assert "no steps" in str(refused.value)


def test_begun_walked_completed_and_counted(call, journey):
    person = _person(call, "Rahima")
    assert call(SERVICE, "get_progress", customer_id=person) is False
    _begin(call, person, journey)
    _walk(call, person)
    found = call(SERVICE, "get_progress", customer_id=person)
    names = ("completed_steps", "skipped_steps", "completion_rate")
    assert [found[name] for name in names] == [["tick"], ["learn"], 25]
    _reach_the_end(call, person)
    found = call(SERVICE, "get_progress", customer_id=person)
    assert (found["status"], found["completion_rate"]) == ("completed", 75)
    assert found["completed_steps"] == ["profile", "tick", "login"]
    _check_counted(call, journey)


def _check_counted(call, journey):
    stats = call(SERVICE, "get_stats", journey_code=journey)
    figures = [stats[name] for name in ("started", "completed", "completion_rate")]
    assert figures == [1, 1, 100]
    assert [step["completed"] for step in stats["steps"]] == [1, 1, 0, 1]
    assert call(SERVICE, "get_stats")["started"] >= 1


def _begin(call, person, journey):
    """Once or twice makes no difference."""
    about = {"customer_id": person, "journey_code": journey}
    first = call(SERVICE, "start_onboarding", **about)
    again = call(SERVICE, "start_onboarding", **about)
    names = ("status", "created", "reason")
    assert [first[name] for name in names] == ["in_progress", True, ""]
    assert again == {**first, "created": False}


def _walk(call, person):
    done = {"customer_id": person, "step_id": "tick"}
    assert [call(SERVICE, "complete_step", **done) for _each in range(2)] == [True] * 2
    assert call(SERVICE, "complete_step", customer_id=person, step_id="login") is False
    assert call(SERVICE, "skip_step", customer_id=person, step_id="learn") is True


def _reach_the_end(call, person):
    """The profile is what it says; days with a login another system reports."""
    [country] = call("res.country", "search", domain=[["code", "=", "BD"]])
    milestone = {"customer_id": person, "milestone_type": "profile_complete"}
    assert call(SERVICE, "handle_milestone", **milestone, value=1) == []
    values = {**PROFILE, "country_id": country}
    call("res.partner", "write", ids=[person], vals=values)
    assert call(SERVICE, "handle_milestone", **milestone) == ["profile"]
    milestone["milestone_type"] = "app_login"
    assert call(SERVICE, "handle_milestone", **milestone, value=2) == []
    assert call(SERVICE, "handle_milestone", **milestone, value=3) == ["login"]


@pytest.mark.parametrize(
    "method, arguments, word",
    [
        ("start_onboarding", {"journey_code": "moon"}, "journey_code"),
        ("complete_step", {"step_id": "moon"}, "profile, tick, learn, login"),
        (
            "complete_step",
            {"step_id": "learn", "data": {"time_spent_seconds": -1}},
            "data.time_spent_seconds",
        ),
        ("complete_step", {"step_id": "learn", "data": {"cows": 1}}, "cows"),
        ("skip_step", {"step_id": 5}, "step_id"),
        ("handle_milestone", {"milestone_type": "cows"}, "order_count"),
        ("handle_milestone", {"milestone_type": "app_login", "value": -1}, "value"),
    ],
)
def test_what_is_wrong_is_named_and_not_done(call, journey, method, arguments, word):
    person = _person(call, f"{method}_{word[:3]}")
    call(SERVICE, "start_onboarding", customer_id=person, journey_code=journey)
    before = call(SERVICE, "get_progress", customer_id=person)
    with pytest.raises(Refused) as refused:
        call(SERVICE, method, customer_id=person, **arguments)
    assert word in str(refused.value)
    assert refused.value.status == call.USER_ERROR
    assert call(SERVICE, "get_progress", customer_id=person) == before


def test_no_tutorial_is_looked_at_for_thirty_years(call, journey):
    person = _person(call, "Patient")
    call(SERVICE, "start_onboarding", customer_id=person, journey_code=journey)
    data = {"time_spent_seconds": 10**9, "content_viewed": 1}
    call(SERVICE, "complete_step", customer_id=person, step_id="learn", data=data)
    steps = call(SERVICE, "get_progress", customer_id=person)["steps"]
    [learn] = [step for step in steps if step["id"] == "learn"]
    assert (learn["time_spent_seconds"], learn["content_viewed"]) == (3600, 1)


@pytest.mark.parametrize(
    "step, word",
    [
        ({"id": "x", "type": "milestone", "target": "order_count"}, "steps[0].target"),
        ({"id": "x", "type": "milestone", "target": "1; DROP TABLE"}, "order_count"),
        ({"id": "x", "type": "milestone"}, "target"),
        ({"id": "x", "type": "fax"}, "email, push, sms"),
        ({"type": "task"}, "id"),
        ({"id": "x", "type": "task", "cows": 1}, "cows"),
    ],
)
def test_a_journey_that_makes_no_sense_is_not_written(call, step, word):
    before = call(JOURNEY, "search_count", domain=[])
    with pytest.raises(Refused) as refused:
        _create(call, JOURNEY, {"name": "x", "code": "wrong", "steps": [step]})
    assert word in str(refused.value)
    assert refused.value.status == call.USER_ERROR
    assert call(JOURNEY, "search_count", domain=[]) == before
