from lxml import html
from markupsafe import Markup

from odoo import api, models
from odoo.tools.rendering_tools import (
    parse_inline_template,
    render_inline_template,
)

from ..tools.paths import fill

UNSUBSCRIBE = "/unsubscribe_from_list"


class JourneyRenderer(models.AbstractModel):
    """Makes the texts of a batch: every template is prepared once, not per customer.

    A template may use ``object`` (the addressee), ``customer``, ``lifecycle``, ``run``,
    ``company``, and ``offer_code`` and ``offer_until`` where the step has an offer.
    """

    _name = "journey.renderer"
    _description = "Journey Renderer"

    # ---------------------------------------------------------------------- values
    @api.model
    def _contexts(self, step, items):
        """Return {run id: values that templates may use}, read ahead for all."""
        people = self.env["journey.channel"]._addressees(items)
        customers = people.browse(i.customer_id for i in items)
        runs = self._runs(items)
        rows = self._lifecycles(customers, step.definition_id.company_id)
        template = step.template_id
        if items[0].channel == "sms":
            template = step.sms_template_id
        by_run = template.model == items[0].model
        return {
            item.run_id: {
                "object": run if by_run else person,
                "customer": customer,
                "run": run,
                "lifecycle": rows.get(customer.id, rows[None]),
                "company": step.definition_id.company_id,
                "offer_code": item.card.code if item.card else "",
                "offer_until": item.card.expiration_date if item.card else False,
            }
            for item, person, customer, run in zip(
                items, people, customers, runs, strict=True
            )
        }

    @api.model
    def _roots(self, step):
        """Return what the texts of a step may name, without anybody's values."""
        people = self.env["res.partner"]
        return {
            "object": people,
            "customer": people,
            "run": self.env[step.definition_id._run_model],
            "lifecycle": self.env["customer.lifecycle"],
            "company": self.env["res.company"],
            "offer_code": "",
            "offer_until": False,
        }

    def _runs(self, items):
        """Return the items' runs; a test run has none."""
        model = self.env[items[0].model].sudo()
        if not items[0].run_id:
            return [model.browse() for _item in items]
        return model.browse(item.run_id for item in items)

    def _lifecycles(self, customers, company):
        rows = self.env["customer.lifecycle"].sudo()
        found = rows.search(
            [("customer_id", "in", customers.ids), ("company_id", "=", company.id)]
        )
        return {None: rows, **{row.customer_id.id: row for row in found}}

    @api.model
    def _languages(self, items):
        """Return {language code: items}."""
        installed = {code for code, _name in self.env["res.lang"].get_installed()}
        groups = {}
        people = self.env["journey.channel"]._addressees(items)
        for item, person in zip(items, people, strict=True):
            lang = person.lang if person.lang in installed else self.env.lang
            groups.setdefault(lang or "en_US", []).append(item)
        return groups

    # ---------------------------------------------------------------------- e-mails
    @api.model
    def _render_emails(self, step, items):
        """Return {run id: (subject, body)}.

        :raises Exception: whatever the template raises for one of the customers
        """
        contexts = self._contexts(step, items)
        texts = {}
        for lang, mine in self._languages(items).items():
            wanted = {item.run_id: contexts[item.run_id] for item in mine}
            localised = step.with_context(lang=lang)
            renderer = self.with_context(lang=lang)
            bodies = renderer._render_bodies(localised, wanted)
            subjects = renderer._render_subjects(localised, wanted)
            for run in wanted:
                # A line break in a name must not become a header of its own.
                texts[run] = (" ".join(subjects[run].split()), bodies[run])
        return texts

    @api.model
    def _render_headers(self, step, items, name):
        """Return {run id: a header's text} of a field of the template."""
        source = step.template_id[name] or ""
        if "{{" not in source:
            return {item.run_id: source for item in items}
        return self._render_texts(source, self._contexts(step, items))

    def _render_bodies(self, step, contexts):
        source = self._prepare_source(step)
        element = html.fragment_fromstring(source, create_parent="div")
        # One compilation for the whole batch (see ir.qweb), fresh values for each.
        qweb = self.env["ir.qweb"].sudo().with_context(journey_compiled={})
        common = self.env["mail.render.mixin"]._render_eval_context()
        rendered = {}
        for run, values in contexts.items():
            body = qweb._render(element, {**common, **values})
            rendered[run] = self._absolute(str(body)[5:-6])
        return rendered

    def _absolute(self, body):
        """Links that a template computes are made whole, too."""
        if 'href="/' in body or 'src="/' in body:
            return str(self.env["mail.render.mixin"]._replace_local_links(body))
        return body

    def _prepare_source(self, step):
        """Return the template with tracked links and a way to unsubscribe.

        Links are shortened in the template, once, not in every customer's copy; a
        link that is computed per customer stays as it is.
        """
        mixin = self.env["mail.render.mixin"].sudo()
        source = str(step.template_id.body_html or "")
        if self._wants_footer(step, source):
            source = self._append(source, self._footer())
        if self.env.context.get("journey_test"):
            return str(mixin._replace_local_links(Markup(source))) or "<p></p>"
        values = {**step.mailing_id._get_link_tracker_values(), "title": step.name}
        skipped = [UNSUBSCRIBE, "/view", "/my/preferences"]
        source = mixin._shorten_links(Markup(source), values, blacklist=skipped)
        return str(mixin._replace_local_links(source)) + self._hidden_link(step, values)

    def _hidden_link(self, step, values):
        """A link that nobody sees: who follows it is a machine."""
        target = {"url": step.mailing_id.get_base_url(), "label": "hidden"}
        tracker = self.env["link.tracker"].sudo().search_or_create([values | target])
        # Not empty: an empty element would be written as one that never closes.
        return (
            f'<a href="{tracker.short_url}" aria-hidden="true" tabindex="-1"'
            ' style="display: none">&#160;</a>'
        )

    def _append(self, source, addition):
        """Add to a body; a template may be a whole document."""
        if "</body>" in source:
            return source.replace("</body>", f"{addition}</body>", 1)
        return source + addition

    def _wants_footer(self, step, source):
        category = step.category or step.definition_id.category
        return category != "transactional" and UNSUBSCRIBE not in source

    def _footer(self):
        return (
            '<p style="font-size: 12px; color: #666666; text-align: center">'
            f'<a href="{UNSUBSCRIBE}">{self.env._("Unsubscribe")}</a> | '
            f'<a href="/my/preferences">{self.env._("Preferences")}</a></p>'
        )

    # ------------------------------------------------------------------------- SMS
    @api.model
    def _render_sms(self, step, items, codes=None):
        """Return {run id: text}, its links tracked, with the way to stop them.

        :param dict codes: {run id: code of its trace}; without, a code for show
        """
        contexts = self._contexts(step, items)
        texts = {}
        for lang, mine in self._languages(items).items():
            localised = step.with_context(lang=lang)
            template = localised.sms_template_id
            source = template.body or localised.body or ""
            source = self._shorten_text(step, source)
            wanted = {item.run_id: contexts[item.run_id] for item in mine}
            renderer = self.with_context(lang=lang)
            render = renderer._render_texts if template else renderer._fill_texts
            for run, text in render(source, wanted).items():
                stop = renderer._stop_line(step, (codes or {}).get(run, "xxx"))
                texts[run] = f"{text}\n{stop}" if stop else text
        return texts

    def _stop_line(self, step, code):
        """Return how to stop SMS, as Odoo's own mass SMS say it; facts go on."""
        definition = step.definition_id
        if (step.category or definition.category) == "transactional":
            return ""
        composer = self.env["sms.composer"]
        return composer._get_unsubscribe_info(
            composer._get_unsubscribe_url(step.mailing_id.id or 0, code)
        )

    def _shorten_text(self, step, source):
        if self.env.context.get("journey_test"):
            return source
        values = {**step.mailing_id._get_link_tracker_values(), "title": step.name}
        return self.env["mail.render.mixin"]._shorten_links_text(source, values)

    @api.model
    def _render_notes(self, step, items):
        """Return {run id: (title, text)} of pushes, internal messages, activities."""
        contexts = self._contexts(step, items)
        notes = {}
        for lang, mine in self._languages(items).items():
            localised = step.with_context(lang=lang)
            renderer = self.with_context(lang=lang)
            wanted = {item.run_id: contexts[item.run_id] for item in mine}
            title = localised.title or localised.name or ""
            titles = renderer._fill_texts(title, wanted)
            bodies = renderer._fill_texts(localised.body or "", wanted)
            notes |= {run: (titles[run], bodies[run]) for run in wanted}
        return notes

    def _render_subjects(self, step, contexts):
        """The template's subject, else the name of the step as it stands."""
        if step.template_id.subject:
            return self._render_texts(step.template_id.subject, contexts)
        return dict.fromkeys(contexts, step.name or "")

    # ------------------------------------------------------------------------ texts
    @api.model
    def _fill_texts(self, source, contexts):
        """Return {run id: text} of a step's own text: marketers write it, so that it
        may name fields and run no code (templates are for their editors).

        :raises ValueError: a placeholder is no path to a field
        """
        return {run: fill(source, values) for run, values in contexts.items()}

    @api.model
    def _render_texts(self, source, contexts):
        """Return {run id: text} of a one-line template with {{ placeholders }}."""
        if "{{" not in source:
            return dict.fromkeys(contexts, source)
        mixin = self.env["mail.render.mixin"].sudo()
        parsed = parse_inline_template(source)
        common = mixin._render_eval_context()
        return {
            run: render_inline_template(parsed, {**common, **values})
            for run, values in contexts.items()
        }
