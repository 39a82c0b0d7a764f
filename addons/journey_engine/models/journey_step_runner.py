from datetime import timedelta

from odoo import api, models
from odoo.exceptions import AccessError, ValidationError
from odoo.tools import SQL

from odoo.addons.customer_lifecycle.tools.bounds import named

EVENT_COLUMNS = {
    "opened": "d.opened_at IS NOT NULL OR d.clicked_at IS NOT NULL",
    "clicked": "d.clicked_at IS NOT NULL",
    "replied": "d.state = 'replied'",
    "bounced": "d.state = 'bounced'",
}


class JourneyStepRunner(models.AbstractModel):
    """What a step does with the runs that are due at it."""

    _name = "journey.step.runner"
    _description = "Journey Step: what it does"

    @api.model
    def _run_message(self, items, now):
        """The message is to go out, if the customer may be written to."""
        for item in items:
            item.channel = self.channel
            if item.is_holdout:
                item.skip("holdout")
            else:
                item.is_message = True

    def _run_wait(self, items, now):
        """Go on at once, or as soon as something happened; not longer than allowed."""
        if not self.wait_until:
            return
        happened = self._happened(items)
        for item in items:
            ends_at = item.due_at + timedelta(hours=self.wait_timeout_hours)
            if item.run_id in happened:
                continue
            if ends_at > now:
                item.stay(ends_at)
            elif self.wait_timeout_action == "exit":
                item.end("cancelled", "wait_timeout")
            elif self.wait_timeout_action == "skip_next":
                item.leaves_out = 1

    def _happened(self, items):
        """Return the ids of the runs whose event happened."""
        ids = [item.run_id for item in items]
        if self.wait_until == "order":
            model = self.env[self.definition_id._run_model]
            return set(model._orders_of(ids, SQL("TRUE")))
        found = self.env.execute_query(
            SQL(
                """
                SELECT d.run_id FROM journey_delivery d
                 WHERE d.run_model = %s AND d.run_id = ANY(%s) AND (%s)
                   AND d.id = (SELECT max(l.id) FROM journey_delivery l
                                WHERE l.run_model = d.run_model
                                  AND l.run_id = d.run_id
                                  AND l.state NOT IN
                                      ('held', 'skipped', 'cancelled', 'failed')
                                  AND l.channel IN ('email', 'sms', 'push'))
                """,
                self.definition_id._run_model,
                ids,
                SQL(EVENT_COLUMNS[self.wait_until]),
            )
        )
        return {run for (run,) in found}

    # --------------------------------------------------------------------- content
    def _carries_offer(self):
        """Return whether messages of the step carry a code: those that say so, and
        all where none does.
        """
        definition = self.definition_id
        if not (definition.offer_id and definition.include_offer):
            return False
        if self.includes_offer or self.channel in ("internal", "activity"):
            return self.includes_offer
        chosen = self.version_id._steps() if self.version_id else definition.step_ids
        return not any(chosen.mapped("includes_offer"))

    @api.model
    def _has_content(self, channel):
        """Return whether the step has something to say on a channel."""
        if channel == "email":
            return bool(self.template_id.active and self.template_id.body_html)
        if channel == "sms":
            return bool(self.sms_template_id.body or self.body)
        if channel == "push":
            return bool(self.title or self.body)
        return bool(self.title or self.body or self.name)

    @api.constrains("code")
    def _check_code(self):
        """What begins with an underscore is a journey's own: its closing step."""
        for step in self.filtered(lambda s: not s.version_id):
            if step.code and step.code.startswith("_"):
                raise ValidationError(
                    self.env._(
                        "%(name)s: %(value)s is not allowed; allowed are codes that do "
                        "not begin with an underscore.",
                        name=named(step, "code"),
                        value=repr(step.code)[:100],
                    )
                )

    @api.constrains("owner_id", "definition_id")
    def _check_owner(self):
        """Whoever is told of customers is a colleague in their company."""
        for step in self.filtered("owner_id"):
            owner, company = step.owner_id.sudo(), step.definition_id.company_id
            if owner.share or company not in owner.company_ids:
                raise ValidationError(
                    self.env._(
                        "%(name)s: %(user)s is not allowed; allowed are internal users "
                        "of %(company)s.",
                        name=named(step, "owner_id"),
                        user=owner.name,
                        company=company.name,
                    )
                )

    @api.model
    def _check_technical(self, vals, names):
        """Raise AccessError for what the engine alone writes: a step smuggled into a
        version would reach the customers who walk it.
        """
        wrong = sorted(name for name in names if vals.get(name))
        if not self.env.su and wrong:
            raise AccessError(
                self.env._("%s: written by the journey itself.", ", ".join(wrong))
            )
