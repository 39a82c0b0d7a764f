from datetime import timedelta

from odoo import api, models

from ..tools.demo_words import closing, word

# Where an answer says that it came from.
GENERATED = "generated"
SURVEYS = ("relationship", "fifth_order", "after_checkout")
# Twice a year: most of the shop's customers have not ordered for long.
EVERY_DAYS = 180
# Of a hundred who were asked, how many answer on the day, the next days, after that.
ANSWERED = (14, 6, 4, 2)
# Of a thousand who ordered yesterday, how many answer on the page after checkout, and
# how many rate the order.
PROMPTED, RATED = 25, 70
# Of a hundred open cases older than a day, how many are closed on a day.
CLOSED = 30


class LifecycleDemoFeedback(models.AbstractModel):
    """Surveys that run all the year. Answers are generated, always alike; an answer
    says so in what it is about, and in its words.
    """

    _inherit = "lifecycle.demo"

    @api.model
    def _tell_campaigns(self, open_history, bar):
        result = super()._tell_campaigns(open_history, bar)
        self._start_surveys()
        return result

    @api.model
    def _start_surveys(self):
        self.env.company.nps_case_user_id = self.env["res.users"].search(
            [("login", "=", "teamleader")], limit=1
        )
        surveys = self.env["nps.survey"].search(
            [("company_id", "=", self.env.company.id), ("code", "in", SURVEYS)]
        )
        for survey in surveys.filtered(lambda s: s.trigger_type == "periodic"):
            survey.trigger_config = {"every_days": EVERY_DAYS}
        surveys.action_start()

    @api.model
    def _react(self, day):
        result = super()._react(day)
        self._answer_surveys(day)
        self._answer_after_checkout(day)
        self._close_cases(day)
        return result

    # ---------------------------------------------------------------------- answers
    @api.model
    def _answer_surveys(self, day):
        """Some of those who were asked lately answer."""
        dice = self._random("answer", day)
        invitations = self.env["nps.invitation"].search(
            [
                ("company_id", "=", self.env.company.id),
                ("sent_at", ">=", self._now() - timedelta(days=10)),
                ("answered_at", "=", False),
                ("expires_at", ">", self._now()),
            ],
            order="id",
        )
        links = self.env["nps.link"]
        for invitation in invitations:
            waited = (self._now() - invitation.sent_at).days
            chance = ANSWERED[min(waited, len(ANSWERED) - 1)]
            if dice.randrange(100) < chance:
                self._answer(links._token(invitation), invitation.customer_id, dice)

    @api.model
    def _answer(self, token, customer, dice):
        score, text = word(customer.ref or str(customer.id), dice)
        found = self.env["nps.service"].submit_response(token, score, text)
        answer = self.env["nps.response"].sudo().browse(found["response_id"])
        about = answer.trigger_context or {}
        answer.trigger_context = {**about, "source": GENERATED}

    @api.model
    def _answer_after_checkout(self, day):
        """Some of those who ordered yesterday say how it was."""
        dice = self._random("checkout", day)
        survey = self.env["nps.survey"].search(
            [
                ("company_id", "=", self.env.company.id),
                ("code", "=", "after_checkout"),
                ("is_active", "=", True),
            ]
        )
        for order in self._orders_of_yesterday():
            customer = order.partner_id
            if survey and dice.randrange(1000) < PROMPTED:
                if not self._is_asked_already(survey, customer):
                    token = self.env["nps.link"]._prompt_token(survey, order)
                    self._answer(token, customer, dice)
            elif dice.randrange(1000) < RATED:
                score, text = word(customer.ref or str(customer.id), dice)
                self.env["nps.service"].submit_csat(
                    "order", order.id, max(1, (score + 1) // 2), text, customer.id
                )

    @api.model
    def _orders_of_yesterday(self):
        return self.env["sale.order"].search(
            [
                ("company_id", "=", self.env.company.id),
                ("state", "=", "sale"),
                ("date_order", ">=", self._now() - timedelta(days=1, hours=8)),
                ("date_order", "<", self._now() - timedelta(hours=12)),
            ],
            order="id",
        )

    @api.model
    def _is_asked_already(self, survey, customer):
        """Whether the page after checkout would not ask: as in the shop."""
        since = self._now() - timedelta(days=survey.cooldown_days)
        return self.env["nps.invitation"].search_count(
            [("customer_id", "=", customer.id), ("started_at", ">=", since)], limit=1
        )

    # ------------------------------------------------------------------------ cases
    @api.model
    def _close_cases(self, day):
        """Colleagues call back those who were unhappy."""
        dice = self._random("case", day)
        cases = self.env["nps.case"].search(
            [
                ("company_id", "=", self.env.company.id),
                ("state", "=", "open"),
                ("opened_at", "<", self._now() - timedelta(days=1)),
            ],
            order="id",
        )
        for case in cases:
            if dice.randrange(100) < CLOSED:
                outcome, note = closing(dice)
                service = self.env["nps.service"]
                if case.user_id:
                    service = service.with_user(case.user_id)
                service.close_case(case.id, outcome, note)
