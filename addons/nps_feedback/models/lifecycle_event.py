from odoo import api, fields, models

ANSWERS = ("survey_answered", "survey_changed")
NO_FACTS = ("detractor_case",)


class LifecycleEvent(models.Model):
    """Answers are told on the timeline, and have their consequences."""

    _inherit = "lifecycle.event"

    @api.model
    def _event_labels(self):
        return {
            **super()._event_labels(),
            "survey_answered": self.env._("Survey answered"),
            "survey_changed": self.env._("Answer changed"),
            "detractor_case": self.env._("Unhappy customer"),
            "csat_answered": self.env._("Satisfaction told"),
            # Of a bridge; a survey may wait for it before it is installed.
            "delivery_done": self.env._("Delivered"),
        }

    @api.model
    def _event_consumers(self):
        return {
            **super()._event_consumers(),
            "surveys": "_consume_surveys",
            "answers": "_consume_answers",
        }

    def _is_fact(self):
        return self.event_type not in NO_FACTS and super()._is_fact()

    def _consume_surveys(self):
        """Ask the customers whom surveys wait for."""
        for company, events in self.grouped("company_id").items():
            # Facts may be counted later; whoever something happens to is a customer.
            rows = self.env["customer.lifecycle"].sudo()
            rows._insert_missing([(c.id, company.id) for c in events.customer_id])
        self.env["nps.survey"].sudo()._on_events(self, fields.Datetime.now())

    def _consume_answers(self):
        """Have somebody take care of the unhappy."""
        told = self.filtered(lambda event: event.event_type in ANSWERS)
        responses = self.env["nps.response"].sudo()
        found = responses.browse(set(told.mapped("res_id"))).exists()
        if found:
            cases = self.env["nps.case"].sudo()
            cases._follow_answers(found, fields.Datetime.now())
