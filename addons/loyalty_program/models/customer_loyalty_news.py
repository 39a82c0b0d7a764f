from datetime import timedelta

from odoo import api, models
from odoo.tools import SQL

from ..const import TIERS

# Nobody is told of the same tier again within so many days.
TOLD_DAYS = 30


class CustomerLoyaltyNews(models.AbstractModel):
    """What members and the timeline hear of tiers."""

    _name = "customer.loyalty.news"
    _description = "News of a Loyalty Account"

    @api.model
    def _tell_tiers(self, moved, now, history=False):
        """Write changes of tier into the timeline; who rose is told by e-mail, once in
        a while of the same tier.

        :param moved: (id of an account, code before, code after)
        :param bool history: True for what is no news: only the timeline knows
        """
        if not moved:
            return
        accounts = self.sudo().browse([number for number, _former, _tier in moved])
        rank = [code for code, _label in TIERS]
        risen, events = self.browse(), []
        for account, (_number, former, tier) in zip(accounts, moved, strict=True):
            rose = rank.index(tier) > rank.index(former)
            if rose and account.customer_id.email:
                risen += account
            events.append(account._tier_event(former, tier, rose, now))
        told = risen._told_lately(now) if risen else risen
        self.env["lifecycle.event"].sudo()._record(events, history)
        if history:
            return
        template = self.env.ref("loyalty_program.mail_template_tier_reached")
        template.sudo().send_mail_batch((risen - told).ids)

    def _told_lately(self, now):
        """Return those who rose to the tier that they have now within some days before:
        who loses it and gets it again with the same order knows of it.

        :param datetime now: naive UTC
        """
        rows = self.env.execute_query(
            SQL(
                """
                SELECT a.id FROM customer_loyalty a
                  JOIN res_partner p ON p.id = a.customer_id
                 WHERE a.id = ANY(%s) AND EXISTS (
                    SELECT FROM lifecycle_event e
                     WHERE e.customer_id = p.commercial_partner_id
                       AND e.occurred_at BETWEEN %s AND %s
                       AND e.event_type = 'tier_changed'
                       AND e.res_model = 'customer.loyalty' AND e.res_id = a.id
                       AND e.data ->> 'to' = a.current_tier
                       AND (e.data ->> 'rose')::boolean)
                """,
                self.ids,
                now - timedelta(days=TOLD_DAYS),
                now,
            )
        )
        return self.browse([number for (number,) in rows])

    def _tier_event(self, former, tier, rose, now):
        return {
            "customer_id": self.customer_id.commercial_partner_id.id,
            "company_id": (self.company_id or self.env.company).id,
            "event_type": "tier_changed",
            "event_key": f"tier_changed:{self.id}:{tier}:{now}",
            "occurred_at": now,
            "res_model": self._name,
            "res_id": self.id,
            "data": {"from": former, "to": tier, "rose": rose},
        }
