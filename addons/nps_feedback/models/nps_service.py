from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import SQL

from odoo.addons.journey_engine.models.journey_enrolment import ADDRESSEE
from odoo.addons.journey_engine.models.journey_scheduler_outcome import INSTANT


class NpsService(models.AbstractModel):
    """The external API of surveys.

    Every public method is callable by XML-RPC and JSON-2: plain arguments, JSON-ready
    results. Marketers may call all of them, for the companies they work in; customers
    answer for themselves.
    """

    _name = "nps.service"
    _description = "Survey Service"
    _inherit = ["nps.service.report", "nps.service.csat", "nps.answer"]

    # -------------------------------------------------------------------- arguments
    @api.model
    def _surveys_of_user(self):
        self.env["lifecycle.engine"]._check_marketer()
        surveys = self.env["nps.survey"].with_context(active_test=False)
        return surveys.search([("company_id", "in", self.env.companies.ids)])

    @api.model
    def _survey(self, code):
        """Return the survey with a code in the user's companies.

        :raises ValidationError: there is none, naming those there are
        """
        surveys = self._surveys_of_user()
        found = surveys.filtered(lambda survey: survey.code == code)
        if not found:
            raise ValidationError(
                self.env._(
                    "survey_code: there is no survey %(code)s; there are %(known)s.",
                    code=repr(code)[:100],
                    known=", ".join(sorted(set(surveys.mapped("code")))) or "-",
                )
            )
        mine = found.filtered(lambda s: s.company_id == self.env.company)
        return (mine or found)[0]

    # -------------------------------------------------------------------------- ask
    @api.readonly
    @api.model
    def list_surveys(self):
        """Return the surveys of the user's companies.

        :return: list of dicts with code, name, trigger_type, trigger_config, trigger
            (a sentence), channel, is_active, cooldown_days, question_text, company_id
        :raises AccessError: the user is no marketer
        """
        return [
            {
                "code": survey.code,
                "name": survey.name,
                "trigger_type": survey.trigger_type,
                "trigger_config": survey.trigger_config,
                "trigger": survey.trigger_sentence,
                "channel": survey.channel,
                "is_active": survey.is_active,
                "cooldown_days": survey.cooldown_days,
                "question_text": survey.question_text,
                "company_id": survey.company_id.id,
            }
            for survey in self._surveys_of_user().filtered("active")
        ]

    @api.model
    def send_survey(self, survey_code, customer_id, context=None, data=None):
        """Ask one customer, whatever the survey's trigger, sample and audience say.

        Cooldown and contact policy hold as ever. The message leaves with the next run
        of the journeys, which asks the policy again.

        :param str survey_code: of a survey that is switched on
        :param int customer_id: id of a partner; a contact counts for its company
        :param dict context: what is asked about: order_id, delivery_id; as a named
            argument Odoo takes it for its own, over JSON-2 always: use ``data`` there
        :param dict data: the same as ``context``
        :return: dict with decision (send, hold or skip), reason (empty, a code of the
            contact policy, running, cooldown, reentry, exclusive_group or archived),
            until (ISO text of when a hold ends, else False) and invitation_id (False
            if nobody is asked)
        :raises ValidationError: unknown survey, customer or key, or switched off
        :raises AccessError: the user is no marketer
        """
        survey = self._survey(survey_code)
        customer = self.env["lifecycle.engine"]._check_customers(
            "customer_id", [customer_id]
        )
        if not survey.is_active:
            raise ValidationError(
                self.env._("survey_code: the survey %s is switched off.", survey.code)
            )
        values = self.env["nps.response"]._read_context(
            (context if data is None else data) or {}
        )
        self._check_about(customer, values)
        return self._ask(survey.sudo(), customer, values, fields.Datetime.now())

    def _check_about(self, customer, values):
        """Refuse the order or delivery of somebody else."""
        for name, kind in (("order_id", "order"), ("delivery_id", "delivery")):
            if name in values:
                self._context_company(kind, values[name], customer, name)

    @api.model
    def _ask(self, survey, customer, values, now):
        survey = survey.with_company(survey.company_id)
        self.env["customer.lifecycle"].sudo()._ensure(customer, survey.company_id, now)
        if reason := self._why_not(survey, customer, now):
            return self._decided("skip", reason)
        decision = self._policy_of(survey, customer, now)
        if decision and decision.decision == "skip":
            return self._decided("skip", decision.reason)
        view = self.env["nps.response"]._fields["trigger_context"]
        text = view.convert_to_export({"source": "service", **values}, self)
        scope = SQL("l.customer_id = %s", customer.id)
        entered = survey._let_in(scope, now, SQL("%s::jsonb", text), delay_hours=0)
        if not entered:
            return self._decided("skip", "reentry")
        return self._decided(
            decision.decision if decision else "send",
            (decision.reason if decision else "") or "",
            entered[0],
            decision.until if decision else None,
        )

    def _decided(self, decision, reason, invitation=False, until=None):
        return {
            "decision": decision,
            "reason": reason,
            "until": fields.Datetime.to_string(until) or False,
            "invitation_id": invitation,
        }

    def _policy_of(self, survey, customer, now):
        """Return the Decision on the survey's channel; None where nothing is sent."""
        if survey.channel == "website":
            return None
        policy = self.env["contact.policy"].sudo().with_company(survey.company_id)
        whom = (customer.id, self._addressee(customer, survey.company_id))
        rest = (survey._contact_topic().id or None, survey.priority, None)
        channel = survey.channel
        if channel == "preferred":
            channel = self._preferred_channel(policy, survey, (whom, rest), now)
        (decision,) = policy.decide([(*whom, channel, survey.category, *rest)], now)
        return decision

    def _preferred_channel(self, policy, survey, request, now):
        """Return the best channel that nothing forbids, as the scheduler chooses it.

        :param tuple request: what is asked before channel and category, and after
        """
        whom, rest = request
        refused = policy._refusals(
            [
                (*whom, c, survey.category if c == "email" else "marketing", *rest)
                for c in INSTANT
            ],
            now,
        )
        step = survey.step_ids[:1]
        free = [
            channel
            for channel, refusal in zip(INSTANT, refused, strict=True)
            if not refusal and step._has_content(channel)
        ]
        return free[0] if free else "email"

    def _addressee(self, customer, company):
        """Return the id of the contact whom the journeys would write to."""
        self.env.flush_all()
        rows = self.env.execute_query(
            SQL(
                "SELECT %s FROM customer_lifecycle l"
                " WHERE l.customer_id = %s AND l.company_id = %s",
                ADDRESSEE,
                customer.id,
                company.id,
            )
        )
        return rows[0][0]

    def _why_not(self, survey, customer, now):
        """Return the code of what keeps a customer from being asked, else nothing."""
        if not customer.active:
            return "archived"
        self.env.flush_all()
        invitations = self.env["nps.invitation"].sudo()
        mine = [
            ("customer_id", "=", customer.id),
            ("company_id", "=", survey.company_id.id),
        ]
        running = [("run_state", "=", "running"), ("definition_id", "=", survey.id)]
        if invitations.search_count(mine + running, limit=1):
            return "running"
        cooling = self.env.execute_query(
            SQL(
                """SELECT 1 FROM nps_invitation k WHERE k.customer_id = %s
                      AND k.company_id = %s AND %s LIMIT 1""",
                customer.id,
                survey.company_id.id,
                survey._cooling_sql(now),
            )
        )
        if cooling:
            return "cooldown"
        taken = self.env["journey.slot"].sudo()
        group = [
            ("exclusive_group", "=", survey.exclusive_group or ""),
            ("priority", ">=", survey.priority),
        ]
        return "exclusive_group" if taken.search_count(mine + group) else ""

    # ----------------------------------------------------------------------- answer
    @api.model
    def submit_response(self, token, score, comment=None):
        """Record the answer of whoever has the link.

        Once per invitation: the same answer again changes nothing, another one within
        24 hours changes it; words may follow later.

        :param str token: the part of the link after ``/feedback/``
        :param int score: 0 to 10
        :param str comment: the customer's words; None keeps what was said
        :return: dict with result (recorded, changed or unchanged), response_id, score,
            category, and followup (the question that fits the category)
        :raises ValidationError: the link is not valid, no such score, too late
        """
        now = fields.Datetime.now()
        ticket = self._ticket(token, now)
        response, result = self._answer(ticket, score, comment, now)
        return {
            "result": result,
            "response_id": response.id,
            "score": response.score,
            "category": response.category,
            "followup": ticket.survey._followup(response.category) or "",
        }

    # ------------------------------------------------------------------------ cases
    @api.model
    def close_case(self, case_id, outcome, note=None):
        """Close the loop with an unhappy customer.

        :param int case_id: id of an ``nps.case`` that the caller may handle
        :param str outcome: solved, compensated, talked, unreachable or lost
        :param str note: what was done
        :return: True if the case was open, else False
        :raises ValidationError: unknown case or outcome
        :raises AccessError: not the caller's to handle
        """
        (number,) = self.env["lifecycle.engine"]._check_ids("case_id", [case_id])
        self.env["lifecycle.engine"]._check_reader()
        case = self.env["nps.case"].search([("id", "=", number)])
        if not case:
            raise ValidationError(self.env._("case_id: there is no case %s.", number))
        case._check_hands()
        case._check_outcome(outcome)
        if case.state != "open":
            return False
        note = self._check_comment(note)
        case.write({"outcome": outcome, **({"note": note} if note else {})})
        return case.action_close()
