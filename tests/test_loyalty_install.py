"""The loyalty program comes to a shop that has cards, keeps accounts, and goes."""

import subprocess
import uuid

import pytest

from setup.toolkit.database import BASE

from .conftest import odoo_command
from .test_faults import Worker


def module(verb, database):
    done = subprocess.run(
        odoo_command("module", verb, "-d", database, "loyalty_program"),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    assert " ERROR " not in done.stderr, done.stderr[-3000:]


@pytest.fixture(scope="module")
def database():
    """Odoo's own loyalty, without ours."""
    name = f"lifecycle_scratch_{uuid.uuid4().hex[:8]}"
    subprocess.run(odoo_command("db", "duplicate", BASE, name), check=True)
    yield name
    subprocess.run(odoo_command("db", "drop", name), check=True)


class Story:
    """What there was and happened before, with and after the addon, step by step."""

    def __init__(self, database):
        self.database = database
        self.told = {}
        self.ask(("programs", "fill"))
        self.club, self.other = (self.told["programs"][n] for n in ("club", "other"))

    def ask(self, *calls):
        """Run calls, (key, function, arguments), in one process; keep what they say."""
        code = [f"{name}(env, *{args!r})" for _key, name, *args in calls]
        importing = "from tests.loyalty_install_workers import *"
        worker = Worker(self.database, importing, *code)
        self.told.update((key, worker.hear()) for key, *_call in calls)
        worker.finish()

    def before(self):
        self.ask(
            ("before", "stand"),
            ("sold before", "sell", self.other),
            ("cards before", "cards_of", self.club),
            ("traces before", "traces"),
        )
        before = self.told["before"]
        self.columns = {table: rows["columns"] for table, rows in before.items()}

    def with_it(self):
        module("install", self.database)
        self.ask(
            ("installed", "stand", self.columns),
            ("sold installed", "sell", self.other),
            ("sold installed, club", "sell", self.club),
            ("accounts", "open_accounts", self.club),
            ("audit of opening", "audit"),
            ("cards opened", "cards_of", self.club),
            ("opened", "stand", self.columns),
            ("sold beside accounts", "sell", self.other),
            ("went on", "go_on", self.club),
            ("code", "redeem", self.club),
            ("audit at last", "audit"),
            ("cards at last", "cards_of", self.club),
            ("at last", "stand", self.columns),
        )

    def after(self):
        module("uninstall", self.database)
        self.ask(
            ("uninstalled", "stand", self.columns),
            ("cards uninstalled", "cards_of", self.club),
            ("traces", "traces"),
            ("sold uninstalled", "sell", self.other),
            ("sold uninstalled, club", "sell", self.club),
            ("used", "use", self.told["code"]),
        )


@pytest.fixture(scope="module")
def told(database):
    story = Story(database)
    story.before()
    story.with_it()
    story.after()
    return story.told


def rows_of(told, when, table, program=None):
    """Rows as dicts, of one program if it is named."""
    stand = told[when][table]
    rows = [dict(zip(stand["columns"], row, strict=True)) for row in stand["rows"]]
    if program is None:
        return rows
    return [row for row in rows if row["program_id"] == str(told["programs"][program])]


def test_installing_changes_no_program_and_no_card(told):
    assert len(told["before"]["loyalty_card"]["rows"]) == 6 * 11 + 4
    for table, stand in told["before"].items():
        assert told["installed"][table] == stand, table


def test_other_programs_go_on_as_before(told):
    assert told["sold before"][0] == [300]
    assert told["sold before"][1] < 100
    for when in ("installed", "installed, club", "beside accounts"):
        assert told[f"sold {when}"] == told["sold before"], when


def test_accounts_open_with_what_the_cards_hold(told):
    accounts = told["accounts"]
    assert {
        name: (balance, debt) for name, (balance, debt, *_rest) in accounts.items()
    } == {
        "Two cards": (150.62, 0),
        "Owing": (-40, 40),
        "Expired": (60, 0),
        "Decimals": (0.3, 0),
        "Thirds": (33.33, 0),
        "Empty": (0, 0),
        "Huge": (123456789.99, 0),
        "Bought before": (500, 0),
        "Quoting": (500, 0),
    }
    for name, (balance, _debt, kinds, lots, card) in accounts.items():
        assert kinds == ([] if name == "Empty" else ["adjust"]), name
        assert lots == ([balance] if balance > 0 else []), name
        assert card == balance, name
    assert told["audit of opening"] == []


def test_cards_without_an_account_stay_as_they_are(told):
    for name in ("", "Archived card", "Archived"):
        before = [card for card in told["cards before"] if card[0] == name]
        assert [card for card in told["cards opened"] if card[0] == name] == before
        assert len(before) == 1
    two = [card[1:] for card in told["cards opened"] if card[0] == "Two cards"]
    assert two == [[150.62, True], [0, False]]


@pytest.mark.parametrize("when", ["opened", "at last", "uninstalled"])
@pytest.mark.parametrize("program", ["other", "gift", "wallet", "offer", "coupons"])
def test_other_programs_keep_their_cards(told, when, program):
    before = rows_of(told, "before", "loyalty_card", program)
    found = rows_of(told, when, "loyalty_card", program)
    if program == "other" and when != "opened":
        # The orders of before went on: there, as standard does.
        changed = [
            row["id"] for row, was in zip(found, before, strict=True) if row != was
        ]
        assert len(changed) == 2
        return
    assert found == before


def test_orders_of_before_go_on_in_the_ledger(told):
    rows = told["went on"]
    assert rows["Quoting"][:2] == [["adjust", 500], ["redeem", -200]]
    assert rows["Quoting"][2][0] == "earn"
    assert len(rows["Quoting"]) == 3
    assert rows["Bought before"] == [["adjust", 500], ["adjust", -500]]
    assert told["audit at last"] == []


def test_it_goes_without_a_trace(told):
    for kind, before in told["traces before"].items():
        gained = set(told["traces"][kind]) - set(before)
        # Uninstalled alone: what it depends on stays.
        assert not gained, f"{kind}: {sorted(gained)}"


def test_cards_keep_their_points_when_it_goes(told):
    for table in ("loyalty_card", "loyalty_program", "loyalty_reward", "loyalty_rule"):
        assert told["uninstalled"][table] == told["at last"][table], table
    assert told["cards uninstalled"] == told["cards at last"]


def test_standard_works_when_it_is_gone(told):
    for when in ("uninstalled", "uninstalled, club"):
        assert told[f"sold {when}"] == told["sold before"], when
    amount, points = told["used"]
    assert (amount < 100, points) == (True, 0)
