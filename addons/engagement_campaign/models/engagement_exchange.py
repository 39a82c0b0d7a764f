from odoo import api, models
from odoo.exceptions import ValidationError

from odoo.addons.customer_lifecycle.tools.json_view import JsonReader, JsonView

FORMAT = "engagement.campaign/1"
PLAIN = (
    "name",
    "code",
    "description",
    "campaign_type",
    "category",
    "priority",
    "exclusive_group",
    "goal",
    "goal_domain",
    "goal_event",
    "exit_condition",
    "attribution_days",
    "holdout_percent",
    "max_sends_per_customer",
    "reentry",
    "reentry_days",
    "include_offer",
    "target_stage",
    "target_conditions",
    "trigger_config",
    "email_sequence",
    "offer_config",
)
EXTRA = ("topic", "segment", "product", "templates", "sms_templates")
TEMPLATE = ("name", "subject", "body_html", "email_from", "reply_to", "lang")
SMS_TEMPLATE = ("name", "body", "lang")


class EngagementExchange(models.AbstractModel):
    """Campaigns as JSON, to be kept, shared and brought into another shop."""

    _name = "engagement.exchange"
    _description = "Export and Import of Campaigns"

    @api.readonly
    def export_json(self):
        """Return the campaign with its templates as a JSON-ready dict.

        ``trigger_config``, ``email_sequence`` and ``offer_config`` are in it as the
        fields of these names read; ids of templates point into ``templates`` and
        ``sms_templates``.
        """
        self._check_one()
        self.check_access("read")
        found = {name: self[name] for name in PLAIN}
        steps = self.step_ids
        return {
            "format": FORMAT,
            **found,
            "topic": self._xmlid_of(self.topic_id),
            "segment": self._segment_content(),
            "product": self._product_content(),
            "templates": self._contents(steps.template_id, TEMPLATE),
            "sms_templates": self._contents(steps.sms_template_id, SMS_TEMPLATE),
        }

    def _contents(self, templates, names):
        return {
            str(template.id): {
                "xmlid": self._xmlid_of(template),
                **{name: template[name] and str(template[name]) for name in names},
            }
            for template in templates.sudo()
        }

    @api.model
    def _xmlid_of(self, record):
        return record.get_external_id().get(record.id) or False if record else False

    @api.model
    def import_json(self, data):
        """Create a campaign from what ``export_json`` returned; it is switched off.

        A template that this database knows by its external id is taken as it stands,
        others are created from what the export holds of them.

        :param dict data: of ``export_json``, or the JSON text of it
        :return: id of the new campaign
        :raises ValidationError: naming the path and what is allowed
        """
        self.check_access("create")
        data = self._parsed(data)
        reader = JsonReader(self.env, data, "data")
        extra = ("format", *EXTRA)
        reader.check_keys((*PLAIN, *extra), required=("format", "name", "code"))
        reader.choice("format", [FORMAT])
        values = {name: self._plain(reader, name) for name in PLAIN if name in data}
        self._check_free(values["code"])
        mails = self._take_over(reader, "templates", "mail.template", TEMPLATE)
        texts = self._take_over(reader, "sms_templates", "sms.template", SMS_TEMPLATE)
        values["email_sequence"] = self._rewritten(reader, mails, texts)
        values |= self._offer_here(reader)
        if data.get("topic"):
            values["topic_id"] = self._topic_of(reader).id
        if data.get("segment"):
            values["target_segment_id"] = self._segment_of(reader).id
        return self.create([values]).id

    @api.model
    def _parsed(self, data):
        """Return the export as a dict; editors put a mark before the text of a file."""
        view = JsonView()
        view.name, view.shape = "data", dict
        if isinstance(data, str):
            data = data.removeprefix("\ufeff")
        return view.convert_to_cache(data, self) or {}

    def _segment_content(self):
        segment = self.target_segment_id
        return {"name": segment.name, "domain": segment.domain} if segment else False

    @api.model
    def _segment_of(self, reader):
        """Return the segment of this name and condition, made if there is none."""
        entry = JsonReader(self.env, reader.value["segment"], f"{reader.path}.segment")
        entry.check_keys(("name", "domain"), required=("name", "domain"))
        values = {name: entry.text(name) for name in ("name", "domain")}
        values["company_id"] = self.env.company.id
        segments = self.env["customer.segment"]
        domain = [(name, "=", value) for name, value in values.items()]
        return segments.search(domain, limit=1) or segments.create(values)

    def _product_content(self):
        product = self.offer_id.product_id
        if not product:
            return False
        named = {"name": product.display_name, "default_code": product.default_code}
        return {"xmlid": self._xmlid_of(product), **named}

    @api.model
    def _offer_here(self, reader):
        """Return the offer with this database's product: an id of another one names
        something else here.

        :raises ValidationError: there is no such product, or several
        """
        offer, given = reader.value.get("offer_config"), reader.value.get("product")
        if not given or not isinstance(offer, dict) or not offer.get("product_id"):
            return {}
        entry = JsonReader(self.env, given, f"{reader.path}.product")
        entry.check_keys(("xmlid", "name", "default_code"))
        xmlid, code = entry.text("xmlid", False), entry.text("default_code", False)
        found = self._known(xmlid, "product.product")
        if not found and code:
            found = found.search([("default_code", "=", code)], limit=2)
        if len(found) != 1:
            raise ValidationError(
                self.env._(
                    "%(path)s: there is no product %(product)s here; give one the same "
                    "internal reference, or name another in offer_config.product_id "
                    "and take this entry out.",
                    path=entry.path,
                    product=repr(given)[:200],
                )
            )
        return {"offer_config": {**offer, "product_id": found.id}}

    @api.model
    def _topic_of(self, reader):
        topic = self._known(reader.text("topic"), "contact.topic")
        if not topic:
            raise ValidationError(
                self.env._(
                    "%(path)s.topic: there is no topic %(topic)s.",
                    path=reader.path,
                    topic=reader.value["topic"],
                )
            )
        return topic

    @api.model
    def _plain(self, reader, name):
        """Return the value of a field, if it is of the field's type."""
        field = self._fields[name]
        if reader.value[name] in (False, None, "") and not field.required:
            return False
        if field.type in ("char", "text"):
            return reader.text(name)
        if field.type == "boolean":
            return reader.flag(name)
        if field.type in ("integer", "float"):
            whole = field.type == "integer"
            return reader.number(name, -(2**31), 2**31 - 1, whole=whole)
        if field.type == "selection":
            choices = field._description_selection(self.env)
            return reader.choice(name, [key for key, _label in choices])
        return reader.value[name]

    @api.model
    def _check_free(self, code):
        everybody = self.with_context(active_test=False)
        mine = [("code", "=", code), ("company_id", "=", self.env.company.id)]
        if everybody.search_count(mine, limit=1):
            raise ValidationError(
                self.env._("code: there is a campaign %s already.", code)
            )

    def _take_over(self, reader, name, model, names):
        """Return {id in the export: id here} of the templates."""
        contents = reader.value.get(name) or {}
        contents = JsonReader(self.env, contents, f"{reader.path}.{name}")
        contents.check_keys(list(contents.value))
        found = {}
        for number, content in contents.value.items():
            entry = JsonReader(self.env, content, f"{contents.path}.{number}")
            entry.check_keys(("xmlid", *names), required=("name",))
            template = self._known(content.get("xmlid") and entry.text("xmlid"), model)
            if not template:
                values = {
                    key: entry.text(key, False) or False
                    for key in names
                    if content.get(key)
                }
                model_id = self.env["ir.model"]._get_id("res.partner")
                template = self.env[model].create({**values, "model_id": model_id})
            found[number] = template.id
        return found

    def _known(self, xmlid, model):
        record = xmlid and self.env.ref(xmlid, raise_if_not_found=False)
        return record if record and record._name == model else self.env[model]

    def _rewritten(self, reader, mails, texts):
        """Return the sequence with the ids of this database."""
        sequence = reader.value.get("email_sequence") or []
        steps = JsonReader(self.env, sequence, f"{reader.path}.email_sequence")
        found = []
        for entry in steps.entries():
            entry.check_keys(list(entry.value) if isinstance(entry.value, dict) else ())
            step = dict(entry.value)
            for key, known in self._references(step, mails, texts).items():
                if str(step[key]) not in known:
                    raise ValidationError(
                        self.env._(
                            "%(path)s.%(key)s: %(id)s is not among the templates of "
                            "the export.",
                            path=entry.path,
                            key=key,
                            id=repr(step[key])[:50],
                        )
                    )
                step[key] = known[str(step[key])]
            found.append(step)
        return found

    def _references(self, step, mails, texts):
        own = texts if step.get("channel") == "sms" else mails
        references = {"template_id": own, "sms_template_id": texts}
        return {key: known for key, known in references.items() if step.get(key)}

    def action_export(self):
        """Download the campaign as a file."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_url",
            "url": f"/engagement_campaign/export/{self.id}",
            "target": "download",
        }
