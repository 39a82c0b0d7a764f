"""Personal codes in the cart of a website: a shop of Odoo beside our addons."""

import subprocess

import pytest

from .conftest import odoo_command
from .test_standard_suites import run_suite

pytestmark = pytest.mark.full


def test_codes_pay_in_the_cart_of_a_website(scratch_database):
    options = ("-d", scratch_database, "-i", "website_sale_loyalty")
    install = odoo_command(*options, "--stop-after-init", "--no-http")
    subprocess.run(install, check=True)
    failed, number = run_suite(
        scratch_database,
        "/journey_engine:TestOfferWebsite,/customer_preference,"
        "/engagement_campaign:TestStory",
    )
    assert number > 50, "tests of the website are skipped"
    assert not failed
