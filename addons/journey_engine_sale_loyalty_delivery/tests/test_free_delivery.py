from odoo.tests import freeze_time, tagged

from odoo.addons.journey_engine.tests.offer_common import NOON, OfferCommon


@freeze_time(NOON)
@tagged("post_install", "-at_install")
class TestFreeDelivery(OfferCommon):
    def test_a_code_pays_the_delivery(self):
        post = self._create_product("Post", list_price=20)
        carrier = self.env["delivery.carrier"].create(
            {"name": "Post", "fixed_price": 20, "product_id": post.id}
        )
        offer = self._create_offer(offer_type="free_delivery", value=0)
        card = self._code(self.contact, offer)
        order = self._create_order(self.contact)
        order.set_delivery_line(carrier, 20)
        self.assertEqual(order.amount_total, 120)
        self.assertFalse(self._enter(order, card))
        self.assertEqual(order.amount_total, 100)
        order.action_confirm()
        offer.invalidate_recordset()
        self.assertRecordValues(
            offer, [{"redeemed_count": 1, "revenue": 100, "cost": 20}]
        )
