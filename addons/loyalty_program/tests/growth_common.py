from .common import LoyaltyCommon


class GrowthCommon(LoyaltyCommon):
    """A member, and orders of pieces of 10 that change again and again."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.account = cls._member()

    def _order_of(self, quantity):
        """An order of so many pieces of 10."""
        order = self._create_order(self.account.customer_id, None, 10)
        order.order_line.product_uom_qty = quantity
        order.action_confirm()
        return order

    def _set(self, order, *quantities):
        for quantity in quantities:
            order.order_line.product_uom_qty = quantity
            self.env.flush_all()
            self.env.invalidate_all()

    def _assert_stands(self, balance, held=0, pending=0):
        self.env.flush_all()
        self.env.invalidate_all()
        account = self.account
        found = account.points_balance, account.points_held, account.points_pending
        self.assertEqual(found, (balance, held, pending))
        self._assert_sound(account)

    def _review(self, decision):
        """Decide on all that is held: approve or reject."""
        held = self.account.pending_ids.filtered(lambda row: row.state == "held")
        review = {"pending_ids": held.ids, "reason": "Looked at"}
        getattr(self.env["loyalty.review"].create(review), f"action_{decision}")()
