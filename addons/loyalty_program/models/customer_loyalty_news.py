from datetime import timedelta

from odoo import api, models
from odoo.tools import SQL

from .loyalty_program_levels import RANK

# Nobody is told of the same tier again within so many days.
TOLD_DAYS = 30


class CustomerLoyaltyNews(models.AbstractModel):
    """What members and the timeline hear of tiers."""

    _name = "customer.loyalty.news"
    _description = "News of a Loyalty Account"

    @api.model
    def _note_tiers(self, moved, now, history=False):
        """Write changes of tier into the timeline. Who rose is told by e-mail as soon
        as the event is handed out: a mail that cannot be written holds up no checkout.

        :param moved: (id of an account, code before, code after)
        :param bool history: True for what is no news: only the timeline knows
        """
        if not moved:
            return
        accounts = self.sudo().browse([number for number, _former, _tier in moved])
        events = [
            account._tier_event(former, tier, now)
            for account, (_number, former, tier) in zip(accounts, moved, strict=True)
        ]
        self.env["lifecycle.event"].sudo()._record(events, history)

    def _tier_event(self, former, tier, now):
        return {
            "customer_id": self.customer_id.commercial_partner_id.id,
            "company_id": (self.company_id or self.env.company).id,
            "event_type": "tier_changed",
            "event_key": f"tier_changed:{self.id}:{tier}:{now}",
            "occurred_at": now,
            "res_model": self._name,
            "res_id": self.id,
            "data": {
                "from": former,
                "to": tier,
                "rose": RANK[tier] > RANK[former],
            },
        }

    @api.model
    def _tell_risen(self, events):
        """Tell members by e-mail which tier they reached; once in a while of the same
        one, and nobody of a tier that is lost again.

        :param events: ``lifecycle.event`` of tiers that changed
        """
        reached = dict(self._not_told(events.ids))
        accounts = self.sudo().browse(list(reached)).exists()
        risen = accounts.filtered(
            lambda a: a.customer_id.email and a.current_tier == reached[a.id]
        )
        template = self.env.ref(
            "loyalty_program.mail_template_tier_reached", raise_if_not_found=False
        )
        # A shop that removed the template says nothing.
        if template and risen:
            template.sudo().send_mail_batch(risen.ids)

    def _not_told(self, events):
        """Return [(account, the tier it rose to last)] by these events; without those
        who rose to it within some days before, and know of it.

        :param list events: ids of ``lifecycle.event``
        """
        return self.env.execute_query(
            SQL(
                """
                WITH risen AS (
                    SELECT DISTINCT ON (res_id) res_id, customer_id, occurred_at,
                           data ->> 'to' AS tier
                      FROM lifecycle_event
                     WHERE id = ANY(%(events)s) AND event_type = 'tier_changed'
                       AND (data ->> 'rose')::boolean
                     ORDER BY res_id, occurred_at DESC, id DESC)
                SELECT r.res_id, r.tier FROM risen r
                 WHERE NOT EXISTS (
                    SELECT FROM lifecycle_event e
                     WHERE e.customer_id = r.customer_id
                       AND e.occurred_at BETWEEN r.occurred_at - %(while)s::interval
                           AND r.occurred_at
                       AND e.event_type = 'tier_changed'
                       AND e.res_model = %(model)s AND e.res_id = r.res_id
                       AND e.data ->> 'to' = r.tier AND (e.data ->> 'rose')::boolean
                       AND NOT e.id = ANY(%(events)s))
                """,
                **{
                    "events": list(events),
                    "while": timedelta(days=TOLD_DAYS),
                    "model": "customer.loyalty",
                },
            )
        )
