from odoo import api, models
from odoo.fields import Domain
from odoo.tools import SQL

from odoo.addons.journey_engine.tools.draw import LOTS, draw


class NpsCheckout(models.AbstractModel):
    """Whom a survey asks on the page after checkout."""

    _name = "nps.checkout"
    _description = "Question after Checkout"

    @api.model
    def _for_checkout(self, order, now):
        """Return the survey that the page after checkout asks with; reads only.

        :param order: ``sale.order``
        :param datetime now: naive UTC
        """
        surveys = self._listening("post_order", order.company_id, channel=["website"])
        for survey in surveys:
            # A survey that is broken asks nobody, and shows nobody an error.
            with survey._alone():
                if survey._may_prompt(order, now):
                    return survey
        return surveys.browse()

    def _may_prompt(self, order, now):
        customer = order.partner_id.commercial_partner_id
        lot = draw(f"sample:{self.code}", customer.id, f"order:{order.id}")
        if order.state != "sale" or lot >= self.sample_percent * LOTS / 100:
            return False
        self.env.flush_all()
        asked = self.env.execute_query(
            SQL(
                """SELECT 1 FROM nps_invitation k WHERE k.customer_id = %s
                      AND k.company_id = %s AND (%s OR k.definition_id = %s
                       AND k.trigger_context->'order_id' = to_jsonb(%s)) LIMIT 1""",
                customer.id,
                order.company_id.id,
                self._cooling_sql(now),
                self.id,
                order.id,
            )
        )
        return customer.active and not asked and self._is_for(customer)

    def _is_for(self, customer):
        """Whether a customer belongs to the audience; who has no row yet does."""
        rows = self.env["customer.lifecycle"].sudo()
        mine = Domain("customer_id", "=", customer.id)
        mine &= Domain("company_id", "=", self.company_id.id)
        if not rows.search_count(mine, limit=1):
            return True
        return bool(rows.search_count(mine & self._audience_domain(), limit=1))
