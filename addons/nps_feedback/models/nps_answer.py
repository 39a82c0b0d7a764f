from odoo import api, models
from odoo.exceptions import ValidationError
from odoo.tools import SQL

from odoo.addons.customer_lifecycle.tools.text import is_storable

from ..const import CHANGE_HOURS, MAX_COMMENT, SCORES


class NpsAnswer(models.AbstractModel):
    """Writes down what customers answer: once per invitation, however many clicks."""

    _name = "nps.answer"
    _description = "Answering of Surveys"

    @api.model
    def _ticket(self, token, now):
        """Return what a token allows.

        :raises ValidationError: forged, expired or orphaned: no hint which
        """
        ticket = self.env["nps.link"]._read_token(token, now)
        if not ticket:
            raise ValidationError(
                self.env._(
                    "token: this link is not valid any more; please use that of a "
                    "newer message."
                )
            )
        return ticket

    @api.model
    def _answer(self, ticket, score, comment, now, **values):
        """Record, or change, the answer of a ticket.

        :param int score: 0 to 10
        :param str comment: None keeps what was said
        :param datetime now: naive UTC
        :return: (``nps.response``, "recorded", "changed" or "unchanged")
        :raises ValidationError: bad score or comment, or too late for a change
        """
        responses = self.env["nps.response"].sudo()
        score = responses._check_score("score", score, SCORES)
        comment = self._check_comment(comment)
        invitation = ticket.invitation or self._prompt(ticket, now)
        known = responses.search([("invitation_id", "=", invitation.id)])
        if known:
            return self._change(known, score, comment, now, values)
        # Two answers at once collide here, and the later one tries again.
        self._mark(invitation, now)
        response = responses.create(
            self._prepare_response(ticket, invitation, now)
            | {"score": score, "first_score": score, "followup_response": comment}
            | values
        )
        self._tell(response, "survey_answered", now)
        return response, "recorded"

    def _mark(self, invitation, now):
        self.env.flush_all()
        self.env.cr.execute(
            SQL(
                "UPDATE nps_invitation SET answered_at = %s"
                " WHERE id = %s AND answered_at IS NULL",
                now,
                invitation.id,
            )
        )
        invitation.invalidate_recordset(["answered_at"])

    @api.model
    def _check_comment(self, comment):
        if comment is None or comment is False:
            return None
        if not isinstance(comment, str) or not is_storable(comment):
            raise ValidationError(
                self.env._(
                    "comment: %s is not allowed; allowed is a text.",
                    repr(comment)[:100],
                )
            )
        return comment.strip()[:MAX_COMMENT] or None

    def _prompt(self, ticket, now):
        """Return an invitation for who is asked on the page after checkout."""
        survey = ticket.survey.sudo()
        company = survey.company_id
        rows = self.env["customer.lifecycle"].sudo()
        rows._insert_missing([(ticket.customer.id, company.id)], now)
        context = SQL("jsonb_build_object('order_id', %s)", ticket.order.id)
        self._give_way(survey, ticket.customer, now)
        entered = survey.with_company(company)._let_in(
            SQL("l.customer_id = %s", ticket.customer.id), now, context, delay_hours=0
        )
        if not entered:
            raise ValidationError(
                self.env._("This question is closed by now: thank you all the same.")
            )
        return self.env["nps.invitation"].sudo().browse(entered)

    def _give_way(self, survey, customer, now):
        """Ask nobody later who answers now: what still waits gives way."""
        invitations = self.env["nps.invitation"].sudo()
        waiting = invitations.search(
            [
                ("customer_id", "=", customer.id),
                ("company_id", "=", survey.company_id.id),
                ("run_state", "=", "running"),
                ("definition_id", "!=", survey.id),
                ("sent_at", "=", False),
                ("answered_at", "=", False),
            ]
        )
        invitations._end(waiting.ids, "cancelled", "exited", now)

    # ------------------------------------------------------------------------ change
    def _change(self, response, score, comment, now, values):
        """Change an answer, while it may be changed; what is added is always welcome.

        What was answered first stays on the timeline, and in ``first_score``.
        """
        changes = self._differences(response, score, comment, values)
        if not changes:
            return response, "unchanged"
        takes_back = changes.keys() & {"score"} or (
            "followup_response" in changes and response.followup_response
        )
        if takes_back and not response._may_change(now):
            raise ValidationError(
                self.env._(
                    "score: answers can be changed within %s hours; this one is older.",
                    CHANGE_HOURS,
                )
            )
        response.write({**changes, "changed_at": now})
        if "score" in changes:
            self._tell(response, "survey_changed", now)
        self.env["nps.case"].sudo()._refresh(response, bool(changes.get("may_call")))
        return response, "changed"

    @api.model
    def _differences(self, response, score, comment, values):
        """Return what is said now and was not before."""
        changes = {name: v for name, v in values.items() if response[name] != v}
        if score != response.score:
            changes |= {"score": score, "change_count": response.change_count + 1}
        if comment is not None and comment != response.followup_response:
            changes["followup_response"] = comment
        return changes

    # ----------------------------------------------------------------------- prepare
    def _prepare_response(self, ticket, invitation, now):
        row = (
            self.env["customer.lifecycle"]
            .sudo()
            .with_context(active_test=False)
            .search(
                [
                    ("customer_id", "=", invitation.customer_id.id),
                    ("company_id", "=", invitation.company_id.id),
                ]
            )
        )
        has_tier = "loyalty_tier" in row._fields
        return {
            "survey_id": invitation.survey_id.id,
            "invitation_id": invitation.id,
            "customer_id": invitation.customer_id.id,
            "addressee_id": ticket.addressee.id,
            "company_id": invitation.company_id.id,
            "trigger_context": invitation.trigger_context or {},
            "order_id": ticket.order.id,
            "responded_at": now,
            "stage": row.current_stage,
            "tier": row.loyalty_tier if has_tier else False,
        }

    @api.model
    def _tell(self, response, event_type, now):
        """Write the timeline: figures, not what people wrote."""
        key = f"{event_type}:{response.id}"
        if event_type == "survey_changed":
            key = f"{key}:{response.change_count}"
        self.env["lifecycle.event"].sudo()._record(
            [
                {
                    "customer_id": response.customer_id.id,
                    "company_id": response.company_id.id,
                    "event_type": event_type,
                    "event_key": key,
                    "occurred_at": now,
                    "res_model": response._name,
                    "res_id": response.id,
                    "data": {
                        "survey": response.survey_id.code,
                        "score": response.score,
                        "first_score": response.first_score,
                        "category": response.category,
                    },
                }
            ]
        )
