"""Installed, uninstalled and installed again on a database with data."""

import subprocess

import pytest

from .conftest import odoo_command
from .test_faults import query, work

ADDONS = ("customer_lifecycle", "customer_lifecycle_stock")
SILENT = ("mail.mail", "mail.activity", "sale.order", "res.partner")


def module(verb, database):
    done = subprocess.run(
        odoo_command("module", verb, "-d", database, "customer_lifecycle"),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    assert "ERROR" not in done.stderr, done.stderr[-3000:]
    return done


@pytest.fixture(scope="module")
def database(scratch_database):
    work(scratch_database, "fill(env, 300)")
    return scratch_database


def test_every_constraint_and_index_exists(database):
    wanted, missing = work(database, "missing_table_objects(env)")
    assert wanted > 15
    assert not missing


@pytest.fixture(scope="module")
def came_back(database):
    """What was there before, between and after uninstall and install."""
    told = {"before": work(database, "counts(env)")}
    module("uninstall", database)
    told["left"] = work(database, "leftovers(env)")
    told["between"] = work(database, "counts(env)")
    # Installing looks at the clock of the machine; what it finds has to be past.
    query(database, "UPDATE sale_order SET date_order = now() - interval '9 days'")
    module("install", database)
    told["after"] = work(database, "counts(env)")
    return told


def test_it_goes_without_a_trace(came_back):
    assert came_back["before"]["customer.lifecycle"] == 300
    assert not any(came_back["left"].values()), came_back["left"]


@pytest.mark.parametrize("when", ["between", "after"])
def test_nothing_else_is_lost_sent_or_awarded(came_back, when):
    for name in SILENT:
        assert came_back[when][name] == came_back["before"][name], name


def test_it_comes_back_with_everything(came_back, database):
    assert came_back["after"]["customer.lifecycle"] == 300
    pending = "SELECT count(*) FROM lifecycle_event WHERE is_pending"
    assert query(database, pending) == [(0,)]
    assert not work(database, "missing_table_objects(env)")[1]
