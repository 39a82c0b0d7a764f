"""The engine from outside: both protocols, every method, and what they refuse.

A real server on a database of its own. What a call may not do, it has not done: the
tables are compared before and after.
"""

import json
import os
import re
import subprocess
import sys
import urllib.error
import urllib.request
import xmlrpc.client
from contextlib import closing
from datetime import date, datetime, timedelta
from pathlib import Path

import psycopg2
import pytest

from .conftest import OdooServer, odoo_command

CLIENTS = Path(__file__).parent / "clients"
MAKE_KEY = (
    "from datetime import datetime, timedelta;"
    "keys = env['res.users.apikeys'].with_user(env.ref('base.user_admin'));"
    "print('KEY', keys._generate('rpc', 'tests', datetime.now() + timedelta(1)));"
    "env.cr.commit()"
)
# Days of silence since each of three orders, twenty days apart.
SHOP = {"Alma Active": 5, "Rita Risky": 45, "Dora Dormant": 70, "Lena Lapsed": 200}
LIFECYCLE = "customer.lifecycle"
TABLES = (
    "customer_lifecycle",
    "lifecycle_stage_history",
    "lifecycle_event",
    "lifecycle_policy",
    "sale_order",
    "res_partner",
)


class Refused(Exception):
    """What a client is told instead of a result."""

    def __init__(self, status, message):
        super().__init__(message)
        self.status = status


class XmlRpc:
    """Calls by XML-RPC; ``status`` of a refusal is the fault code."""

    USER_ERROR, ACCESS_ERROR, MISSING = 2, 4, 2

    def __init__(self, server, key):
        self.database, self.key = server.database, key
        self.server = xmlrpc.client.ServerProxy(f"{server.url}/xmlrpc/2/object")
        common = xmlrpc.client.ServerProxy(f"{server.url}/xmlrpc/2/common")
        self.uid = common.authenticate(self.database, "admin", key, {})

    def __call__(self, model, method, ids=None, **arguments):
        positional = [] if ids is None else [ids]
        request = (self.database, self.uid, self.key, model, method)
        try:
            return self.server.execute_kw(*request, positional, arguments)
        except xmlrpc.client.Fault as fault:
            raise Refused(fault.faultCode, fault.faultString) from None


class Json2:
    """Calls by JSON-2; ``status`` of a refusal is the HTTP status."""

    USER_ERROR, ACCESS_ERROR, MISSING = 422, 403, 404

    def __init__(self, server, key):
        self.url, self.database, self.key = server.url, server.database, key

    def __call__(self, model, method, ids=None, **arguments):
        if ids is not None:
            arguments["ids"] = ids
        request = urllib.request.Request(
            f"{self.url}/json/2/{model}/{method}",
            json.dumps(arguments).encode(),
            {
                "Authorization": f"bearer {self.key}",
                "Content-Type": "application/json",
                "X-Odoo-Database": self.database,
            },
        )
        try:
            with urllib.request.urlopen(request) as reply:
                return json.load(reply)
        except urllib.error.HTTPError as error:
            raise Refused(error.code, json.load(error)["message"]) from None


@pytest.fixture(scope="module")
def log_file(tmp_path_factory):
    return tmp_path_factory.mktemp("log") / "odoo.log"


@pytest.fixture(scope="module")
def server(scratch_database, log_file):
    """A server that logs what it is asked, to a file."""
    asked = ["--log-handler", "odoo.addons.customer_lifecycle:DEBUG"]
    asked += ["--log-handler", "odoo.service.model:DEBUG"]
    server = OdooServer(scratch_database, "--logfile", str(log_file), *asked).start()
    yield server
    server.stop()


@pytest.fixture(scope="module")
def key(scratch_database):
    """An API key of the administrator."""
    shell = odoo_command("shell", "-d", scratch_database, "--no-http")
    done = subprocess.run(
        shell, input=MAKE_KEY, capture_output=True, text=True, check=True
    )
    return re.search(r"KEY (\w+)", done.stdout)[1]


@pytest.fixture(scope="module")
def shop(server, key):
    """{name: partner id} of customers in four stages, made over the network."""
    call = Json2(server, key)
    [product] = call("product.product", "create", vals_list=[{"name": "Milk"}])
    found = {}
    for name, silence in SHOP.items():
        found[name] = _create(call, "res.partner", name=name)
        for days in (silence, silence + 20, silence + 40):
            _create_order(call, found[name], product, days)
    found["Archibald"] = _create(call, "res.partner", name="Archibald", active=False)
    found |= _create_merged(call) | _create_foreign(call)
    call("lifecycle.engine", "backfill")
    return found


def _create(call, model, **values):
    return call(model, "create", vals_list=[values])[0]


def _create_order(call, partner, product, days):
    order = _create(
        call,
        "sale.order",
        partner_id=partner,
        order_line=[[0, 0, {"product_id": product, "price_unit": 100, "tax_ids": []}]],
    )
    call("sale.order", "action_confirm", ids=[order])
    moment = f"{date.today() - timedelta(days)} 12:00:00"
    call("sale.order", "write", ids=[order], vals={"date_order": moment})


def _create_merged(call):
    """A customer who turned out to be another one, and is no more."""
    twins = [_create(call, "res.partner", name="Twin", email="t@t.com") for _i in "ab"]
    wizard = _create(
        call,
        "base.partner.merge.automatic.wizard",
        partner_ids=[[6, 0, twins]],
        dst_partner_id=twins[0],
    )
    call("base.partner.merge.automatic.wizard", "action_merge", ids=[wizard])
    return {"Twin": twins[0], "merged": twins[1]}


def _create_foreign(call):
    """A customer of a company that the administrator does not work in."""
    company = _create(call, "res.company", name="Elsewhere")
    admin = call("res.users", "search", domain=[["login", "=", "admin"]])
    call("res.users", "write", ids=admin, vals={"company_ids": [[4, company]]})
    both = {"allowed_company_ids": [company]}
    partner = call(
        "res.partner",
        "create",
        vals_list=[{"name": "Foreigner", "company_id": company}],
        context=both,
    )[0]
    call("res.users", "write", ids=admin, vals={"company_ids": [[3, company]]})
    return {"foreign": partner}


@pytest.fixture(scope="module", params=[XmlRpc, Json2])
def call(request, server, key, shop):
    return request.param(server, key)


@pytest.fixture
def engine(call):
    """Call a method of the engine: ``engine("explain", customer_id=1)``."""
    return lambda method, **arguments: call("lifecycle.engine", method, **arguments)


@pytest.fixture
def untouched(scratch_database, shop):
    """Fail the test when it leaves any table different."""
    before = _digest(scratch_database)
    yield
    assert _digest(scratch_database) == before


def _digest(database):
    query = " UNION ALL ".join(
        f"SELECT '{table}', md5(string_agg(t::text, ';' ORDER BY id)) FROM {table} t"
        for table in TABLES
    )
    with closing(psycopg2.connect(dbname=database)) as connection:
        cursor = connection.cursor()
        cursor.execute(query)
        return dict(cursor.fetchall())


# --------------------------------------------------------------------------- clients
@pytest.mark.parametrize("client", ["xmlrpc_example.py", "json2_example.py"])
def test_the_example_client_prints_the_stage_table(client, server, key, shop):
    output = _run_client(client, server, LIFECYCLE_KEY=key).stdout
    assert re.search(r"Dormant +1 +\d+\.\d% +300\.00 +70 days", output)
    assert re.search(r"Highly Engaged +0 +0\.0% +0\.00 +-", output)
    assert re.search(r"Rita Risky +\d[\d,.]+\n", output)
    assert "Why is Rita Risky At Risk?" in output
    assert re.search(r"From \d{4}-\d\d-\d\d: Dormant", output)


WRONG = {
    "LIFECYCLE_KEY": "wrong",
    "LIFECYCLE_DB": "no_such_database",
    "LIFECYCLE_URL": "http://127.0.0.1:9",
}


@pytest.mark.parametrize("client", ["xmlrpc_example.py", "json2_example.py"])
@pytest.mark.parametrize("name", WRONG)
def test_the_example_client_says_in_a_line_what_is_wrong(client, server, key, name):
    done = _run_client(client, server, **{"LIFECYCLE_KEY": key, name: WRONG[name]})
    assert done.returncode == 1
    assert done.stdout == ""
    assert len(done.stderr.strip().splitlines()) == 1, done.stderr
    assert key not in done.stderr


def test_the_password_is_good_enough_for_xmlrpc(server, shop):
    assert "Churned" in _run_client("xmlrpc_example.py", server).stdout


def _run_client(client, server, **environment):
    where = {"LIFECYCLE_URL": server.url, "LIFECYCLE_DB": server.database}
    return subprocess.run(
        [sys.executable, CLIENTS / client],
        env={"PATH": os.environ["PATH"], **where, **environment},
        capture_output=True,
        text=True,
        check=False,
    )


# ----------------------------------------------------------------------- every method
def test_stage_counts_name_every_stage(engine):
    counts = engine("get_stage_counts")
    assert len(counts) == 8
    assert [counts[s] for s in ("at_risk", "dormant", "churned")] == [1, 1, 1]


def test_customers_come_in_the_order_asked_for(engine):
    rows = engine("get_customers", order="last_order_date, id", limit=2)
    assert [row["customer_name"] for row in rows] == ["Lena Lapsed", "Dora Dormant"]


def test_customers_come_page_by_page(engine):
    rows = engine("get_customers", order="last_order_date desc, id")
    pages = [
        engine("get_customers", order="last_order_date desc, id", limit=1, offset=n)
        for n in range(len(rows))
    ]
    assert [page[0]["customer_id"] for page in pages] == [
        r["customer_id"] for r in rows
    ]


def test_a_customer_has_facts_and_scores(engine, shop):
    [row] = engine("get_customers", stage="dormant")
    assert row["customer_id"] == shop["Dora Dormant"]
    assert row["total_orders"] == 3
    assert row["total_revenue"] == 300
    assert row["days_since_last_order"] == 70
    assert date.fromisoformat(row["last_order_date"])


def test_explain_names_the_rule_and_what_comes_next(engine, shop):
    why = engine("explain", customer_id=shop["Dora Dormant"])
    assert (why["stage"], why["rule"]) == ("dormant", "dormant")
    assert why["facts"]["days_since_last_order"] == 70
    assert why["next_change"]["stage"] == "churned"


def test_timeline_comes_newest_first(engine, shop):
    events = engine("get_timeline", customer_id=shop["Alma Active"])
    moments = [datetime.fromisoformat(event["occurred_at"]) for event in events]
    assert moments == sorted(moments, reverse=True)
    assert {"order_confirmed", "first_order_placed"} <= {
        event["event_type"] for event in events
    }


def test_score_is_that_of_the_formula(engine, shop):
    # recency below 7 days: 30, three orders: 10
    assert engine("calculate_engagement_score", customer_id=shop["Alma Active"]) == 40


@pytest.mark.usefixtures("untouched")
def test_preview_tells_who_would_move(engine):
    matrix = engine("preview_policy", values={"churn_days": 365})
    assert matrix["churned"]["dormant"] == 1


def test_evaluation_counts_those_who_moved(engine, call, shop):
    earlier = (datetime.now() - timedelta(days=62)).isoformat()
    partner = [shop["Dora Dormant"]]
    assert engine("evaluate_customers", customer_ids=partner, now=earlier) == 1
    assert engine("evaluate_customers", customer_ids=partner) == 1
    assert engine("evaluate_all_customers") == 0


def test_nobody_writes_the_history_of_tomorrow(engine, shop):
    later = (datetime.now() + timedelta(days=2)).isoformat()
    for method, arguments in (
        ("evaluate_customers", {"customer_ids": [shop["Dora Dormant"]]}),
        ("evaluate_all_customers", {}),
    ):
        with pytest.raises(Refused, match="future"):
            engine(method, now=later, **arguments)


def test_dashboard_has_its_keys(engine):
    data = engine("get_dashboard", date_from="2026-01-01", date_to="2026-01-31")
    assert set(data) == {"kpis", "stages", "flow", "trend", "funnel", "cohorts"}
    assert {"key", "label", "value", "target", "unit", "previous"} <= set(
        data["kpis"][0]
    )


def test_backfill_and_integrity_find_nothing_left_to_do(engine):
    assert engine("backfill")["created"] == 0
    assert engine("check_integrity") == []
    assert engine("check_integrity", repair=True) == []


def test_a_stage_is_set_by_hand_once(server, key, call, engine):
    partner = _create(Json2(server, key), "res.partner", name="Hanna Hand")
    engine("evaluate_customers", customer_ids=[partner])
    row = call(LIFECYCLE, "search", domain=[["customer_id", "=", partner]])
    change = {"ids": row, "new_stage": "engaged", "trigger_type": "manual"}
    assert call(LIFECYCLE, "update_stage", **change) is True
    assert call(LIFECYCLE, "update_stage", **change) is False
    assert engine("explain", customer_id=partner)["rule"] == "pinned"


@pytest.mark.parametrize(
    ("method", "arguments"),
    [
        ("get_stage_counts", {}),
        ("get_customers", {}),
        ("get_dashboard", {}),
        ("check_integrity", {}),
        ("preview_policy", {"values": {}}),
        *(
            (method, {"customer_id": name})
            for method in ("explain", "get_timeline", "calculate_engagement_score")
            for name in ("Alma Active", "Archibald", "Twin")
        ),
    ],
)
def test_results_are_plain_json(server, key, shop, method, arguments):
    arguments = {name: _named(shop, value) for name, value in arguments.items()}
    assert (
        list(_nulls(Json2(server, key)("lifecycle.engine", method, **arguments))) == []
    )


def _nulls(value, path=""):
    """Yield where ``value`` holds a null: XML-RPC has none."""
    if value is None:
        yield path
    for name, item in _items(value):
        yield from _nulls(item, f"{path}.{name}")


def _items(value):
    return value.items() if isinstance(value, dict) else enumerate(_list(value))


def _list(value):
    return value if isinstance(value, list) else []


# ------------------------------------------------------------------------- bad input
NOT_IDS = ["7", True, 7.0, -7, 0, {"id": 7}, "'; DROP TABLE res_partner; --", [7]]
ONE_CUSTOMER = ("explain", "get_timeline", "calculate_engagement_score")
NOT_MOMENTS = ["yesterday", "2026-02-30", "2026-01-01T25:00:00", 20260101, True, 0]
NOT_MOMENTS += [[], {}, "", "0001-01-01", "9999-12-31", "2026-01-01T00:00:00+99:00"]
NOT_DAYS = ["yesterday", "2026-02-30", 20260101, True, [1], {"a": 1}]
NOT_DAYS += ["0001-01-01", "9999-12-31"]
ORDERS = [
    "id; DELETE FROM customer_lifecycle",
    "id, (SELECT pg_sleep(9))",
    "id desc nulls first, 1",
    "customer_id.password",
    "company_id.name",
    "days_since_last_order",
    "id ascending",
    'id" --',
    "password",
    ",",
    7,
    True,
    ["id"],
    {"id": "desc"},
]
BAD = [
    *(
        (method, {"customer_id": value}, "customer_id")
        for method in ONE_CUSTOMER
        for value in NOT_IDS
    ),
    *(
        ("evaluate_customers", {"customer_ids": value}, "customer_ids")
        for value in [
            "7",
            True,
            7.5,
            -7,
            {"id": 7},
            ["7"],
            [True],
            [7.0],
            [[7]],
            [7, -1],
        ]
    ),
    *(
        ("evaluate_customers", {"customer_ids": [], "now": v}, "now: ")
        for v in NOT_MOMENTS
    ),
    *(("evaluate_all_customers", {"now": value}, "now: ") for value in NOT_MOMENTS),
    *(("backfill", {"now": value}, "now: ") for value in NOT_MOMENTS),
    *(("get_dashboard", {"date_from": value}, "date_from") for value in NOT_DAYS),
    *(("get_dashboard", {"date_to": value}, "date_to") for value in NOT_DAYS),
    (
        "get_dashboard",
        {"date_from": "2026-02-01", "date_to": "2026-01-01"},
        "2026-02-01",
    ),
    *(
        ("get_customers", {"stage": value}, "allowed are acquired, onboarding")
        for value in ["sleeping", "At Risk", "at_risk'", 7, True, ["churned"], {"a": 1}]
    ),
    *(("get_customers", {"order": value}, "order: ") for value in ORDERS),
    *(
        (method, {**who, name: value}, f"{name}: ")
        for method, who in (
            ("get_customers", {}),
            ("get_timeline", {"customer_id": "Twin"}),
        )
        for name, values in (
            ("limit", [0, -1, 10_001, "5", 5.0, True, [5], {}]),
            ("offset", [-1, 2**31 - 1, "5", 5.0, True, [5], {}]),
        )
        for value in values
    ),
    *(
        ("preview_policy", {"values": value}, "values: ")
        for value in [
            "churn_days",
            7,
            True,
            ["churn_days"],
            {"churn": 9},
            {"id": 1},
            {"company_id": 2},
            {"churn_days": "9"},
            {"churn_days": True},
            {"churn_days": [9]},
            {"churn_days": 90.5},
        ]
    ),
    *(
        ("preview_policy", {"values": value}, word)
        for value, word in [
            ({"churn_days": 10}, "out of order"),
            ({"at_risk_days": 0}, "out of order"),
            ({"churn_days": 2**31 - 1}, "between 1 and 3650"),
            ({"at_risk_score": 7.5}, "between 0.01 and 1"),
            ({"engaged_score": -1}, "between 1 and 100"),
        ]
    ),
    *(
        ("check_integrity", {"repair": value}, "repair: ")
        for value in ["no", 1, [1], {"a": 1}, 0.5]
    ),
]
# What XML-RPC cannot even say.
BAD_JSON = [
    *(
        (method, {"customer_id": value}, "customer_id")
        for method in ONE_CUSTOMER
        for value in [None, 2**31, 2**70, 1e300]
    ),
    ("evaluate_customers", {"customer_ids": None}, "customer_ids"),
    ("evaluate_customers", {"customer_ids": [2**40]}, "customer_ids"),
    ("get_customers", {"limit": None}, "limit: "),
    ("get_customers", {"limit": 2**70}, "limit: "),
    ("get_customers", {"offset": 2**70}, "offset: "),
    ("preview_policy", {"values": None}, "values: "),
    ("preview_policy", {"values": {"churn_days": None}}, "values: "),
    ("preview_policy", {"values": {"churn_days": 2**70}}, "between 1 and 3650"),
    ("preview_policy", {"values": {"at_risk_score": float("inf")}}, "between 0.01"),
    ("preview_policy", {"values": {"median_gap": float("nan")}}, "between 0.01"),
    ("check_integrity", {"repair": None}, "repair: "),
]


def _check_refusal(call, shop, method, arguments, words):
    arguments = {name: _named(shop, value) for name, value in arguments.items()}
    with pytest.raises(Refused, match=re.escape(words)) as refusal:
        call("lifecycle.engine", method, **arguments)
    assert refusal.value.status == call.USER_ERROR


def _named(shop, value):
    return shop.get(value, value) if isinstance(value, str) else value


@pytest.mark.usefixtures("untouched")
@pytest.mark.parametrize(("method", "arguments", "words"), BAD)
def test_bad_input_is_refused_by_name(call, shop, method, arguments, words):
    _check_refusal(call, shop, method, arguments, words)


@pytest.mark.usefixtures("untouched")
@pytest.mark.parametrize(("method", "arguments", "words"), BAD_JSON)
def test_bad_json_is_refused_by_name(server, key, shop, method, arguments, words):
    _check_refusal(Json2(server, key), shop, method, arguments, words)


@pytest.mark.usefixtures("untouched")
@pytest.mark.parametrize("method", ONE_CUSTOMER)
@pytest.mark.parametrize("who", ["merged", 2**31 - 1])
def test_a_customer_who_is_no_more_is_named(call, shop, method, who):
    gone = shop.get(who, who)
    words = f"no customer with id {gone} "
    _check_refusal(call, shop, method, {"customer_id": gone}, words)


@pytest.mark.usefixtures("untouched")
def test_one_unknown_customer_stops_the_whole_call(call, shop):
    ids = [shop["Dora Dormant"], 2**31 - 1, 2**31 - 2]
    words = f"no customer with id {2**31 - 2}, {2**31 - 1} "
    arguments = {"customer_ids": ids, "now": "2100-01-01"}
    _check_refusal(call, shop, "evaluate_customers", arguments, words)


@pytest.mark.usefixtures("untouched")
@pytest.mark.parametrize("method", [*ONE_CUSTOMER, "evaluate_customers"])
def test_a_customer_of_a_foreign_company_is_out_of_reach(call, shop, method):
    who = shop["foreign"]
    name = "customer_ids" if method == "evaluate_customers" else "customer_id"
    value = [who] if name == "customer_ids" else who
    with pytest.raises(Refused) as refusal:
        call("lifecycle.engine", method, **{name: value})
    assert refusal.value.status == call.ACCESS_ERROR


@pytest.mark.usefixtures("untouched")
def test_archived_customers_are_told_of_but_not_evaluated(engine, shop):
    who = shop["Archibald"]
    assert engine("calculate_engagement_score", customer_id=who) == 50
    assert engine("explain", customer_id=who) == {}
    assert engine("get_timeline", customer_id=who) == []
    assert engine("evaluate_customers", customer_ids=[who]) == 0


STAGE = {"new_stage": "active"}
BAD_STAGES = [
    *(
        ({"new_stage": value}, "allowed are acquired, onboarding")
        for value in ["sleeping", "", 7, True, ["active"], {"a": 1}]
    ),
    *(
        (STAGE | {"trigger_type": value}, "allowed are automatic, manual")
        for value in ["magic", "", 7, True, ["manual"], {"a": 1}]
    ),
    *(
        (STAGE | {"trigger_details": value}, "trigger_details")
        for value in [
            "why",
            7,
            True,
            ["why"],
            {"rule": ["x"]},
            {"note": {"a": 1}},
            {"churn_risk_score": "high"},
        ]
    ),
]


@pytest.mark.usefixtures("untouched")
@pytest.mark.parametrize(("arguments", "words"), BAD_STAGES)
def test_bad_stages_are_refused_by_name(call, engine, arguments, words):
    [row] = engine("get_customers", stage="dormant")
    with pytest.raises(Refused, match=re.escape(words)) as refusal:
        call(LIFECYCLE, "update_stage", ids=[row["id"]], **arguments)
    assert refusal.value.status == call.USER_ERROR


@pytest.mark.usefixtures("untouched")
@pytest.mark.parametrize("ids", [[], "all", [2**31 - 1]])
def test_a_stage_is_set_for_one_existing_record(call, engine, ids):
    if ids == "all":
        ids = [row["id"] for row in engine("get_customers")]
    with pytest.raises(Refused) as refusal:
        call(LIFECYCLE, "update_stage", ids=ids, new_stage="active")
    assert refusal.value.status in (call.USER_ERROR, call.MISSING)


# --------------------------------------------------------------------------- secrets
def test_neither_keys_nor_passwords_are_logged(server, key, shop, log_file):
    for protocol in (XmlRpc, Json2):
        protocol(server, key)("lifecycle.engine", "get_stage_counts")
        with pytest.raises(Refused):
            protocol(server, key)("lifecycle.engine", "explain", customer_id="x")
    log = log_file.read_text()
    assert "lifecycle.engine" in log
    assert key not in log
