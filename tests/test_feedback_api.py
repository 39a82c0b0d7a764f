"""Surveys over both protocols: built, asked, answered and counted from outside."""

import json
import re
import subprocess
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests

from .conftest import odoo_command
from .test_campaign_api import NEVER_QUIET, _create, _name
from .test_external_api import MAKE_KEY, Json2, Refused, XmlRpc

SERVICE = "nps.service"
SURVEY = "nps.survey"
EXAMPLES = {
    "post_order": {"delay_hours": 24, "sample_percent": 100},
    "periodic": {"every_days": 90},
    "milestone": {"order_count": 5},
}
# What only the system may do: the link is for the customer alone.
TOKEN = """
invitation = env["nps.invitation"].browse({number})
print("TOKEN", env["nps.link"]._token(invitation))
"""


def _shell(database, code):
    shell = odoo_command("shell", "-d", database, "--no-http")
    done = subprocess.run(shell, input=code, capture_output=True, text=True, check=True)
    return done.stdout


def _token(database, invitation):
    told = _shell(database, TOKEN.format(number=invitation))
    return re.search(r"TOKEN (\S+)", told)[1]


@pytest.fixture(scope="module")
def key(scratch_database):
    return re.search(r"KEY (\w+)", _shell(scratch_database, NEVER_QUIET + MAKE_KEY))[1]


@pytest.fixture(scope="module", params=[XmlRpc, Json2])
def call(request, odoo_server, key):
    return request.param(odoo_server, key)


@pytest.fixture(scope="module")
def survey(call):
    code = _name(call, "everybody")
    number = _create(call, SURVEY, {"name": code, "code": code, "target_domain": "[]"})
    assert call(SURVEY, "action_start", ids=[number]) is True
    return code


@pytest.mark.parametrize("kind", EXAMPLES)
@pytest.mark.parametrize("wrap", [lambda value: value, json.dumps])
def test_examples_load_verbatim(call, kind, wrap):
    code = f"{_name(call, kind)}_{wrap is json.dumps}"
    values = {"trigger_type": kind, "trigger_config": wrap(EXAMPLES[kind])}
    number = _create(call, SURVEY, {"name": kind, "code": code, **values})
    [found] = call(SURVEY, "read", ids=[number], fields=["trigger_config"])
    assert found["trigger_config"] == EXAMPLES[kind]
    with pytest.raises(Refused) as refused:
        call(SURVEY, "write", ids=[number], vals={"trigger_config": {"cows": 5}})
    assert "cows" in str(refused.value)


def test_asked_answered_counted_and_closed(call, survey, scratch_database):
    person = _create(
        call, "res.partner", {"name": "Rahima", "email": "rahima@example.com"}
    )
    about = {"survey_code": survey, "customer_id": person}
    asked = call(SERVICE, "send_survey", **about, data={})
    assert (asked["decision"], asked["reason"], asked["until"]) == ("send", "", False)
    again = call(SERVICE, "send_survey", **about)
    assert (again["decision"], again["reason"]) == ("skip", "running")
    token = _token(scratch_database, asked["invitation_id"])
    for score in (11, -1, "9", ""):
        with pytest.raises(Refused) as refused:
            call(SERVICE, "submit_response", token=token, score=score)
        assert "score" in str(refused.value)
    answer = {"token": token, "score": 9, "comment": "Lovely"}
    found = call(SERVICE, "submit_response", **answer)
    assert (found["result"], found["category"]) == ("recorded", "promoter")
    assert call(SERVICE, "submit_response", **answer)["result"] == "unchanged"
    _check_counted(call, survey, person)


def _check_counted(call, survey, person):
    """The answer is in every figure, and the customer may rate something, too."""
    domain = [["survey_id.code", "=", survey]]
    figures = call(SERVICE, "calculate_nps", domain=domain)
    assert (figures["nps"], figures["responses"], figures["margin"]) == (100, 1, False)
    assert call(SERVICE, "get_trend", interval="week", domain=domain)[-1]["nps"] == 100
    words = call(SERVICE, "get_verbatims", search="Lovely")
    assert "Lovely" in [row["text"] for row in words["rows"]]
    assert call(SERVICE, "get_dashboard")["nps"]["responses"] >= 1
    rated = call(
        SERVICE,
        "submit_csat",
        context_type="support",
        context_id=1,
        score=4,
        customer_id=person,
    )
    assert rated["result"] == "recorded"


def test_twenty_clicks_at_once_are_one_answer(
    call, survey, odoo_server, scratch_database
):
    person = _create(
        call, "res.partner", {"name": "Salma", "email": "salma@example.com"}
    )
    asked = call(SERVICE, "send_survey", survey_code=survey, customer_id=person)
    token = _token(scratch_database, asked["invitation_id"])

    def click(_number):
        page = f"{odoo_server.url}/feedback/{token}"
        return requests.post(page, data={"score": "2"}, timeout=120).status_code

    with ThreadPoolExecutor(20) as people:
        assert set(people.map(click, range(20))) == {200}
    for model, by in (
        ("nps.response", [["invitation_id", "=", asked["invitation_id"]]]),
        ("lifecycle.event", _answers_of(person)),
    ):
        assert call(model, "search_count", domain=by) == 1, model


def _answers_of(person):
    return [["customer_id", "=", person], ["event_type", "=", "survey_answered"]]


def test_nothing_is_false_and_not_zero(call):
    found = call(SERVICE, "calculate_nps", date_from="2001-01-01", date_to="2001-01-31")
    assert found["nps"] is False
    assert found["responses"] == 0
