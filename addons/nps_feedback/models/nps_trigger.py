from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import SQL

from odoo.addons.customer_lifecycle.tools.bounds import check_range, named
from odoo.addons.customer_lifecycle.tools.json_view import JsonReader, JsonView, whole

from ..const import TRIGGERS

MAX_DELAY = 24 * 366
# What each kind of trigger may say in ``trigger_config``.
KEYS = {
    "post_order": ("delay_hours", "sample_percent"),
    "post_delivery": ("delay_hours", "sample_percent"),
    "periodic": ("every_days", "sample_percent"),
    "milestone": ("order_count", "delay_hours", "sample_percent"),
}
# What of it stands there always, default or not.
SHOWN = {
    "post_order": ("delay_hours", "sample_percent"),
    "post_delivery": ("delay_hours", "sample_percent"),
    "periodic": ("every_days",),
    "milestone": ("order_count",),
}
DEFAULTS = {
    "delay_hours": 0,
    "sample_percent": 100,
    "every_days": 90,
    "order_count": 5,
}


class NpsTrigger(models.AbstractModel):
    """What asks customers, as fields and as ``trigger_config``."""

    _name = "nps.trigger"
    _description = "Trigger of a Survey"
    _inherit = ["journey.trigger"]

    trigger_type = fields.Selection(
        TRIGGERS, "Ask", required=True, default="post_order", index=True
    )
    trigger_config = JsonView(
        compute="_compute_trigger_config", inverse="_inverse_trigger_config", shape=dict
    )
    delay_hours = fields.Float(
        "Wait (hours)", help="Between what happened and the question."
    )
    sample_percent = fields.Float(
        "Ask this share (%)",
        default=100.0,
        help="Which customers belong to the share is drawn once for each occasion; "
        "asking again draws the same.",
    )
    every_days = fields.Integer(
        "Every (days)",
        default=90,
        help="Customers are spread over the period, so that answers come every day.",
    )
    order_count = fields.Integer("At order number", default=5)
    scheduled_until = fields.Date(
        readonly=True, copy=False, help="Day up to which customers have been asked."
    )
    trigger_sentence = fields.Char("Asks", compute="_compute_trigger_sentence")

    # ------------------------------------------------------------------------ JSON
    @api.depends("trigger_type", *DEFAULTS)
    def _compute_trigger_config(self):
        for survey in self:
            kind = survey.trigger_type
            survey.trigger_config = {
                name: whole(survey[name])
                for name in KEYS.get(kind, ())
                if name in SHOWN[kind] or survey[name] != DEFAULTS[name]
            }

    def _inverse_trigger_config(self):
        for survey in self:
            reader = JsonReader(self.env, survey.trigger_config, "trigger_config")
            survey.write(survey._trigger_values(reader))

    def _trigger_values(self, reader):
        """Return the values that a ``trigger_config`` means; what it leaves out is as
        by default.

        :raises ValidationError: naming the path and what is allowed
        """
        reader.check_keys(KEYS[self.trigger_type])
        return {
            "delay_hours": reader.number(
                "delay_hours", 0, MAX_DELAY, DEFAULTS["delay_hours"]
            ),
            "sample_percent": reader.number(
                "sample_percent", 0, 100, DEFAULTS["sample_percent"]
            ),
            "every_days": reader.number(
                "every_days", 1, 3650, DEFAULTS["every_days"], whole=True
            ),
            "order_count": reader.number(
                "order_count", 1, 10**6, DEFAULTS["order_count"], whole=True
            ),
        }

    # ----------------------------------------------------------------- constraints
    @api.constrains("delay_hours", "sample_percent", "every_days", "order_count")
    def _check_trigger_ranges(self):
        for survey in self:
            check_range(survey, "delay_hours", 0, MAX_DELAY)
            check_range(survey, "sample_percent", 0, 100)
            check_range(survey, "every_days", 1, 3650)
            check_range(survey, "order_count", 1, 10**6)

    def _check_startable(self):
        self._check_deliveries_known()
        return super()._check_startable()

    @api.constrains("trigger_type", "is_active")
    def _check_active_trigger(self):
        for survey in self.filtered("is_active"):
            survey._check_deliveries_known()

    def _check_deliveries_known(self):
        """Refuse to wait for deliveries that nobody tells of."""
        known = "first_delivery_date" in self.env["customer.lifecycle"]._fields
        if self.trigger_type == "post_delivery" and not known:
            raise ValidationError(
                self.env._(
                    "%s: post_delivery needs the addon customer_lifecycle_stock, "
                    "which tells of deliveries; allowed without it are post_order, "
                    "periodic, milestone.",
                    named(self, "trigger_type"),
                )
            )

    # -------------------------------------------------------------------- sentence
    @api.depends("trigger_type", *DEFAULTS)
    @api.depends_context("lang")
    def _compute_trigger_sentence(self):
        for survey in self:
            sentence = survey._occasion()
            if survey.sample_percent < 100:
                sentence = self.env._(
                    "%(when)s, %(share)s %% of the customers",
                    when=sentence,
                    share=whole(round(survey.sample_percent, 2)),
                )
            survey.trigger_sentence = sentence

    def _occasion(self):
        hours = whole(self.delay_hours or 0)
        occasions = {
            "post_order": self.env._("%s hours after an order", hours)
            if hours
            else self.env._("Right after an order"),
            "post_delivery": self.env._("%s hours after a delivery", hours)
            if hours
            else self.env._("Right after a delivery"),
            "periodic": self.env._("Every %s days", self.every_days),
            "milestone": self.env._("After order number %s", self.order_count),
        }
        return occasions.get(self.trigger_type, "")

    def _make_up_for(self, pause):
        """Who waits meanwhile has as long to answer as all others."""
        result = super()._make_up_for(pause)
        self.env.cr.execute(
            SQL(
                "UPDATE nps_invitation SET expires_at = expires_at + %s"
                " WHERE definition_id = %s AND run_state = 'running'",
                pause,
                self.id,
            )
        )
        return result
