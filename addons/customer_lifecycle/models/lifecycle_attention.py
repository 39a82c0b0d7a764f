from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import SQL, format_amount


class LifecycleAttention(models.AbstractModel):
    """The at-risk board: who needs attention, why, and what was done about it."""

    _name = "lifecycle.attention"
    _description = "At-risk Board"

    handled_until = fields.Date(readonly=True)
    handled_by_id = fields.Many2one("res.users", readonly=True)
    handled_at = fields.Datetime(readonly=True)
    attention_since = fields.Datetime(
        readonly=True,
        help="When the last change of stage was news; empty for imported history.",
    )
    escalated_at = fields.Datetime(
        readonly=True, help="Empty again once the stage changes."
    )
    is_resting = fields.Boolean(
        compute="_compute_is_resting",
        search="_search_is_resting",
        help="Handled, and not back on the board yet.",
    )
    attention_reason = fields.Char(compute="_compute_attention_reason")

    @api.depends("handled_until")
    @api.depends_context("uid")
    def _compute_is_resting(self):
        today = fields.Date.context_today(self)
        for row in self:
            row.is_resting = bool(row.handled_until and row.handled_until > today)

    @api.model
    def _search_is_resting(self, operator, value):
        if operator != "in":
            return NotImplemented
        resting = fields.Domain("handled_until", ">", fields.Date.context_today(self))
        return fields.Domain.OR(resting if wanted else ~resting for wanted in value)

    def _compute_attention_reason(self):
        reasons = self._reasons_at_risk()
        for row in self:
            row.attention_reason = reasons.get(row.id, "")

    def _reasons_at_risk(self):
        """Return {row id: sentence} naming every sign of leaving."""
        if not self.ids:
            return {}
        self.env.flush_all()
        lifecycle = self.env["customer.lifecycle"].sudo()
        self.env.cr.execute(
            lifecycle._verdict_query(
                SQL("l.id = ANY(%s)", self.ids), fields.Datetime.now()
            )
        )
        return {
            verdict["id"]: " · ".join(self._signs_of_leaving(verdict))
            for verdict in self.env.cr.dictfetchall()
        }

    def _signs_of_leaving(self, verdict):
        signs = []
        if verdict["ordered"]:
            signs.append(self.env._("no order for %s days", verdict["d"]))
        if verdict["average_order_gap"]:
            signs.append(
                self.env._("usually every %.0f days", verdict["average_order_gap"])
            )
        if verdict["risk"] >= verdict["at_risk_score"]:
            signs.append(self.env._("churn risk %.0f %%", 100 * verdict["risk"]))
        if (
            100 * verdict["score"]
            < verdict["at_risk_engagement"] * verdict["attainable"]
        ):
            signs.append(
                self.env._(
                    "engagement %(score)s of %(attainable)s",
                    score=verdict["score"],
                    attainable=verdict["attainable"],
                )
            )
        return signs

    # --------------------------------------------------------------------- actions
    def _check_attention(self):
        self.env["lifecycle.engine"]._check_marketer()
        self.check_access("read")

    def action_schedule_call(self):
        """Open the form for a call with this customer.

        :raises AccessError: the user is no marketer
        """
        self._check_attention()
        self.ensure_one()
        call = self.env.ref("mail.mail_activity_data_call", raise_if_not_found=False)
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Call %s", self.customer_id.display_name),
            "res_model": "mail.activity.schedule",
            "view_mode": "form",
            "views": [(False, "form")],
            "target": "new",
            "context": {
                "active_model": "res.partner",
                "active_id": self.customer_id.id,
                "active_ids": self.customer_id.ids,
                "default_activity_type_id": call and call.id,
                "default_summary": self.env._("Call: %s", self.attention_reason or ""),
            },
        }

    def action_log_note(self):
        """Open the composer for an internal note on the customer.

        :raises AccessError: the user is no marketer
        """
        self.ensure_one()
        self._check_attention()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Note on %s", self.customer_id.display_name),
            "res_model": "mail.compose.message",
            "view_mode": "form",
            "target": "new",
            "context": {
                "default_model": "res.partner",
                "default_res_ids": self.customer_id.ids,
                "default_subtype_xmlid": "mail.mt_note",
                "default_composition_mode": "comment",
                "default_subject": self.env._("Note"),
                # The form asks for recipients otherwise, out of sight.
                "clicked_on_full_composer": True,
            },
        }

    def action_mark_handled(self):
        """Open the dialog that lets handled customers rest.

        :raises AccessError: the user is no marketer
        """
        self._check_attention()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Mark as Handled"),
            "res_model": "lifecycle.handle",
            "view_mode": "form",
            "target": "new",
            "context": {"default_lifecycle_ids": self.ids},
        }

    def action_set_stage(self):
        """Open the dialog that pins a stage.

        :raises AccessError: the user is no marketer
        """
        self.ensure_one()
        self._check_attention()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Set Stage"),
            "res_model": "lifecycle.set.stage",
            "view_mode": "form",
            "target": "new",
            "context": {"default_lifecycle_id": self.id},
        }

    def action_undo_handled(self):
        """Put customers back on the board.

        :raises AccessError: the user is no marketer
        """
        self._check_attention()
        self.sudo().write(
            {"handled_until": False, "handled_by_id": False, "handled_at": False}
        )

    def action_open_customer(self):
        """Open the customer's contact form."""
        self.ensure_one()
        self.check_access("read")
        return self.customer_id.get_formview_action()

    def action_open_orders(self):
        """Open the orders behind the figures."""
        self.ensure_one()
        self.check_access("read")
        action = self.env["ir.actions.actions"]._for_xml_id("sale.action_orders")
        return action | {
            "views": [view for view in action["views"] if view[1] in ("list", "form")],
            "domain": [
                ("partner_id.commercial_partner_id", "=", self.customer_id.id),
                ("company_id", "=", self.company_id.id),
                ("state", "=", "sale"),
            ],
            "context": {"create": False},
        }

    def _mark_handled(self, days, note=None):
        """Let customers rest for ``days``; ``note`` goes on their chatter."""
        self._check_attention()
        now = fields.Datetime.now()
        self.sudo().write(
            {
                "handled_until": fields.Date.context_today(self) + timedelta(days=days),
                "handled_by_id": self.env.uid,
                "handled_at": now,
                "escalated_at": False,
            }
        )
        if note:
            for row in self:
                row.customer_id.sudo().message_post(
                    body=note,
                    author_id=self.env.user.partner_id.id,
                    subtype_xmlid="mail.mt_note",
                )

    # ------------------------------------------------------------------ escalation
    def _escalate(self):
        """Give each customer to the manager of their salesperson, once."""
        activity_type = self.env.ref(
            "customer_lifecycle.mail_activity_type_escalation", raise_if_not_found=False
        )
        if not activity_type:
            return
        model = self.env["ir.model"]._get_id("res.partner")
        # The activity is the message; an e-mail for each would bury the manager.
        self.env["mail.activity"].with_context(mail_activity_quick_update=True).create(
            [
                {
                    "res_model_id": model,
                    "res_id": row.customer_id.id,
                    "activity_type_id": activity_type.id,
                    "user_id": manager.id,
                    "date_deadline": fields.Date.context_today(row),
                    "summary": row._escalation_summary(),
                    "automated": True,
                }
                for row in self
                if (manager := row._escalation_manager())
            ]
        )
        self.write({"escalated_at": fields.Datetime.now()})

    def _escalation_summary(self):
        return self.env._(
            "At risk and not handled: %s a year at stake",
            format_amount(self.env, self.revenue_at_stake, self.currency_id),
        )

    def _escalation_manager(self):
        """The leader of the salesperson's team, else whom the policy names."""
        policy = self.env["lifecycle.policy"]._ensure(self.company_id)
        leader = self.customer_id.user_id.sale_team_id.user_id
        if leader.active and self.company_id in leader.company_ids:
            return leader
        return policy.escalation_user_id
