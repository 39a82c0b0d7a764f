import ast
import json
import os
from base64 import b64encode

from odoo.tests import tagged

from odoo.addons.customer_lifecycle.tools.json_view import whole

from ..models.engagement_exchange import PLAIN
from .page_common import CampaignPageCase

FULL = os.environ.get("LIFECYCLE_FULL") == "1"
# What a person fills in, in this order, beside name and kind of trigger.
HEAD = (
    "campaign_type",
    "trigger_stage",
    "trigger_from_stage",
    "event_type",
    "milestone",
    "milestone_targets",
    "schedule_kind",
    "schedule_days",
    "schedule_hour",
    "delay_hours",
    "target_stage",
    "target_domain",
)
STEP = (
    "delay_hours",
    "channel",
    "includes_offer",
    "category",
    "template_id",
    "sms_template_id",
    "title",
    "body",
    "deadline_days",
    "condition",
)
OFFER = (
    "offer_type",
    "value",
    "minimum_amount",
    "validity_days",
    "code_prefix",
    "budget_count",
    "budget_amount",
    "customer_limit_per_year",
    "margin_floor",
)
TABS = {
    "Goal": ("goal", "goal_event", "attribution_days", "holdout_percent"),
    "Limits": (
        "max_sends_per_customer",
        "reentry_days",
        "priority",
        "exclusive_group",
        "category",
        "topic_id",
    ),
    "Notes": ("description",),
}
# Kinds of input, by field and else by type.
WIDGETS = {
    "delay_hours": "wait",
    "goal": "radio",
    "goal_event": "event",
    "offer_type": "radio",
    "schedule_hour": "input",
    "target_domain": "domain",
    "condition": "domain",
}
TYPES = {
    "boolean": "checkbox",
    "many2one": "pick",
    "selection": "select",
    "text": "textarea",
}


@tagged("post_install", "-at_install")
class TestPlaybookTours(CampaignPageCase):
    """Playbooks built by hand, and from their JSON, are those that are shipped."""

    maxDiff = None

    def test_playbooks_built_from_nothing_are_the_shipped_ones(self):
        for playbook in self._chosen():
            with self.subTest(playbook=playbook.code):
                shipped = self._export(playbook)
                for build in (self._from_json, self._build):
                    built = build(playbook)
                    self.assertEqual(self._export(built), shipped)
                    # The next one is built from nothing, too.
                    built.unlink()

    def _chosen(self):
        """Return all playbooks, or those with the most kinds of steps."""
        shipped = self.env["engagement.campaign"]._shipped()
        if FULL:
            return shipped
        return shipped.sorted(
            lambda p: (len(set(p.step_ids.mapped("channel"))), len(p.step_ids)),
            reverse=True,
        )[:2]

    # ------------------------------------------------------------------ two ways
    def _build(self, playbook):
        wanted = json.dumps(self._specification(playbook))
        self.start_tour(
            "/odoo/campaigns",
            "campaign_build_playbook",
            login="tour_manager",
            cookies={"playbook": b64encode(wanted.encode()).decode()},
            timeout=180,
        )
        return self.env["engagement.campaign"].search(
            [("name", "=", playbook.name), ("company_id", "=", self.company.id)]
        )

    def _from_json(self, playbook):
        found = playbook.export_json()
        values = {name: found[name] for name in PLAIN}
        twin = {"code": f"{playbook.code}_twin", "company_id": self.company.id}
        return self.env["engagement.campaign"].create(
            {**values, **twin, "topic_id": self.env.ref(found["topic"]).id}
        )

    def _export(self, campaign):
        self.assertEqual(len(campaign), 1)
        found = campaign.export_json()
        found.pop("code")
        for step in found["email_sequence"]:
            # Steps made by hand have a code of their own.
            step.pop("code", None)
            if "condition" in step:
                step["condition"] = self._plain(step["condition"])
        found["target_conditions"] = self._plain(found["target_conditions"])
        return found

    def _plain(self, domain):
        """The editor's "is set" is ``!= False``; of a yes or no, ``= True`` is it."""
        flags = self.env["customer.lifecycle"]._fields
        return [
            [name, "=", True]
            if (operator, value) == ("!=", False) and flags[name].type == "boolean"
            else [name, operator, value]
            for name, operator, value in domain
        ]

    # ------------------------------------------------------------- what to fill in
    def _specification(self, playbook):
        tabs = {label: self._entries(playbook, names) for label, names in TABS.items()}
        return {
            "name": playbook.name,
            "trigger": self._label(playbook, "trigger_type"),
            "entries": self._entries(playbook, HEAD),
            "steps": [
                {"name": step.name, "entries": self._entries(step, STEP)}
                for step in playbook.step_ids
            ],
            "offers": [
                {"name": offer.name, "entries": self._entries(offer, OFFER)}
                for offer in playbook.offer_id
            ],
            "tabs": [[label, entries] for label, entries in tabs.items() if entries],
        }

    def _entries(self, record, names):
        """Return [field, kind of input, what to fill in] of what is no default."""
        defaults = record.default_get(list(names))
        found = []
        for name in names:
            field = record._fields[name]
            value = field.convert_to_write(record[name], record) or False
            if value not in (defaults.get(name) or False, "[]"):
                widget = WIDGETS.get(name) or TYPES.get(field.type, "input")
                found.append([name, widget, self._shown(record, name, widget)])
        return found

    def _shown(self, record, name, widget):
        value = record[name]
        if widget in ("select", "radio"):
            return self._label(record, name)
        if widget == "pick":
            return value.display_name
        if widget == "domain":
            return [self._rule(*leaf) for leaf in ast.literal_eval(value)]
        if widget == "input":
            return str(whole(value) if isinstance(value, float) else value)
        return value

    def _label(self, record, name):
        choices = record._fields[name]._description_selection(self.env)
        return dict(choices)[record[name]]

    def _rule(self, name, operator, value):
        field = self.env["customer.lifecycle"]._fields[name]
        label = field._description_string(self.env)
        if field.type == "boolean":
            return [name, label, "set" if value else "not set", None]
        return [name, label, operator, value]
