from datetime import datetime

from odoo import api, fields, models
from odoo.exceptions import ValidationError

from odoo.addons.customer_lifecycle.const import STAGE_KEYS, STAGES
from odoo.addons.customer_lifecycle.tools.bounds import check_range, named
from odoo.addons.customer_lifecycle.tools.json_view import JsonReader, JsonView, whole

from ..const import MILESTONES, REPEATS, SCHEDULES, TRIGGERS

MAX_DELAY = 24 * 366
# What each kind of trigger may say in ``trigger_config``, and what it must.
KEYS = {
    "stage_entry": (("stage", "from_stage", "delay_hours"), ("stage",)),
    "event": (("event_type", "delay_hours"), ("event_type",)),
    "milestone": (("milestone", "target", "delay_hours"), ("milestone", "target")),
    "schedule": (("schedule", "delay_hours"), ("schedule",)),
    "segment": (("delay_hours",), ()),
}
SCHEDULE_KEYS = ("kind", "days", "date", "repeat", "hour")
MAX_TARGETS = 50


class EngagementTrigger(models.AbstractModel):
    """What lets customers enter a campaign, as fields and as ``trigger_config``."""

    _name = "engagement.trigger"
    _description = "Trigger of a Campaign"

    trigger_config = JsonView(
        compute="_compute_trigger_config", inverse="_inverse_trigger_config", shape=dict
    )
    trigger_type = fields.Selection(
        TRIGGERS, "Starts when", required=True, default="stage_entry", index=True
    )
    trigger_stage = fields.Selection(STAGES, "Stage")
    trigger_from_stage = fields.Selection(
        STAGES, "Coming from", help="Empty: from any stage."
    )
    event_type = fields.Selection(
        selection="_selection_event_type", string="Event that starts it"
    )
    milestone = fields.Selection(
        selection="_selection_milestone", string="Milestone of"
    )
    milestone_targets = fields.Char(
        "At", help="One or more numbers, such as 1, 5, 10; each counts once."
    )
    schedule_kind = fields.Selection(SCHEDULES, "Date")
    schedule_days = fields.Integer("Days", default=30)
    schedule_date = fields.Date("First on")
    schedule_repeat = fields.Selection(REPEATS, "Repeat", default="once")
    schedule_hour = fields.Float(
        "At (local time)", default=9.0, help="From when on that day customers enter."
    )
    delay_hours = fields.Float(
        "Wait (hours)", help="Between what happened and the first step."
    )
    scheduled_until = fields.Date(
        readonly=True, copy=False, help="Day up to which dates have been looked at."
    )

    @api.model
    def _selection_event_type(self):
        """What can happen: the events of the timeline."""
        return sorted(self.env["lifecycle.event"]._event_labels().items())

    @api.model
    def _selection_milestone(self):
        """What can be reached; an addon adds its own, and a query for it."""
        return MILESTONES

    # ------------------------------------------------------------------------ JSON
    @api.depends(
        "trigger_type",
        "trigger_stage",
        "trigger_from_stage",
        "event_type",
        "milestone",
        "milestone_targets",
        "schedule_kind",
        "schedule_days",
        "schedule_date",
        "schedule_repeat",
        "schedule_hour",
        "delay_hours",
    )
    def _compute_trigger_config(self):
        for campaign in self:
            config = {"trigger_type": campaign.trigger_type}
            config |= getattr(campaign, f"_config_{campaign.trigger_type}")()
            if campaign.delay_hours:
                config["delay_hours"] = whole(campaign.delay_hours)
            campaign.trigger_config = config

    def _config_stage_entry(self):
        config = {"stage": self.trigger_stage, "from_stage": self.trigger_from_stage}
        return {key: value for key, value in config.items() if value}

    def _config_event(self):
        return {"event_type": self.event_type} if self.event_type else {}

    def _config_milestone(self):
        try:
            targets = [whole(target) for target in self._targets()]
        except ValueError:
            # Mistyped in the form; saving it is refused.
            targets = []
        return {
            "milestone": self.milestone,
            "target": targets[0] if len(targets) == 1 else targets,
        }

    def _config_schedule(self):
        schedule = {"kind": self.schedule_kind}
        if self.schedule_kind == "after_last_order":
            schedule["days"] = self.schedule_days
        if self.schedule_kind == "calendar":
            schedule["date"] = fields.Date.to_string(self.schedule_date) or False
            schedule["repeat"] = self.schedule_repeat
        if self.schedule_hour != 9:
            schedule["hour"] = whole(self.schedule_hour)
        return {"schedule": schedule}

    def _config_segment(self):
        return {}

    def _inverse_trigger_config(self):
        for campaign in self:
            if campaign.trigger_config:
                reader = JsonReader(self.env, campaign.trigger_config, "trigger_config")
                campaign.write(campaign._trigger_values(reader))

    @api.model
    def _trigger_values(self, reader):
        """Return the values that a ``trigger_config`` means.

        :raises ValidationError: naming the path and what is allowed
        """
        every = {key for allowed, _needed in KEYS.values() for key in allowed}
        reader.check_keys(("trigger_type", *sorted(every)), ("trigger_type",))
        kind = reader.choice("trigger_type", list(KEYS))
        allowed, needed = KEYS[kind]
        reader.check_keys(("trigger_type", *allowed), needed)
        return {
            "trigger_type": kind,
            "delay_hours": reader.number("delay_hours", 0, MAX_DELAY, default=0),
            **getattr(self, f"_read_{kind}")(reader),
        }

    def _read_stage_entry(self, reader):
        return {
            "trigger_stage": reader.choice("stage", STAGE_KEYS),
            "trigger_from_stage": reader.choice("from_stage", STAGE_KEYS, False),
        }

    def _read_event(self, reader):
        known = [key for key, _label in self._selection_event_type()]
        return {"event_type": reader.choice("event_type", known)}

    def _read_milestone(self, reader):
        known = [key for key, _label in self._selection_milestone()]
        milestone = reader.choice("milestone", known)
        targets = reader.value["target"]
        targets = targets if isinstance(targets, list) else [targets]
        JsonReader(self.env, {"targets": len(targets)}, f"{reader.path}.target").number(
            "targets", 1, MAX_TARGETS
        )
        found = [
            JsonReader(self.env, {"target": target}, reader.path).number(
                "target", 1, whole=milestone == "orders"
            )
            for target in targets
        ]
        return {
            "milestone": milestone,
            "milestone_targets": ", ".join(str(whole(target)) for target in found),
        }

    def _read_schedule(self, reader):
        schedule = JsonReader(
            self.env, reader.value["schedule"], f"{reader.path}.schedule"
        )
        schedule.check_keys(SCHEDULE_KEYS, required=("kind",))
        kind = schedule.choice("kind", [key for key, _label in SCHEDULES])
        values = {
            "schedule_kind": kind,
            "schedule_hour": schedule.number("hour", 0, 23.99, default=9),
        }
        if kind == "after_last_order":
            values["schedule_days"] = schedule.number("days", 1, 3650, whole=True)
        if kind == "calendar":
            values["schedule_date"] = self._read_date(schedule)
            repeats = [key for key, _label in REPEATS]
            values["schedule_repeat"] = schedule.choice("repeat", repeats, "once")
        return values

    def _read_segment(self, reader):
        return {}

    def _read_date(self, schedule):
        text = schedule.text("date")
        try:
            # ISO 8601 without dashes is more often a mistyped number.
            return datetime.strptime(text, "%Y-%m-%d").date()
        except (ValueError, OverflowError):
            return schedule.choice("date", ["2026-12-24"])

    # ------------------------------------------------------------------- milestones
    def _targets(self):
        """Return the numbers of ``milestone_targets``, ascending."""
        words = (self.milestone_targets or "").replace(";", ",").split(",")
        return sorted({float(word) for word in words if word.strip()})

    @api.constrains("milestone", "milestone_targets")
    def _check_milestone_targets(self):
        for campaign in self:
            try:
                targets = campaign._targets()
                counts = campaign.milestone == "orders"
                fine = all(0 < n < 10**12 and not (counts and n % 1) for n in targets)
            except (ValueError, OverflowError):
                fine = False
            if not fine or len(targets) > MAX_TARGETS:
                raise ValidationError(
                    self.env._(
                        "%(name)s: %(value)s is not allowed; allowed are up to "
                        "%(most)s numbers above 0, such as 1, 5, 10; orders are whole.",
                        name=named(campaign, "milestone_targets"),
                        value=repr(campaign.milestone_targets)[:100],
                        most=MAX_TARGETS,
                    )
                )

    @api.constrains("delay_hours", "schedule_days", "schedule_hour")
    def _check_trigger_ranges(self):
        for campaign in self:
            check_range(campaign, "delay_hours", 0, MAX_DELAY)
            check_range(campaign, "schedule_days", 1, 3650)
            check_range(campaign, "schedule_hour", 0, 23.99)

    # ---------------------------------------------------------------- completeness
    def _check_startable(self):
        self._check_trigger()
        self._check_date()
        return super()._check_startable()

    @api.constrains(
        "trigger_type",
        "trigger_stage",
        "event_type",
        "milestone",
        "milestone_targets",
        "schedule_kind",
        "schedule_date",
        "schedule_repeat",
    )
    def _check_active_trigger(self):
        for campaign in self.filtered("is_active"):
            campaign._check_trigger()

    def _check_trigger(self):
        """Raise ValidationError unless it is clear what starts the campaign."""
        for name in self._trigger_fields():
            if not self[name]:
                raise ValidationError(
                    self.env._(
                        "%s is missing; the trigger needs it.", named(self, name)
                    )
                )

    def _check_date(self):
        """A date that passed lets nobody in."""
        today = self.env["lifecycle.engine"]._clock().today(self.company_id)
        once = (self.schedule_kind, self.schedule_repeat) == ("calendar", "once")
        if self.trigger_type == "schedule" and once and self.schedule_date < today:
            raise ValidationError(
                self.env._(
                    "%(name)s: %(date)s is past; allowed is today or a later day.",
                    name=named(self, "schedule_date"),
                    date=self.schedule_date,
                )
            )

    def _trigger_fields(self):
        needed = {
            "stage_entry": ["trigger_stage"],
            "event": ["event_type"],
            "milestone": ["milestone", "milestone_targets"],
            "schedule": ["schedule_kind"],
            "segment": [],
        }[self.trigger_type]
        if self.trigger_type == "schedule" and self.schedule_kind == "calendar":
            return [*needed, "schedule_date", "schedule_repeat"]
        return needed
