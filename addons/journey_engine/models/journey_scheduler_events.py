from odoo import api, fields, models


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

    @api.model
    def _overtaken(self, deliveries, now):
        """Return why queued messages should not leave any more.

        Asked when the queue is about to send: customers who ordered, and those who
        withdrew their consent, since the message was queued.

        :param deliveries: queued ``journey.delivery`` records
        :param datetime now: naive UTC
        :return: {delivery id: reason code}
        """
        reasons = {}
        for company, mine in deliveries.grouped("company_id").items():
            scheduler = self.with_company(company)
            reached = scheduler._reached_since(mine)
            rest = mine - mine.browse(reached)
            reasons |= reached | scheduler._refused_since(rest, now)
        return reasons

    def _reached_since(self, deliveries):
        found = {}
        for (model, number), mine in deliveries.grouped(
            lambda d: (d.definition_model, d.definition_id)
        ).items():
            if model not in self.env:
                continue  # its addon was uninstalled
            definition = self.env[model].sudo().browse(number).exists()
            if definition:
                reached = definition._goals_certain(mine.mapped("run_id"))
                overtaken = mine.filtered(lambda d, r=reached: d.run_id in r)
                found |= dict.fromkeys(overtaken.ids, "goal_reached")
        return found

    def _refused_since(self, deliveries, now):
        asked = deliveries.filtered(lambda d: d.channel in ("email", "sms", "push"))
        decisions = self.env["contact.policy"]._refusals(
            [
                (
                    d.customer_id.id,
                    (d.addressee_id or d.customer_id).id,
                    d.channel,
                    d.category,
                    d.topic_id.id or None,
                )
                for d in asked
            ],
            now,
        )
        return {
            delivery.id: refused.reason
            for delivery, refused in zip(asked, decisions, strict=True)
            if refused and refused.decision == "skip"
        }
