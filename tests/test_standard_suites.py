"""Odoo's own tests of the modules we extend: what passes without us passes with us."""

import os
import re
import subprocess
import uuid
from contextlib import contextmanager

import pytest

from setup.toolkit.database import BASE

from .conftest import free_port, odoo_command

pytestmark = pytest.mark.full
# Those of base that walk over what we extend: merging, users, companies.
SUITES = (
    "/base:TestMergePartner,/base:TestPartner,/base:TestCompany",
    "/sale",
    "/sale_management",
    "/sale_margin",
    "/sale_stock",
    "/portal",
    "/phone_validation",
    "/mass_mailing",
    "/mass_mailing_sms",
    "/link_tracker",
    "/loyalty",
    "/sale_loyalty",
    "/sale_loyalty_delivery",
    "/pos_loyalty",
    "/subscription_oca",
)
# Their tests run when they are installed or updated only.
AT_INSTALL = {"/subscription_oca": "subscription_oca"}
# Needs a website, which changes what others expect.
WEBSITE_SUITES = ("/website_sale_loyalty",)
FAILED = re.compile(r"(?:FAIL|ERROR): ((?:subtest )?\w+\.test_\w+)")
COUNT = re.compile(r"\d+ failed, \d+ error\(s\) of (\d+) tests")


@contextmanager
def duplicates():
    """A copy of each database: with our addons, and without."""
    names = {}
    for template in (os.environ["LIFECYCLE_TEMPLATE"], BASE):
        names[template] = f"lifecycle_scratch_{uuid.uuid4().hex[:8]}"
        copy = odoo_command("db", "duplicate", template, names[template])
        subprocess.run(copy, check=True)
    yield list(names.values())
    for name in names.values():
        subprocess.run(odoo_command("db", "drop", name), check=True)


@pytest.fixture(scope="module")
def copies():
    with duplicates() as names:
        yield names


@pytest.fixture(scope="module")
def website_copies():
    """Copies with the website's shop; our bridges install themselves."""
    with duplicates() as names:
        for name in names:
            install = ("-i", "website_sale_loyalty", "--stop-after-init", "--no-http")
            subprocess.run(odoo_command("-d", name, *install), check=True)
        yield names


def run_suite(database, tags):
    """Run Odoo's tests; return (names of those that failed, number of tests)."""
    options = ("-d", database, "--test-tags", tags, "--stop-after-init")
    if module := AT_INSTALL.get(tags):
        options += ("-i", module, "-u", module)
    ports = ("--http-port", str(free_port()), "--gevent-port", str(free_port()))
    done = subprocess.run(
        odoo_command(*options, *ports, "--log-level=info", "--workers=0"),
        capture_output=True,
        text=True,
        check=False,
    )
    counts = COUNT.findall(done.stderr)
    assert counts, done.stderr[-3000:]
    return set(FAILED.findall(done.stderr)), sum(map(int, counts))


@pytest.mark.parametrize("tags", SUITES)
def test_odoos_own_tests_stay_green(copies, tags):
    compare(copies, tags)


@pytest.mark.parametrize("tags", WEBSITE_SUITES)
def test_odoos_own_tests_of_the_website_stay_green(website_copies, tags):
    compare(website_copies, tags)


def compare(copies, tags):
    """What fails with us fails without us, too."""
    (with_us, number), (without, _number) = (run_suite(name, tags) for name in copies)
    print(f"{tags}: {number} tests, {len(without)} fail in plain Odoo, too")
    assert number, "nothing was run"
    assert not with_us - without
