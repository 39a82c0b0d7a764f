from odoo import Command, fields
from odoo.http import Request
from odoo.tests import HttpCase, new_test_user, tagged


@tagged("post_install", "-at_install")
class TestOfferWebsite(HttpCase):
    """The shop asks the same method: no code of its own, so no bridge."""

    def setUp(self):
        super().setUp()
        if "ecommerce_ok" not in self.env["loyalty.program"]._fields:
            self.skipTest("website_sale_loyalty is not installed")
        self.site = self.env["website"].get_current_website()
        offers = self.env["journey.offer"]
        self.offer = offers.create({"name": "Shop", "value": 10})
        self.user = new_test_user(self.env, "shopper", "base.group_portal")
        product = self.env["product.product"].create(
            {"name": "Milk", "list_price": 100, "type": "service", "taxes_id": False}
        )
        product.website_published = True
        self.cart = self._cart(product, self.user.partner_id)

    def _cart(self, product, partner):
        return self.env["sale.order"].create(
            {
                "partner_id": partner.id,
                "website_id": self.site.id,
                "order_line": [Command.create({"product_id": product.id})],
            }
        )

    def _code(self, partner):
        cards, _refusals = self.offer._issue(partner.ids, fields.Datetime.now())
        return cards[partner.id]

    def test_a_customer_enters_the_code_in_the_cart(self):
        card = self._code(self.user.partner_id)
        self.authenticate("shopper", "shopper")
        self.url_open("/shop/cart")
        self.url_open(f"/shop/pricelist?promo={card.code}")
        self.assertEqual(self.cart.amount_total, 90)
        self.cart.action_confirm()
        self.assertEqual(card.points, 0)

    def test_anothers_code_is_refused_in_the_cart(self):
        other = self.env["res.partner"].create({"name": "Somebody Else"})
        card = self._code(other)
        self.authenticate("shopper", "shopper")
        page = self.url_open(f"/shop/pricelist?promo={card.code}")
        self.assertIn("This code is personal", page.text)
        self.assertNotIn("Somebody Else", page.text)
        self.assertEqual(self.cart.amount_total, 100)

    def test_the_code_of_a_link_waits_for_its_customer(self):
        card = self._code(self.user.partner_id)
        product = self.cart.order_line.product_id
        self.cart.unlink()
        self.authenticate(None, None)
        self.url_open(f"/coupon/{card.code}?r=/shop")
        self.make_jsonrpc_request(
            "/shop/cart/add",
            {
                "product_template_id": product.product_tmpl_id.id,
                "product_id": product.id,
                "quantity": 1,
            },
        )
        self.assertIn("sign+in", self.url_open(f"/coupon/{card.code}?r=/shop").url)
        cart = self.env["sale.order"].search(
            [("order_line.product_id", "=", product.id)]
        )
        self.assertEqual(cart.amount_total, 100)
        token = Request.csrf_token(self)
        login = {"login": "shopper", "password": "shopperx", "csrf_token": token}
        self.url_open("/web/login", data=login)
        self.url_open("/shop/cart")
        self.assertEqual(cart.partner_id, self.user.partner_id)
        self.assertEqual(cart.amount_total, 90)
