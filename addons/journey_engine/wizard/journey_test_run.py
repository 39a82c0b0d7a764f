import logging
from contextlib import suppress

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import formataddr, plaintext2html

from ..tools.item import Item


class Rehearsed(Exception):
    """Takes back what a rehearsal did."""


_logger = logging.getLogger(__name__)


class JourneyTestRun(models.TransientModel):
    """Walks one customer through a journey: every message goes to the tester, none
    to the customer, and no figure counts it.
    """

    _name = "journey.test.run"
    _description = "Test Run"

    definition_model = fields.Char(required=True, readonly=True)
    definition_id = fields.Many2oneReference(
        "Journey", model_field="definition_model", required=True, readonly=True
    )
    customer_id = fields.Many2one("res.partner", "Written as for", required=True)
    tester_id = fields.Many2one(
        "res.users", "Sent to", required=True, default=lambda self: self.env.user
    )
    line_ids = fields.One2many("journey.test.run.line", "test_run_id", readonly=True)

    def action_send(self):
        """Send the messages of all steps to the tester.

        :raises AccessError: the user may not read the journey or the customer
        :raises UserError: the tester has no e-mail address
        """
        self.ensure_one()
        definition = self._definition()
        definition.check_access("read")
        self.customer_id.check_access("read")
        if not self.tester_id.email_normalized:
            raise UserError(
                self.env._(
                    "%s has no e-mail address: enter one in the user's preferences, or "
                    "send to somebody else.",
                    self.tester_id.name,
                )
            )
        self.line_ids.unlink()
        steps = definition.sudo().step_ids.sorted(lambda s: (s.sequence, s.id))
        now = fields.Datetime.now()
        self.line_ids = [
            fields.Command.create(self._try_step(step, now)) for step in steps
        ]
        return {
            "type": "ir.actions.act_window",
            "res_model": self._name,
            "res_id": self.id,
            "view_mode": "form",
            "target": "new",
            "name": self.env._("Test Run"),
        }

    def _definition(self):
        return self.env[self.definition_model].browse(self.definition_id)

    def _try_step(self, step, now):
        """Return the line of a step, its message on the way to the tester."""
        values = {"step": step.name or step.code, "hours": step.delay_hours}
        if step.kind != "message":
            return {**values, "outcome": self.env._("Nothing to send")}
        item = self._item(step, now)
        try:
            # What a template writes is no business of a test.
            with suppress(Rehearsed), self.env.cr.savepoint():
                subject, body = self._render(step, item)
                raise Rehearsed
        except Exception as error:
            _logger.info("Step %s cannot be tried", step.code, exc_info=True)
            return {**values, "outcome": f"{type(error).__name__}: {error}"}
        self._send(step, subject, body)
        return {
            **values,
            "subject": subject,
            "body": body,
            "outcome": self._verdict(step, item, now),
        }

    def _item(self, step, now):
        return Item(
            model=step.definition_id._run_model,
            run_id=0,
            customer_id=self.customer_id.commercial_partner_id.id,
            addressee_id=self.customer_id.id,
            definition=step.definition_id,
            step=step,
            started_at=now,
            anchor_at=now,
            due_at=now,
            is_holdout=False,
            variant=step.split,
            attempts=0,
            steps_completed=0,
            channel=step.channel,
        )

    def _render(self, step, item):
        """Return (subject, body) as HTML, with links that nobody counts."""
        renderer = self.env["journey.renderer"].with_context(journey_test=True).sudo()
        if step.channel in ("email", "preferred"):
            return renderer._render_emails(step, [item])[0]
        if step.channel == "sms":
            return step.name, plaintext2html(renderer._render_sms(step, [item])[0])
        title, text = renderer._render_notes(step, [item])[0]
        return title, plaintext2html(text)

    def _send(self, step, subject, body):
        tester = self.tester_id
        company = step.definition_id.company_id
        self.env["mail.mail"].sudo().create(
            {
                "subject": self.env._("[Test] %s", subject),
                "body_html": body,
                "email_from": company.email_formatted or tester.email_formatted,
                "email_to": formataddr((tester.name, tester.email_normalized)),
                "auto_delete": True,
            }
        )

    def _verdict(self, step, item, now):
        """Say what would become of the message if it were due now."""
        scheduler = self.env["journey.scheduler"].sudo()
        scheduler = scheduler.with_company(step.definition_id.company_id)
        item.is_message = True
        met = scheduler._meet_condition(step, [item])
        if met:
            scheduler._ask_policy(met, now)
        if item.is_message:
            return self.env._("Would be sent now")
        delivery = self.env["journey.delivery"].new({"reason": item.reason})
        return delivery.reason_label

    @api.model
    def _open(self, definition):
        """Return the action that opens a test run of a journey."""
        return {
            "type": "ir.actions.act_window",
            "res_model": self._name,
            "view_mode": "form",
            "target": "new",
            "name": self.env._("Test Run"),
            "context": {
                "default_definition_model": definition._name,
                "default_definition_id": definition.id,
                "default_customer_id": self._somebody_for(definition).id,
            },
        }

    def _somebody_for(self, definition):
        """Return a customer with an address, at best one whom the journey is for."""
        company = Domain("company_id", "=", definition.company_id.id)
        written = company & Domain("customer_id.email_normalized", "!=", False)
        rows = self.env["customer.lifecycle"]
        if not (definition.has_access("read") and rows.has_access("read")):
            return self.env["res.partner"]
        for domain in (written & definition._audience_domain(), written):
            if found := rows.search(domain, order="last_order_date desc, id", limit=1):
                return found.customer_id
        return self.env["res.partner"]
