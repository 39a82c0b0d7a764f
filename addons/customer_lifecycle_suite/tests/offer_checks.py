"""What became of offers, compared with a count of their codes and orders."""

from collections import defaultdict

from .year_rows import Rows


class OfferRows(Rows):
    def codes(self):
        """Codes of offers, used and archived ones included."""
        return self._select(
            """SELECT f.id AS offer FROM journey_offer f
                 JOIN loyalty_card k ON k.program_id = f.program_id
                WHERE f.company_id = %s"""
        )

    def redemptions(self):
        """Lines of confirmed orders that are rewards of offers."""
        return self._select(
            """SELECT f.id AS offer, o.id AS order,
                      w.reward_type = 'product' AS is_gift,
                      o.amount_untaxed::float AS untaxed,
                      (l.price_unit * l.product_uom_qty)::float AS price,
                      l.price_subtotal::float AS subtotal,
                      coalesce(nullif(o.currency_rate, 0), 1)::float AS rate
                 FROM journey_offer f
                 JOIN loyalty_reward w ON w.program_id = f.program_id
                 JOIN sale_order_line l ON l.reward_id = w.id
                 JOIN sale_order o ON o.id = l.order_id
                WHERE f.company_id = %s AND o.state = 'sale'"""
        )


class OfferChecks:
    """A mixin for who is a ``YearChecks``, too."""

    def test_what_became_of_every_offer(self):
        rows = OfferRows(self.env)
        codes, lines = rows.codes(), rows.redemptions()
        offers = self.env["journey.offer"].with_context(active_test=False)
        used = 0
        for offer in offers.search([("company_id", "=", self.env.company.id)]):
            if offer.offer_type == "bonus_points":
                continue
            mine = [line for line in lines if line["offer"] == offer.id]
            orders, cost = defaultdict(float), 0
            for line in mine:
                orders[line["order"]] = line["untaxed"] / line["rate"]
                given = line["price"] if line["is_gift"] else -line["subtotal"]
                cost += given / line["rate"]
            issued = sum(1 for code in codes if code["offer"] == offer.id)
            self.assertEqual(offer.issued_count, issued, offer.name)
            self.assertEqual(offer.redeemed_count, len(orders), offer.name)
            self.assertAlmostEqual(offer.revenue, sum(orders.values()), 2)
            self.assertAlmostEqual(offer.cost, cost, 2)
            used += len(orders)
        self.assertGreater(used, 0)
