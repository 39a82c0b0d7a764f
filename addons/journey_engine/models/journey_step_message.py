import logging
from contextlib import suppress

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import html2plaintext

from odoo.addons.customer_lifecycle.tools.json_view import JsonReader

_logger = logging.getLogger(__name__)

TEXTS = ("name", "title", "body")
TEMPLATES = {"template_id": "mail.template", "sms_template_id": "sms.template"}


class Shown(Exception):
    """Takes back what a template wrote while it was shown."""


class JourneyStepMessage(models.AbstractModel):
    """The message of a step as a customer would see it."""

    _name = "journey.step.message"
    _description = "Message of a Step"

    @api.model
    def render_message(self, values, definition_id=None):
        """Return the message that a step with these values would send.

        It is written for a customer of the journey's company, with a made-up code
        where the step carries the offer. Nothing is sent or kept.

        :param dict values: of a step that need not be saved: channel, template_id,
            sms_template_id, name, title, body, includes_offer
        :param int definition_id: id of the journey, if it is saved
        :return: dict with ``subject``, ``body`` (HTML of an e-mail, else text),
            ``customer`` (a name) and ``error`` (empty, or why it cannot be made)
        :raises ValidationError: unknown values or templates
        :raises AccessError: the user is no marketer
        """
        self.env["lifecycle.engine"]._check_marketer()
        step = self._shown_step(JsonReader(self.env, values, "values"), definition_id)
        customer = self._shown_customer(step.definition_id.company_id)
        found = {"subject": "", "body": "", "customer": customer.display_name}
        try:
            with suppress(Shown), self.env.cr.savepoint():
                subject, body = self._show(step, customer)
                found |= {"subject": subject, "body": str(body)}
                raise Shown
        except Exception as error:
            _logger.info("A message cannot be shown", exc_info=True)
            return {**found, "error": str(error) or type(error).__name__}
        return {**found, "error": ""}

    @api.model
    def _shown_step(self, reader, definition_id):
        reader.check_keys(("channel", "includes_offer", *TEXTS, *TEMPLATES))
        texts = {name: reader.value.get(name) or False for name in TEXTS}
        content = {
            name: self._shown_template(reader, name, model).id
            for name, model in TEMPLATES.items()
        }
        step = self.new(
            {
                **texts,
                **content,
                "code": "shown",
                "channel": reader.choice("channel", self._keys_of("channel"), "email"),
                "includes_offer": bool(reader.value.get("includes_offer")),
                "definition_id": self._shown_definition(definition_id),
            }
        )
        step._check_template()
        return step

    @api.model
    def _shown_template(self, reader, name, model):
        if not reader.value.get(name):
            return self.env[model]
        template = reader.record(name, model)
        template.check_access("read")
        return template

    @api.model
    def _shown_definition(self, definition_id):
        journeys = self.env[self._fields["definition_id"].comodel_name]
        if not definition_id:
            company = self.env.company.id
            return journeys.new({"name": "", "code": "shown", "company_id": company})
        given = {"definition_id": definition_id}
        reader = JsonReader(self.env, given, "render_message")
        journey = reader.record("definition_id", journeys._name)
        journey.check_access("read")
        return journey

    @api.model
    def _shown_customer(self, company):
        """Return somebody to write to: a customer whom the user may see."""
        rows = self.env["customer.lifecycle"].search(
            [("company_id", "=", company.id), ("customer_id.email", "!=", False)],
            limit=1,
        )
        return rows.customer_id or self.env.user.partner_id

    @api.model
    def _show(self, step, customer):
        run = self.env["journey.test.run"].new({"customer_id": customer.id})
        item = run._item(step, fields.Datetime.now())
        if step._carries_offer():
            step.definition_id.offer_id._show_on(item, fields.Date.today())
        if step.channel in ("email", "preferred") and not step._has_content("email"):
            raise ValidationError(self.env._("There is no template yet."))
        subject, body = run._render(step, item)
        if step.channel in ("email", "preferred"):
            return subject, body
        return subject or "", html2plaintext(body)
