from datetime import timedelta

from odoo import api, fields, models

from odoo.addons.customer_preference.const import CHANNEL_KEYS

# When a message of a switched-off journey is looked at again.
RETRY_OFF = timedelta(hours=1)


class JourneySchedulerEvents(models.AbstractModel):
    """What the scheduler does as soon as something happens to customers."""

    _inherit = "journey.scheduler"

    @api.model
    def _hear(self, events):
        """End runs that reached their goal, and wake those that wait for an order.

        :param events: ``lifecycle.event`` records of the current company
        """
        customers = events.customer_id.ids
        types = set(events.mapped("event_type"))
        ordered = "order_confirmed" in types
        now = fields.Datetime.now()
        for run_model, definitions in self._active_definitions().items():
            runs = self.env[run_model].sudo()
            for definition in definitions.filtered(
                lambda d: (
                    (d.goal in ("order", "orders") and ordered)
                    or (d.goal == "event" and d.goal_event in types)
                )
            ):
                ids = runs._running_of(definition, customers)
                reached = definition._goals_certain(ids)
                runs._end(reached, "done", "goal_reached", now)
            if ordered:
                runs._wake_for_orders(customers)
        for run_model in self._run_models():
            self.env[run_model].sudo()._on_goal_events(events, now)
        orders = events.filtered(lambda e: e.res_model == "sale.order").mapped("res_id")
        for run_model in self._run_models() if orders else ():
            self.env[run_model].sudo()._on_order(orders, now)

    @api.model
    def _stopped(self, deliveries, now):
        """Take queued messages back that should not leave now.

        Asked when a queue is about to send: of customers who ordered, who withdrew
        their consent or who sleep, and of journeys that were switched off since the
        message was queued. What only has to wait is put off.

        :param deliveries: queued ``journey.delivery`` records
        :param datetime now: naive UTC
        :return: the deliveries that do not leave now
        """
        reasons, pauses = {}, {}
        for company, mine in deliveries.grouped("company_id").items():
            scheduler = self.with_company(company)
            ended, off = scheduler._ended_since(mine)
            found = scheduler._objections(mine - mine.browse(ended), now)
            reasons |= ended | {
                d: why for d, (why, until) in found.items() if not until
            }
            pauses |= dict.fromkeys(set(off) - set(reasons), now + RETRY_OFF)
            asleep = {d: until for d, (_why, until) in found.items() if until}
            deliveries.browse(asleep)._count_later(asleep)
            pauses |= asleep
        stopped = deliveries.browse(reasons)._cancel_queued(reasons)
        return stopped | deliveries.browse(pauses)._put_off(pauses)

    def _ended_since(self, deliveries):
        """Return ({delivery id: reason} of goals reached, ids of switched-off ones)."""
        reached, off = {}, []
        for (model, number), mine in deliveries.grouped(
            lambda d: (d.definition_model, d.definition_id)
        ).items():
            if model not in self.env:
                continue  # its addon was uninstalled
            definition = self.env[model].sudo().browse(number).exists()
            if not definition:
                continue
            gone = self._taken_out(definition, mine)
            reached |= dict.fromkeys(gone.ids, "by_hand")
            mine -= gone
            runs = definition._goals_certain(mine.mapped("run_id"))
            overtaken = mine.filtered(lambda d, r=runs: d.run_id in r)
            reached |= dict.fromkeys(overtaken.ids, "goal_reached")
            if not definition.is_active:
                off += (mine - overtaken).ids
        return reached, off

    def _taken_out(self, definition, deliveries):
        """Return messages of runs that were cancelled: sent again by hand after they
        failed, they would leave in spite of it.
        """
        runs = self.env[definition._run_model].sudo()
        gone = runs.search(
            [
                ("id", "in", deliveries.mapped("run_id")),
                ("run_state", "=", "cancelled"),
            ]
        )
        return deliveries.filtered(lambda d: d.run_id in gone.ids)

    def _objections(self, deliveries, now):
        """Return {delivery id: (reason, until)} of what must not leave now."""
        asked = deliveries.filtered(lambda d: d.channel in CHANNEL_KEYS)
        found = self.env["contact.policy"]._objections(
            [
                (
                    d.customer_id.id,
                    (d.addressee_id or d.customer_id).id,
                    d.channel,
                    d.category,
                    d.topic_id.id or None,
                    0,
                    None,
                    d.decided_at,
                )
                for d in asked
            ],
            now,
        )
        return {
            delivery.id: (decision.reason, decision.until)
            for delivery, decision in zip(asked, found, strict=True)
            if decision
        }
