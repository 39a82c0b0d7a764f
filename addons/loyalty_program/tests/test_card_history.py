from odoo.tests import tagged

from .test_portal import PortalCase


@tagged("post_install", "-at_install")
class TestCardHistory(PortalCase):
    """Standard's pages of a card say what the ledger says."""

    def setUp(self):
        super().setUp()
        self._buy(self.account, 50)
        self.account.transfer_points(self.other.partner_id.id, 30)
        self.authenticate("loyal_mina", "loyal_mina")

    def _values(self, account):
        url = f"/my/loyalty_card/{account.card_id.id}/values"
        return self.make_jsonrpc_request(url, {"card_id": account.card_id.id})

    def test_the_dialog_shows_the_ledger(self):
        found = self._values(self.account)
        signs = [line["points"].split()[0] for line in found["history_lines"]]
        self.assertEqual(signs, ["-30", "+50", "+350"])
        self.assertIn("370", found["card"]["points_display"])
        self.assertTrue(found["history_lines"][1]["order_portal_url"])

    def test_the_page_is_that_of_the_account(self):
        card = self.account.card_id
        page = self.url_open(f"/my/loyalty_card/{card.id}/history")
        self.assertIn(f"/my/loyalty/history?account={self.account.id}", page.url)
        self.assertIn("-30", page.text)

    def test_cards_of_others_show_nothing(self):
        card = self.other_account.card_id
        page = self.url_open(f"/my/loyalty_card/{card.id}/history")
        self.assertNotIn("history", page.url)

    def test_cards_without_accounts_stay_as_they_are(self):
        plain = self.env["loyalty.program"].create(
            {"name": "Plain", "program_type": "loyalty", "company_id": self.shop.id}
        )
        card = self.env["loyalty.card"].create(
            {"program_id": plain.id, "partner_id": self.user.partner_id.id, "points": 5}
        )
        self.env["loyalty.history"].create(
            {"card_id": card.id, "description": "Of old", "issued": 5}
        )
        page = self.url_open(f"/my/loyalty_card/{card.id}/history")
        self.assertIn("Of old", page.text)
        found = self.make_jsonrpc_request(
            f"/my/loyalty_card/{card.id}/values", {"card_id": card.id}
        )
        self.assertEqual(found["history_lines"][0]["description"], "Of old")

    def test_an_order_whose_points_are_gone_says_so(self):
        order = self._create_order(self.user.partner_id, None, 50)
        order.loyalty_short = True
        page = self.url_open(order.get_portal_url())
        self.assertIn("We have your payment", page.text)
        order.action_confirm()
        page = self.url_open(order.get_portal_url())
        self.assertNotIn("We have your payment", page.text)
