from odoo import api, fields, models

from odoo.addons.customer_lifecycle.tools.json_view import whole


class EngagementSentence(models.AbstractModel):
    """The trigger of a campaign as people say it."""

    _name = "engagement.sentence"
    _description = "Trigger of a Campaign in Words"
    _inherit = ["engagement.trigger"]

    trigger_sentence = fields.Char("Starts", compute="_compute_trigger_sentence")

    @api.depends("trigger_config", "target_stage", "target_segment_id")
    @api.depends_context("lang")
    def _compute_trigger_sentence(self):
        for campaign in self:
            sentence = getattr(campaign, f"_tell_{campaign.trigger_type}")()
            if campaign.delay_hours:
                sentence = self.env._(
                    "%(hours)s hours after: %(what)s",
                    hours=whole(campaign.delay_hours),
                    what=sentence[:1].lower() + sentence[1:],
                )
            campaign.trigger_sentence = sentence

    def _label(self, name):
        selection = dict(self._fields[name]._description_selection(self.env))
        return selection.get(self[name], "…")

    def _tell_stage_entry(self):
        stage = self._label("trigger_stage")
        if self.trigger_from_stage:
            return self.env._(
                "A customer moves from %(former)s to %(stage)s",
                former=self._label("trigger_from_stage"),
                stage=stage,
            )
        return self.env._("A customer becomes %s", stage)

    def _tell_event(self):
        return self._label("event_type")

    def _tell_milestone(self):
        return self.env._(
            "A customer reaches %(targets)s (%(milestone)s)",
            targets=self.milestone_targets or "…",
            milestone=self._label("milestone"),
        )

    def _tell_schedule(self):
        if self.schedule_kind == "after_last_order":
            return self.env._("%s days after the last order", self.schedule_days)
        if self.schedule_kind == "calendar":
            return self.env._(
                "On %(day)s (%(repeat)s)",
                day=self.schedule_date or "…",
                repeat=self._label("schedule_repeat"),
            )
        return self.env._("Every year: %s", self._label("schedule_kind"))

    def _tell_segment(self):
        return self.env._("A customer belongs to the audience (looked at every day)")
