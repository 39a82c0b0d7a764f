from datetime import datetime

from odoo import Command
from odoo.tests import TransactionCase, freeze_time

NOON = datetime(2040, 6, 13, 12)


@freeze_time(NOON)
class OfferCommon(TransactionCase):
    """A company of its own, with a product that earns 40 percent."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.shop = cls.env["res.company"].create({"name": "Offers"})
        cls.shop.partner_id.tz = "UTC"
        cls.env.user.company_ids += cls.shop
        context = {**cls.env.context, "allowed_company_ids": cls.shop.ids}
        cls.env = cls.env(context={**context, "tracking_disable": True})
        cls.milk = cls._create_product("Milk", list_price=100, standard_price=60)
        cls.firm = cls._create_partner("Firm", is_company=True)
        cls.contact = cls._create_partner("Contact", parent_id=cls.firm.id)
        cls.colleague = cls._create_partner("Colleague", parent_id=cls.firm.id)
        cls.stranger = cls._create_partner("Stranger")

    @classmethod
    def _create_product(cls, name, **values):
        values = {"type": "service", "taxes_id": False, **values}
        return cls.env["product.product"].create({"name": name, **values})

    @classmethod
    def _create_partner(cls, name, **values):
        return cls.env["res.partner"].create({"name": name, **values})

    @classmethod
    def _create_partners(cls, number):
        names = [{"name": f"Partner {n}"} for n in range(number)]
        return cls.env["res.partner"].create(names)

    @classmethod
    def _create_offer(cls, **values):
        values = {"name": "Welcome back", "value": 10.0, **values}
        return cls.env["journey.offer"].create(values)

    @classmethod
    def _code(cls, partner, offer=None, now=NOON, **values):
        """The code that a partner gets."""
        offer = offer or cls._create_offer(**values)
        cards, refusals = offer._issue([partner.id], now)
        assert not refusals, refusals
        return cards[partner.id]

    @classmethod
    def _create_order(cls, partner, quantity=1, **values):
        line = {"product_id": cls.milk.id, "product_uom_qty": quantity}
        values["order_line"] = [Command.create(line)]
        return cls.env["sale.order"].create({"partner_id": partner.id, **values})

    @classmethod
    def _enter(cls, order, card):
        """Enter a code as the wizard does; return what was wrong with it."""
        status = order._try_apply_code(card.code)
        if "error" in status:
            return status["error"]
        for coupon, rewards in status.items():
            claimed = order._apply_program_reward(rewards, coupon)
            if "error" in claimed:
                return claimed["error"]
        order._update_programs_and_rewards()
        return ""

    @classmethod
    def _order_with(cls, card, partner=None, quantity=1):
        order = cls._create_order(partner or card.partner_id, quantity)
        assert not cls._enter(order, card)
        return order
