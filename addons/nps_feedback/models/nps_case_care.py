from datetime import timedelta

from markupsafe import Markup

from odoo import api, models

from odoo.addons.customer_lifecycle.tools.clock import Clock

CASE_TYPE = "nps_feedback.mail_activity_type_case"


class NpsCase(models.Model):
    """How cases come, who is told, and how they end."""

    _inherit = "nps.case"

    # ------------------------------------------------------------------------- open
    @api.model
    def _follow_answers(self, responses, now):
        """Open cases for detractors; close those whose customer thought better of it.

        Once per answer, however often it is called.

        :param responses: ``nps.response`` records
        :param datetime now: naive UTC
        :return: the new cases
        """
        known = {case.response_id: case for case in responses.case_ids}
        better = [
            known[r].id
            for r in responses - responses.filtered(_is_unhappy)
            if r in known and known[r].state == "open"
        ]
        self.browse(better)._close(now, self.env["res.users"], "changed")
        unhappy = responses.filtered(_is_unhappy)
        new = unhappy.filtered(lambda r: r not in known)
        cases = self.create([self._prepare_case(r, now) for r in new])
        cases._tell()
        # An answer that turned bad again takes its case up again.
        again = self.browse(
            known[r].id
            for r in unhappy - new
            if known[r].state == "closed" and known[r].outcome == "changed"
        )
        again.action_reopen()
        cases._schedule()
        return cases

    @api.model
    def _prepare_case(self, response, now):
        company = response.company_id
        due = Clock(now).today(company) + timedelta(days=company.nps_case_days)
        return {
            "response_id": response.id,
            "customer_id": response.customer_id.id,
            "company_id": company.id,
            "user_id": self._owner(response).id,
            "opened_at": response.responded_at,
            "deadline": due,
        }

    @api.model
    def _owner(self, response):
        """Return who takes care: the customer's salesperson, else the order's, the
        company's, or whoever hears of customers at risk whom nobody handles.
        """
        policy = self.env["lifecycle.policy"]._ensure(response.company_id)
        people = (
            response.addressee_id.user_id,
            response.customer_id.user_id,
            response.order_id.user_id,
            response.company_id.nps_case_user_id,
            policy.escalation_user_id,
        )
        may = [
            user
            for user in people
            if user.active
            and not user.share
            and response.company_id in user.sudo().company_ids
        ]
        return may[0] if may else self.env["res.users"]

    def _schedule(self):
        """Give whoever is in charge an activity, due on the deadline."""
        for case in self.filtered("user_id"):
            case.activity_schedule(
                CASE_TYPE,
                case.deadline,
                summary=self.env._(
                    "%(customer)s gave %(score)s of 10",
                    customer=case.customer_id.display_name,
                    score=case.score,
                ),
                note=case._activity_note(),
                user_id=case.user_id.id,
            )

    def _activity_note(self):
        lines = []
        if self.followup_response:
            lines.append(Markup("<blockquote>%s</blockquote>") % self.followup_response)
        if self.may_call:
            text = self.env._("Asked to be called: %s", self.call_phone or "")
            lines.append(Markup("<p>%s</p>") % text)
        return Markup().join(lines)

    def _hand_over(self):
        """The activity goes to whoever is in charge now."""
        for case in self.sudo().filtered(lambda c: c.state == "open"):
            mine = case._own_activities()
            if mine and case.user_id:
                mine.user_id = case.user_id
            elif mine:
                mine.unlink()
            else:
                case._schedule()

    @api.model
    def _activity_type(self):
        kind = self.env.ref(CASE_TYPE, raise_if_not_found=False)
        return kind or self.env["mail.activity.type"]

    def _own_activities(self):
        """Return the activities that the cases made themselves."""
        kind = self._activity_type()
        return self.activity_ids.filtered(lambda a: a.activity_type_id == kind)

    def _tell(self):
        """Write the timeline."""
        self.env["lifecycle.event"].sudo()._record(
            [
                {
                    "customer_id": case.customer_id.id,
                    "company_id": case.company_id.id,
                    "event_type": "detractor_case",
                    "event_key": f"detractor_case:{case.id}",
                    "occurred_at": case.opened_at,
                    "res_model": self._name,
                    "res_id": case.id,
                    "data": {"score": case.score},
                }
                for case in self
            ]
        )

    # ------------------------------------------------------------------------ close
    def _close(self, now, user, outcome=None):
        """Close cases: what came of them, when, and by whom.

        :param datetime now: naive UTC
        :param user: ``res.users``, empty where nobody did it
        :param str outcome: None keeps what the case says
        """
        if not self:
            return
        values = {"state": "closed", "closed_at": now, "closed_by_id": user.id}
        self.write(values | ({"outcome": outcome} if outcome else {}))
        mine = self._own_activities()
        mine.with_context(nps_case_closed=True).action_feedback()

    @api.model
    def _refresh(self, responses, calls):
        """What the customer added later stands in the activity, too.

        :param bool calls: the customer asked to be called a moment ago, which takes up
            a case that was closed
        """
        cases = responses.case_ids
        if calls:
            cases.action_reopen()
        for case in cases.filtered(lambda c: c.state == "open"):
            case._own_activities().note = case._activity_note()


def _is_unhappy(response):
    return response.category == "detractor"
