from collections import Counter
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import SQL

from odoo.addons.customer_lifecycle.tools.clock import Clock
from odoo.addons.customer_preference.const import CHANNEL_KEYS
from odoo.addons.customer_preference.tools.decision import (
    Request,
    decide_all,
    refusal,
)

from ..tools.rehearsal import Stage, Walker, rehearse
from .journey_enrolment import ADDRESSEE
from .journey_scheduler_outcome import INSTANT

AT_ONCE = 5000
MAX_DAYS = 366


class JourneyRehearsal(models.AbstractModel):
    """The dry run over the whole audience: what would happen, day by day."""

    _name = "journey.rehearsal"
    _description = "Dry Run of a Journey"

    def dry_run(self, days=14, now=None):
        """Tell what would happen if the audience entered now; writes nothing.

        Consent, caps, quiet hours and suppression are asked as on the day; what other
        journeys will send until then, orders, opens and clicks are not known, so waits
        last until their timeout, and offers last for everybody.

        :param int days: how many days to look ahead, 1 to 366
        :param now: UTC datetime or ISO text; the current time by default
        :return: dict with ``entering`` (customers), ``control`` (of them held out),
            and ``days``: list of {day, step, outcome, count}; an outcome is "send",
            "hold:<reason>", or the reason why a message is skipped
        :raises ValidationError: days out of range
        """
        self._check_one()
        self.check_access("read")
        if type(days) is not int or not 1 <= days <= MAX_DAYS:
            raise ValidationError(
                self.env._(
                    "days: %(value)s is not allowed; allowed are 1 to %(most)s.",
                    value=repr(days)[:50],
                    most=MAX_DAYS,
                )
            )
        moment = self.env["lifecycle.engine"]._clock(now).now
        definition = self.sudo().with_company(self.company_id)
        return definition._rehearse(moment, moment + timedelta(days=days))

    def _rehearse(self, now, until):
        steps = self.step_ids.sorted(lambda s: (s.sequence, s.id))
        walkers = everybody = self._walkers(steps, now)
        found = Counter()
        if leaving := self._leaving([w.customer_id for w in walkers]):
            walkers = [w for w in everybody if w.customer_id not in leaving]
            first = now + timedelta(hours=steps[:1].delay_hours)
            found[first, steps[:1].code, "exited"] = len(everybody) - len(walkers)
        stages = self._stages(steps, [w.customer_id for w in walkers])
        for first in range(0, len(walkers), AT_ONCE):
            part = walkers[first : first + AT_ONCE]
            decide = self._oracle(part, steps, now)
            found += rehearse(part, stages, decide, until)
        return {
            "entering": len(everybody),
            "control": sum(walker.is_holdout for walker in everybody),
            "days": self._by_day(found),
        }

    def _by_day(self, found):
        days = Counter()
        for (moment, code, outcome), count in found.items():
            days[Clock(moment).today(self.company_id), code, outcome] += count
        return [
            {"day": day.isoformat(), "step": code, "outcome": outcome, "count": count}
            for (day, code, outcome), count in sorted(days.items())
        ]

    def _walkers(self, steps, now):
        """Return who would enter."""
        self.env.flush_all()
        values = [
            SQL("l.customer_id"),
            ADDRESSEE,
            self._holdout_sql(),
            self._variant_sql(steps),
        ]
        query = self._entering_query(values, self._audience_scope(), now)
        rows = self.env.execute_query(query)
        return [Walker(*row, anchor_at=now) for row in rows]

    def _stages(self, steps, customers):
        return [
            Stage(
                code=step.code,
                kind=step.kind,
                delay=timedelta(hours=step.delay_hours),
                extra=timedelta(hours=step.wait_timeout_hours)
                if step.kind == "wait" and step.wait_until
                else timedelta(),
                variant=step.split or None,
                passing=self._passing(step, customers),
                is_asked=step.channel in (*CHANNEL_KEYS, "preferred"),
                after=step.wait_timeout_action
                if step.kind == "wait" and step.wait_until
                else None,
                has_content=step.kind != "message"
                or step.channel == "preferred"
                or step._has_content(step.channel),
            )
            for step in steps
        ]

    def _passing(self, step, customers):
        """Return the customers who meet a step's condition today."""
        if not step.condition:
            return None
        return self._among(customers, "condition", step.condition)

    def _leaving(self, customers):
        """Return the customers whom the exit condition lets go at once."""
        if not self.exit_condition:
            return frozenset()
        return self._among(customers, "exit_condition", self.exit_condition)

    def _among(self, customers, name, condition):
        step = self.env["journey.step.mixin"]
        domain = step._parse_domain(name, condition, "customer.lifecycle")
        mine = [
            ("company_id", "=", self.company_id.id),
            ("customer_id", "in", customers),
        ]
        rows = self.env["customer.lifecycle"].search(domain & fields.Domain(mine))
        return frozenset(rows.customer_id.ids)

    def _oracle(self, walkers, steps, now):
        """Return the function that decides on messages of these customers.

        What is known of them is read once; the ledger of what was sent goes on with
        what the rehearsal sends.
        """
        by_code = {step.code: step for step in steps}
        asked = [
            Request(w.customer_id, w.addressee_id, "email", self.category)
            for w in walkers
        ]
        situation = self.env["contact.policy"]._situation(asked, now) if asked else None

        def decide(moment, pairs):
            situation.now = moment
            requests = [
                self._rehearsed_request(walker, by_code[stage.code], situation)
                for walker, stage in pairs
            ]
            return [
                self._outcome_of(decision)
                for decision in decide_all(requests, situation)
            ]

        return decide

    @api.model
    def _outcome_of(self, decision):
        if decision.decision == "hold":
            return f"hold:{decision.reason}", decision.until
        return decision.reason or "send", None

    def _rehearsed_request(self, walker, step, situation):
        def request(channel):
            return Request(
                walker.customer_id,
                walker.addressee_id,
                channel,
                step.category or self.category,
                self._contact_topic().id or None,
                self.priority,
                None,
                walker.due_at,
            )

        if step.channel != "preferred":
            return request(step.channel)
        choices = [c for c in INSTANT if step._has_content(c)]
        for channel in choices:
            asked = request(channel)
            if channel != "email":  # as journey.scheduler._agreed_request
                asked = asked._replace(category="marketing")
            if refusal(asked, situation) is None:
                return request(channel)
        return request("email")
