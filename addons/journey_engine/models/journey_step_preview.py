import re
from textwrap import shorten

from lxml import etree, html

from odoo import api, fields, models

from odoo.addons.customer_lifecycle.tools.json_view import whole

EXCERPT = 140
# {{ object.name ||| you }} is shown as [name].
PLACEHOLDER = re.compile(r"\{\{[^}]*?(\w+)\s*(?:\|\|\|[^}]*)?\}\}")


class JourneyStepPreview(models.AbstractModel):
    """What a marketer sees of a step in the timeline."""

    _name = "journey.step.preview"
    _description = "Preview of a Step"

    preview = fields.Char(compute="_compute_preview")
    when = fields.Char("Comes", compute="_compute_when")
    headline = fields.Char(compute="_compute_preview")
    sent_count = fields.Integer("Sent", compute="_compute_figures")
    opened_count = fields.Integer("Opened", compute="_compute_figures")
    clicked_count = fields.Integer("Clicked", compute="_compute_figures")
    not_sent_count = fields.Integer("Not sent", compute="_compute_figures")
    converted_count = fields.Integer("Converted", compute="_compute_figures")

    @api.depends(
        "template_id",
        "sms_template_id",
        "title",
        "body",
        "name",
        "kind",
        "channel",
        "includes_offer",
        "definition_id.offer_id",
    )
    def _compute_preview(self):
        for step in self:
            title, text = map(_readable, step._texts())
            step.headline = step.name or title or step._kind_label()
            if step.headline != title:
                text = f"{title} {text}"
            step.preview = shorten(text.strip(), EXCERPT, placeholder=" ...")
            if step.includes_offer and step.definition_id.offer_id:
                gift = step.definition_id.offer_id.display_name
                step.preview = f"{step.preview} + {gift}"

    def _kind_label(self):
        name = "channel" if self.kind == "message" else "kind"
        return dict(self._fields[name]._description_selection(self.env)).get(self[name])

    def _texts(self):
        """Return what the customer reads first: subject or title, and the text."""
        if self.channel in ("email", "preferred") and self.template_id:
            return self.template_id.subject, _text_of(self.template_id.body_html)
        return self.title, self.body or self.sms_template_id.body

    @api.depends("delay_hours")
    @api.depends_context("lang")
    def _compute_when(self):
        for step in self:
            days, hours = divmod(step.delay_hours or 0, 24)
            if not step.delay_hours:
                step.when = self.env._("At once")
            elif not hours:
                step.when = self.env._("Day %s", int(days))
            elif not days:
                step.when = self.env._("After %s h", whole(hours))
            else:
                step.when = self.env._(
                    "Day %(days)s, %(hours)s h", days=int(days), hours=whole(hours)
                )

    def _compute_figures(self):
        for definition, steps in self.grouped("definition_id").items():
            stored = definition.ids and definition._origin
            found = stored._step_figures() if stored else []
            figures = {row["code"]: row for row in found}
            for step in steps:
                row = figures.get(step.code, {})
                step.sent_count = row.get("sent", 0)
                step.opened_count = row.get("opened", 0)
                step.clicked_count = row.get("clicked", 0)
                step.converted_count = row.get("converted", 0)
                step.not_sent_count = sum(row.get("not_sent", {}).values())


def _readable(text):
    """Return a text on one line, its placeholders as words."""
    return " ".join(PLACEHOLDER.sub(r"[\1]", text or "").split())


def _text_of(body):
    """Return the words of an e-mail, without marks for what is bold."""
    if not body:
        return ""
    root = html.fragment_fromstring(str(body), create_parent="div")
    etree.strip_elements(root, "style", "script", "title", with_tail=False)
    return " ".join(root.itertext())
