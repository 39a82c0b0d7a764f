import json
from numbers import Real

from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..const import NEVER, RECENT_REASONS, RULE_REASONS, STAGES, TRIGGER_TYPES

# What ``_reason`` makes a sentence of; other details are kept as they come.
DETAIL_KINDS = {"rule": str, "note": str, "churn_risk_score": Real}


class LifecycleStageHistory(models.Model):
    _name = "lifecycle.stage.history"
    _description = "Stage History"
    _inherit = ["lifecycle.append.only"]
    _order = "transitioned_at desc, id desc"
    _rec_name = "customer_id"
    _log_access = False

    customer_id = fields.Many2one("res.partner", required=True, ondelete="cascade")
    lifecycle_id = fields.Many2one(
        "customer.lifecycle", required=True, ondelete="cascade", index=True
    )
    company_id = fields.Many2one("res.company", required=True, ondelete="cascade")
    from_stage = fields.Selection(STAGES, "From")
    to_stage = fields.Selection(STAGES, "To", required=True)
    trigger_type = fields.Selection(
        TRIGGER_TYPES, "Trigger", required=True, default="automatic"
    )
    trigger_details = fields.Json()
    reason = fields.Char("Why", compute="_compute_reason")
    transitioned_at = fields.Datetime(
        "Moved", required=True, default=fields.Datetime.now
    )

    _customer_idx = models.Index("(customer_id, transitioned_at)")
    _time_idx = models.Index("(company_id, transitioned_at)")

    @api.depends("trigger_details")
    @api.depends_context("lang")
    def _compute_reason(self):
        for row in self:
            row.reason = row._reason()

    def _reason(self):
        """Return the sentence that the details tell."""
        details = self.trigger_details or {}
        if details.get("note"):
            return details["note"]
        label = RULE_REASONS.get(details.get("rule"))
        if label is None:
            return ""
        facts = {"days": details.get("days_since_last_order", NEVER)}
        if details["rule"] == "active":
            label = RECENT_REASONS.get(facts["days"], label)
        facts |= {key: details.get(key) for key in ("total_orders", "share")}
        facts["risk"] = round(100 * (details.get("churn_risk_score") or 0))
        return label._translate(self.env.lang or "en_US") % facts

    @api.model
    def _check_details(self, details):
        """Raise ValidationError unless ``details`` is None, False or a fit dict."""
        if (
            details is not None
            and details is not False
            and not isinstance(details, dict)
        ):
            raise ValidationError(
                self.env._("trigger_details: an object of facts is needed.")
            )
        if not self._is_json(details):
            raise ValidationError(
                self.env._("trigger_details: only what JSON can hold, no NaN.")
            )
        for name, kind in DETAIL_KINDS.items():
            if name in (details or {}) and not isinstance(details[name], kind):
                raise ValidationError(
                    self.env._(
                        "trigger_details: %(name)s must be a %(kind)s.",
                        name=name,
                        kind=self.env._("text")
                        if kind is str
                        else self.env._("number"),
                    )
                )

    @api.model
    def _is_json(self, value):
        try:
            json.dumps(value, allow_nan=False)
        except (TypeError, ValueError):
            return False
        return True

    @api.model
    def _log_transition(self, lifecycle, from_stage, trigger_type, details, now):
        """Write one transition into history and timeline; return the history row."""
        history = self.sudo().create(
            {
                "customer_id": lifecycle.customer_id.id,
                "lifecycle_id": lifecycle.id,
                "company_id": lifecycle.company_id.id,
                "from_stage": from_stage,
                "to_stage": lifecycle.current_stage,
                "trigger_type": trigger_type,
                "trigger_details": details,
                "transitioned_at": now,
            }
        )
        self.env["lifecycle.event"]._record(
            [
                {
                    "customer_id": lifecycle.customer_id.id,
                    "company_id": lifecycle.company_id.id,
                    "event_type": "stage_changed",
                    "event_key": f"stage_changed:{history.id}",
                    "occurred_at": now,
                    "res_model": self._name,
                    "res_id": history.id,
                    "data": {"from": from_stage, "to": lifecycle.current_stage},
                }
            ]
        )
        return history

    def _as_transitions(self):
        """Return the rows in the form that ``_on_stage_changed`` takes."""
        return [
            {
                "history_id": row.id,
                "lifecycle_id": row.lifecycle_id.id,
                "customer_id": row.customer_id.id,
                "company_id": row.company_id.id,
                "from_stage": row.from_stage,
                "to_stage": row.to_stage,
                "trigger_type": row.trigger_type,
            }
            for row in self
        ]
