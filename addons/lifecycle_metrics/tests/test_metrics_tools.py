import doctest

from odoo.tests import BaseCase, tagged

from ..tools import figures, networks


@tagged("post_install", "-at_install")
class TestMetricsTools(BaseCase):
    def test_examples(self):
        for module in (figures, networks):
            with self.subTest(module=module.__name__):
                result = doctest.testmod(module)
                self.assertGreater(result.attempted, 0)
                self.assertFalse(result.failed)

    def test_what_is_no_address_is_in_no_network(self):
        everywhere = networks.parse_networks("0.0.0.0/0 ::/0")
        for address in (None, "", "unknown", "10.0.0"):
            with self.subTest(address=address):
                self.assertFalse(networks.is_inside(address, everywhere))
