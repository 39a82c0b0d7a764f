from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from odoo.addons.journey_engine.const import WENT_OUT

from ..const import STATUSES

# Stands for the link while buttons are drawn: no address that a page would change.
LINK = "about:answer"
BRAND = "#875A7B"


class NpsInvitation(models.Model):
    """A customer is asked: one pass through a survey's question and reminder.

    Rows are written in SQL by the scheduler; ``answered_at`` by the answer.
    """

    _name = "nps.invitation"
    _description = "Invitation"
    _inherit = ["journey.run.mixin"]

    definition_id = fields.Many2one(
        "nps.survey", required=True, ondelete="cascade", readonly=True
    )
    # The name of the contract; the engine calls it the definition.
    survey_id = fields.Many2one(
        "nps.survey", required=True, ondelete="cascade", readonly=True
    )
    step_id = fields.Many2one(
        "nps.survey.step", required=True, ondelete="restrict", readonly=True
    )
    trigger_context = fields.Json("What the trigger knew", readonly=True)
    expires_at = fields.Datetime("Answers are taken until", readonly=True)
    sent_at = fields.Datetime(
        "Sent",
        readonly=True,
        help="When its first message left; empty if none did, or if it came back.",
    )
    opened_at = fields.Datetime("Opened", readonly=True)
    answered_at = fields.Datetime("Answered", readonly=True)
    response_ids = fields.One2many("nps.response", "invitation_id")
    status = fields.Selection(
        STATUSES, compute="_compute_status", search="_search_status"
    )
    answer_link = fields.Char(
        compute="_compute_answer_link",
        help="The page on which the customer answers.",
    )
    answer_buttons = fields.Html(
        compute="_compute_answer_buttons",
        sanitize=False,
        help="Of an e-mail: eleven, each with the link of its score.",
    )

    _survey_idx = models.Index("(survey_id, started_at)")
    _asked_idx = models.Index("(customer_id, company_id, started_at)")
    _sent_idx = models.Index("(company_id, sent_at) WHERE sent_at IS NOT NULL")

    def _of_cancelled_orders(self):
        """Return the invitations that ask about an order that was cancelled."""
        about = {run: run._context_id("order_id") for run in self}
        numbers = [number for number in about.values() if number]
        domain = [("id", "in", numbers), ("state", "=", "cancel")]
        cancelled = set(self.env["sale.order"].sudo().search(domain).ids)
        return self.filtered(lambda run: about[run] in cancelled)

    # ---------------------------------------------------------------------- status
    @api.depends("sent_at", "opened_at", "answered_at", "expires_at", "run_state")
    def _compute_status(self):
        now = fields.Datetime.now()
        for invitation in self:
            invitation.status = invitation._status_at(now)

    def _status_at(self, now):
        """Return what has become of the invitation by ``now`` (naive UTC)."""
        if self.answered_at:
            return "answered"
        if self.run_state == "running" and not self.sent_at:
            return "waiting"
        if not self.sent_at:
            return "not_sent"
        if self.expires_at and self.expires_at <= now:
            return "expired"
        return "opened" if self.opened_at else "sent"

    @api.model
    def _search_status(self, operator, value):
        if operator != "in":
            return NotImplemented
        now = fields.Datetime.now()
        unanswered = Domain("answered_at", "=", False)
        sent = unanswered & Domain("sent_at", "!=", False)
        unsent = unanswered & Domain("sent_at", "=", False)
        running = Domain("run_state", "=", "running")
        expired = Domain("expires_at", "<=", now)
        opened = Domain("opened_at", "!=", False)
        domains = {
            "answered": Domain("answered_at", "!=", False),
            "waiting": unsent & running,
            "not_sent": unsent & ~running,
            "expired": sent & expired,
            "opened": sent & ~expired & opened,
            "sent": sent & ~expired & ~opened,
        }
        return Domain.OR(domains[key] for key in value if key in domains)

    # ------------------------------------------------------------------------ link
    @api.depends("expires_at", "customer_id")
    @api.depends_context("uid")
    def _compute_answer_link(self):
        links = self.env["nps.link"]
        bases = {c: c.get_base_url() for c in self.company_id}
        for invitation in self:
            if not invitation.id or not self.env.su:
                # Whoever has the link answers in the customer's name.
                invitation.answer_link = False
                continue
            token = links._token(invitation)
            invitation.answer_link = f"{bases[invitation.company_id]}/feedback/{token}"

    @api.depends("answer_link", "company_id")
    @api.depends_context("uid")
    def _compute_answer_buttons(self):
        """Drawn once per company: only the link differs, and thousands are asked."""
        drawn = {
            company: self.env["ir.qweb"]._render(
                "nps_feedback.mail_buttons",
                {"link": LINK, "brand": company.email_secondary_color or BRAND},
            )
            for company in self.filtered("answer_link").company_id
        }
        for invitation in self:
            link = invitation.answer_link
            buttons = link and drawn[invitation.company_id].replace(LINK, link)
            invitation.answer_buttons = buttons or False

    def _context_id(self, name):
        """Return an id of the trigger's context; an empty tuple if there is none."""
        number = (self.trigger_context or {}).get(name)
        return number if isinstance(number, int) and number > 0 else ()

    @api.model
    def _about_order(self, survey, order):
        """Return the invitation that asks about an order, if any."""
        self.flush_model()
        rows = self.env.execute_query(
            SQL(
                """SELECT max(id) FROM nps_invitation
                    WHERE survey_id = %s AND customer_id = %s
                      AND trigger_context->'order_id' = to_jsonb(%s)""",
                survey.id,
                order.partner_id.commercial_partner_id.id,
                order.id,
            )
        )
        return self.browse(rows[0][0] or ())

    # ----------------------------------------------------------------------- hooks
    @api.model
    def _on_deliveries(self, ids):
        """Note when the question left, and when it was read."""
        result = super()._on_deliveries(ids)
        self.env.flush_all()
        self.env.cr.execute(
            SQL(
                """
                UPDATE nps_invitation i
                   SET sent_at = d.sent_at,
                       opened_at = coalesce(i.opened_at, d.opened_at)
                  FROM (SELECT run_id, min(opened_at) AS opened_at,
                               min(coalesce(sent_at, decided_at))
                                   FILTER (WHERE state = ANY(%(out)s)) AS sent_at
                          FROM journey_delivery
                         WHERE run_model = %(model)s AND run_id = ANY(%(ids)s)
                         GROUP BY run_id) d
                 WHERE i.id = d.run_id
                   AND (i.sent_at IS DISTINCT FROM d.sent_at
                        OR i.opened_at IS NULL AND d.opened_at IS NOT NULL)
                """,
                out=list(WENT_OUT),
                model=self._name,
                ids=list(ids),
            )
        )
        self.invalidate_model()
        return result

    @api.model
    def _answers_sql(self, run="r", event="e"):
        """The answer to this invitation ends it, not the one to another."""
        return SQL(
            "EXISTS (SELECT FROM nps_response n WHERE n.invitation_id = %s)",
            SQL.identifier(run, "id"),
        )

    def action_cancel(self):
        """Take the invitation back; marketers may."""
        self.env["lifecycle.engine"]._check_marketer()
        self.check_access("read")
        # Nobody writes runs: the rows are the scheduler's.
        return super(NpsInvitation, self.sudo()).action_cancel()
