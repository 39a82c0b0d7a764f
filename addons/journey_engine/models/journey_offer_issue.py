from datetime import timedelta
from types import SimpleNamespace

from odoo import fields, models
from odoo.tools import SQL

from odoo.addons.customer_lifecycle.tools.clock import Clock
from odoo.addons.sale_loyalty_personal.tools.codes import random_code

from ..tools.offer_codes import allot

YEAR = timedelta(days=365)


class JourneyOffer(models.Model):
    """Issue codes: to whom, within which bounds."""

    _inherit = "journey.offer"

    # Two who issue at once change the same row: the database lets one of them pass.
    issue_turn = fields.Integer(readonly=True, copy=False)

    def _issue(self, recipients, now):
        """Give each recipient a code, as far as the offer's bounds allow.

        :param recipients: ids of ``res.partner``, the addressees
        :param now: naive UTC datetime
        :return: ``(cards, refusals)``: partner id -> ``loyalty.card``, and partner id
            -> ``offer_expired``, ``offer_budget``, ``offer_limit`` or ``offer_margin``
        :raises SerializationFailure: another transaction issued from the same offer
            since this one began; roll back and begin again
        """
        self.ensure_one()
        offer = self.sudo()
        recipients = list(dict.fromkeys(recipients))
        if not (offer.active and offer.program_id.active):
            return {}, dict.fromkeys(recipients, "offer_expired")
        if not recipients:
            return {}, {}
        if offer._is_bounded():
            offer._take_turn()
        partners = offer.env["res.partner"].browse(recipients)
        customers = {p.id: p.commercial_partner_id.id for p in partners}
        dear = offer._too_dear(set(customers.values()), now)
        chosen, refusals = allot(
            {one: whose for one, whose in customers.items() if whose not in dear},
            offer._issued_within_year(set(customers.values()), now),
            offer.customer_limit_per_year,
            offer._room(now),
        )
        refusals |= {
            one: "offer_margin" for one, whose in customers.items() if whose in dear
        }
        cards = offer._create_cards(chosen, now)
        return dict(zip(chosen, cards, strict=True)), refusals

    def _show_on(self, item, today):
        """Let an item show what the offer would give, without giving it.

        :param Item item: of a preview
        :param date today: first day of the offer
        """
        until = today + timedelta(days=self.validity_days)
        code = f"{self.code_prefix or ''}ABC123"
        item.card = SimpleNamespace(code=code, expiration_date=until)

    def _is_bounded(self):
        bounds = (self.budget_count, self.budget_amount, self.customer_limit_per_year)
        return any(bounds)

    def _take_turn(self):
        """Collide with whoever issues from this offer at the same time.

        Locking alone would not do: under REPEATABLE READ the second one would get the
        lock and still not see the codes of the first. A changed row fails it.
        """
        self.flush_recordset()
        self.env.cr.execute(
            SQL(
                "UPDATE journey_offer SET issue_turn = coalesce(issue_turn, 0) + 1 "
                "WHERE id = %s",
                self.id,
            )
        )
        self.invalidate_recordset(["issue_turn"])

    def _issued_within_year(self, customers, now):
        if not self.customer_limit_per_year:
            return {}
        self.env["loyalty.card"].flush_model()
        self.env["res.partner"].flush_model(["commercial_partner_id"])
        rows = self.env.execute_query(
            SQL(
                """
                SELECT p.commercial_partner_id, count(*)
                  FROM loyalty_card c JOIN res_partner p ON p.id = c.partner_id
                 WHERE c.program_id = %s AND c.offer_issued_at > %s
                   AND p.commercial_partner_id = ANY(%s)
                 GROUP BY 1
                """,
                self.program_id.id,
                now - YEAR,
                list(customers),
            )
        )
        return dict(rows)

    def _too_dear(self, customers, now):
        """Return the customers to whom the offer would promise what its margin floor
        forbids at checkout, going by the last year in which they ordered; whoever never
        did is taken for an average customer.
        """
        given = getattr(self, f"_gives_{self.offer_type}", None)
        if not self.margin_floor or not given:
            return set()
        self.env["sale.order"].flush_model()
        rows = {row[0]: row[1:] for row in self._habits(customers, now)}
        average = rows.pop(None, None)
        return {
            customer
            for customer in customers
            if (habit := rows.get(customer, average)) and self._is_dear(given, habit)
        }

    def _is_dear(self, given, habit):
        orders, revenue, margin = (float(figure) for figure in habit)
        off_revenue, off_margin = given(orders, revenue)
        floor = (revenue - off_revenue) * self.margin_floor / 100
        return margin - off_margin < floor

    def _habits(self, customers, now):
        """Return (customer, orders, revenue, margin) of each one's last year of orders;
        customer None stands for everybody in the last year.
        """
        return self.env.execute_query(
            SQL(
                """
                WITH mine AS (
                    SELECT p.commercial_partner_id AS customer, o.date_order,
                           o.amount_untaxed / x.rate AS revenue,
                           coalesce(o.margin, 0) / x.rate AS margin
                      FROM sale_order o JOIN res_partner p ON p.id = o.partner_id
                      CROSS JOIN LATERAL (
                        SELECT coalesce(nullif(o.currency_rate, 0), 1) AS rate) x
                     WHERE o.state = 'sale' AND o.company_id = %(company)s
                       AND p.commercial_partner_id = ANY(%(customers)s)),
                latest AS (
                    SELECT customer, max(date_order) AS day FROM mine GROUP BY 1)
                SELECT m.customer, count(*), sum(m.revenue), sum(m.margin)
                  FROM mine m JOIN latest l ON l.customer = m.customer
                   AND m.date_order > l.day - interval '1 year'
                 GROUP BY 1
                UNION ALL
                SELECT NULL, count(*),
                       sum(o.amount_untaxed / coalesce(nullif(o.currency_rate, 0), 1)),
                       sum(coalesce(o.margin, 0)
                           / coalesce(nullif(o.currency_rate, 0), 1))
                  FROM sale_order o
                 WHERE o.state = 'sale' AND o.company_id = %(company)s
                   AND o.date_order > %(since)s
                HAVING count(*) > 0
                """,
                company=self.company_id.id,
                customers=list(customers),
                since=now - YEAR,
            )
        )

    # What an offer takes of the revenue, and of the margin, of so many orders; a bridge
    # adds ``_gives_<offer_type>``.
    def _gives_discount_percent(self, orders, revenue):
        off = revenue * self.value / 100
        return off, off

    def _gives_discount_fixed(self, orders, revenue):
        return orders * self.value, orders * self.value

    def _gives_product(self, orders, revenue):
        product = self.product_id.with_company(self.company_id)
        return 0, orders * product.standard_price

    def _create_cards(self, recipients, now):
        day = Clock(now).today(self.company_id) + timedelta(days=self.validity_days)
        cards = self.env["loyalty.card"].with_context(
            loyalty_no_mail=True, tracking_disable=True
        )
        shared = {
            "program_id": self.program_id.id,
            "points": 1,
            "expiration_date": day,
            "offer_issued_at": now,
        }
        prefix = self.code_prefix or ""
        return cards.create(
            [
                {**shared, "partner_id": recipient, "code": random_code(prefix)}
                for recipient in recipients
            ]
        )
