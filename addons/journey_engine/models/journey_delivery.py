from odoo import api, fields, models

from ..const import CATEGORIES, DELIVERY_STATES

COLUMNS = (
    "run_model",
    "run_id",
    "step_id",
    "step_code",
    "definition_model",
    "definition_id",
    "company_id",
    "customer_id",
    "addressee_id",
    "channel",
    "category",
    "topic_id",
    "state",
    "reason",
    "times_held",
    "scheduled_at",
    "decided_at",
    "retry_at",
    "sent_at",
    "mail_mail_id",
    "sms_id",
    "trace_id",
    "card_id",
    "error",
)
# A message that was held is decided on again: same row, newer word.
CHANGES = ", ".join(
    f"{name} = excluded.{name}"
    for name in COLUMNS
    if name not in ("run_model", "run_id", "step_code", "times_held", "scheduled_at")
)


class JourneyDelivery(models.Model):
    """What was sent, what was not, and why: one row per run and step.

    Rows are written in SQL by the scheduler, whole batches at a time.
    """

    _name = "journey.delivery"
    _description = "Delivery"
    _order = "decided_at desc, id desc"
    _rec_name = "customer_id"
    _log_access = False

    run_model = fields.Char(required=True, readonly=True)
    run_id = fields.Many2oneReference(
        model_field="run_model", required=True, readonly=True
    )
    definition_model = fields.Char(required=True, readonly=True)
    definition_id = fields.Many2oneReference(
        "Journey", model_field="definition_model", required=True, readonly=True
    )
    journey_name = fields.Char("Journey name", compute="_compute_names")
    step_id = fields.Integer("Step record", required=True, readonly=True)
    step_code = fields.Char("Step", required=True, readonly=True)
    step_name = fields.Char(compute="_compute_names")
    company_id = fields.Many2one(
        "res.company", required=True, ondelete="cascade", readonly=True
    )
    customer_id = fields.Many2one(
        "res.partner", required=True, ondelete="cascade", readonly=True
    )
    addressee_id = fields.Many2one("res.partner", ondelete="set null", readonly=True)
    channel = fields.Selection(selection="_selection_channel", readonly=True)
    category = fields.Selection(CATEGORIES, readonly=True)
    topic_id = fields.Many2one("contact.topic", ondelete="set null", readonly=True)
    state = fields.Selection(DELIVERY_STATES, required=True, readonly=True)
    reason = fields.Char("Reason code", readonly=True)
    reason_label = fields.Char("Reason", compute="_compute_reason_label")
    times_held = fields.Integer(readonly=True)
    scheduled_at = fields.Datetime("Due", readonly=True)
    decided_at = fields.Datetime("Decided", readonly=True)
    retry_at = fields.Datetime("Held until", readonly=True)
    sent_at = fields.Datetime(
        "Sent",
        readonly=True,
        help="When it left; stays when the message turns out to be undeliverable.",
    )
    opened_at = fields.Datetime("Opened", readonly=True)
    clicked_at = fields.Datetime("Clicked", readonly=True)
    mail_mail_id = fields.Many2one("mail.mail", "E-mail", readonly=True)
    sms_id = fields.Many2one("sms.sms", "SMS", readonly=True)
    trace_id = fields.Many2one("mailing.trace", "Tracking", readonly=True)
    card_id = fields.Many2one("loyalty.card", "Coupon", readonly=True)
    offer_code = fields.Char(related="card_id.code")
    error = fields.Text(readonly=True)

    # The code, not the id: a step is done once in whatever version.
    _run_step_uniq = models.UniqueIndex("(run_model, run_id, step_code)")
    _customer_idx = models.Index("(customer_id, decided_at DESC)")
    _definition_idx = models.Index("(definition_model, definition_id, step_code)")
    _decided_idx = models.Index("(decided_at)")
    _queued_idx = models.Index("(trace_id) WHERE state = 'queued'")
    _mail_mail_id_idx = models.Index("(mail_mail_id) WHERE mail_mail_id IS NOT NULL")
    _sms_id_idx = models.Index("(sms_id) WHERE sms_id IS NOT NULL")
    _trace_id_idx = models.Index("(trace_id) WHERE trace_id IS NOT NULL")
    _card_id_idx = models.Index("(card_id) WHERE card_id IS NOT NULL")

    @api.model
    def _selection_channel(self):
        """The channels of steps, those that a bridge adds included."""
        field = self.env["journey.step.mixin"]._fields["channel"]
        return field._description_selection(self.env)

    @api.depends("definition_model", "definition_id", "step_id")
    def _compute_names(self):
        self.journey_name = False
        for delivery in self:
            delivery.step_name = delivery.step_code
        for model, deliveries in self.grouped("definition_model").items():
            if model not in self.env:
                continue  # its addon was uninstalled
            definitions = (
                self.env[model].sudo().browse(deliveries.mapped("definition_id"))
            )
            known = definitions.exists()
            steps = self.env[known._step_model].sudo()
            found = steps.browse(deliveries.mapped("step_id")).exists()
            names = {step.id: step.name for step in found}
            for delivery in deliveries:
                definition = known.browse(delivery.definition_id)
                delivery.journey_name = definition in known and definition.name
                name = names.get(delivery.step_id)
                delivery.step_name = name or delivery.step_code

    @api.depends("reason")
    @api.depends_context("lang")
    def _compute_reason_label(self):
        labels = self._reason_labels()
        for delivery in self:
            reason = delivery.reason or ""
            kind, _colon, why = reason.partition(":")
            label = labels.get(kind, reason)
            general = f"{label} ({why})" if why else label
            delivery.reason_label = labels.get(reason, general)

    @api.model
    def _reason_labels(self):
        """Return the labels of the reason codes; an addon adds its own."""
        return {
            "no_consent": self.env._("No consent"),
            "topic_opt_out": self.env._("Unsubscribed from the topic"),
            "blacklisted": self.env._("On the blacklist"),
            "no_address": self.env._("No address"),
            "invalid_address": self.env._("Invalid address"),
            "frequency_cap": self.env._("Frequency cap"),
            "quiet_hours": self.env._("Quiet hours"),
            "suppressed": self.env._("Suppressed"),
            "suppressed:erased": self.env._("Asked to be forgotten"),
            "duplicate": self.env._("Sent already"),
            "expired": self.env._("Waited too long"),
            "holdout": self.env._("Control group"),
            "exited": self.env._("Left the journey"),
            "goal_reached": self.env._("Goal reached"),
            "superseded": self.env._("Another journey came first"),
            "by_hand": self.env._("Taken out by hand"),
            "unsubscribed": self.env._("Unsubscribed"),
            "archived": self.env._("Contact archived"),
            "journey_archived": self.env._("Journey archived"),
            "uninstalled": self.env._("Addon uninstalled"),
            "merged": self.env._("Contact merged"),
            "deleted": self.env._("Contact deleted"),
            "render_error": self.env._("Message could not be made"),
            "condition": self.env._("Condition not met"),
            "no_content": self.env._("Template is missing or empty"),
            "no_owner": self.env._("No colleague to tell"),
            "offer_expired": self.env._("Offer expired"),
            "offer_budget": self.env._("Offer used up"),
            "offer_limit": self.env._("Had enough offers"),
            "offer_margin": self.env._("Offer would leave too little margin"),
        }

    # ----------------------------------------------------------------------- write
    @api.model
    def _record(self, rows):
        """Write decisions; the newer one on a run and step replaces the former.

        :param list rows: dicts of ``COLUMNS``
        """
        self.env.cr.execute_values(
            f"INSERT INTO journey_delivery AS d ({', '.join(COLUMNS)}) VALUES %s"
            f" ON CONFLICT (run_model, run_id, step_code) DO UPDATE SET {CHANGES},"
            " times_held = d.times_held + excluded.times_held"
            " WHERE d.state = 'held'",
            [[row.get(name) for name in COLUMNS] for row in rows],
            page_size=1000,
        )
        self.invalidate_model()
