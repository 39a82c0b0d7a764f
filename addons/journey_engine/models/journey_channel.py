import logging

from odoo import api, models
from odoo.exceptions import ValidationError
from odoo.tools import SQL

from odoo.addons.customer_lifecycle.tools.clock import Clock

_logger = logging.getLogger(__name__)


class JourneyChannel(models.AbstractModel):
    """How messages leave.

    A channel is one method ``_deliver_<channel>(step, items, now)``; a bridge adds one
    with it and a ``selection_add`` on the step's ``channel``. The method queues the
    messages of all items, never sends within the batch, and calls ``item.send()``, or
    ``item.skip(reason)`` where there is nobody to send to.
    """

    _name = "journey.channel"
    _description = "Journey Channel"

    @api.model
    def _deliver(self, step, items, now):
        """Deliver all at once; if that fails, one by one, so that one bad customer
        stops nobody else.
        """
        error = self._try_deliver(step, items, now)
        if error and len(items) > 1:
            for item in items:
                self._deliver(step, [item], now)
        elif error:
            _logger.warning("Step %s of %s failed", step.code, items[0].key)
            items[0].fail(error, now)

    def _try_deliver(self, step, items, now):
        try:
            with self.env.cr.savepoint():
                ready = self._prepare_items(step, items, now)
                if ready:
                    getattr(self, f"_deliver_{ready[0].channel}")(step, ready, now)
                self.env.flush_all()
        except self.env["journey.scheduler"]._retried_errors():
            raise
        except Exception as error:
            _logger.info("Step %s cannot be delivered", step.code, exc_info=True)
            for item in items:
                item.is_message, item.state, item.reason = True, None, None
            return error
        return None

    @api.model
    def _prepare_items(self, step, items, now):
        """Give items what their message needs; return those that can go out."""
        if not step._has_content(items[0].channel):
            for item in items:
                item.skip("no_content")
            return []
        if step._carries_offer():
            self._issue_codes(step, items, now)
        return [item for item in items if item.is_message]

    @api.model
    def _issue_codes(self, step, items, now):
        """Give each item its personal code; without one, do as the step says.

        A later step repeats the code of an earlier one while it is good, whatever the
        journey offers to others meanwhile.
        """
        self._repeat_codes(items, now)
        missing = [item for item in items if not item.card]
        if not missing:
            return
        offer = step.definition_id.offer_id
        cards, refusals = offer._issue([item.addressee_id for item in missing], now)
        definition = step.definition_id
        self.env["loyalty.card"].union(*cards.values()).sudo().write(
            {"journey_model": definition._name, "journey_id": definition.id}
        )
        for item in missing:
            item.card = cards.get(item.addressee_id)
            if item.card:
                item.card.sudo().journey_run_id = item.run_id
            elif step.without_offer == "skip":
                item.skip(refusals[item.addressee_id])

    @api.model
    def _repeat_codes(self, items, now):
        runs = {item.run_id: item for item in items if item.run_id}
        if not runs:
            return
        self.env.flush_all()
        definition = items[0].definition
        today = Clock(now).today(definition.company_id)
        rows = self.env.execute_query(
            SQL(
                """
                SELECT c.journey_run_id, max(c.id) FROM loyalty_card c
                  JOIN loyalty_program p ON p.id = c.program_id AND p.active
                 WHERE c.journey_model = %s AND c.journey_id = %s
                   AND c.journey_run_id = ANY(%s)
                   AND c.active AND c.points > 0 AND c.expiration_date >= %s
                 GROUP BY 1
                """,
                definition._name,
                definition.id,
                list(runs),
                today,
            )
        )
        for run, card in rows:
            runs[run].card = self.env["loyalty.card"].sudo().browse(card)

    @api.model
    def _check_content(self, step):
        """Raise ValidationError if the step has nothing to say on its channel."""
        channels = ["email"] if step.channel == "preferred" else [step.channel]
        if step.kind != "message" or any(map(step._has_content, channels)):
            return
        raise ValidationError(
            self.env._(
                "step_ids: %(step)s has no content for its channel (%(channel)s).",
                step=step.name or step.code,
                channel=step.channel,
            )
        )

    @api.model
    def _addressees(self, items):
        """Return the addressees as one recordset that reads ahead, item by item."""
        return self.env["res.partner"].sudo().browse(i.addressee_id for i in items)
