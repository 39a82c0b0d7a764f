import re
from datetime import timedelta
from typing import NamedTuple

from odoo import api, models
from odoo.tools.misc import hash_sign, verify_hash_signed

ANSWER = "nps_feedback.answer"
PROMPT = "nps_feedback.prompt"
# How long the page after checkout may be answered.
PROMPT_HOURS = 72
BASE64 = re.compile(r"[A-Za-z0-9_-]{40,1000}")


class Ticket(NamedTuple):
    """What a token lets its bearer answer."""

    survey: object
    customer: object
    addressee: object
    invitation: object
    order: object


class NpsLink(models.AbstractModel):
    """Signed, expiring tokens, each for one customer and one invitation."""

    _name = "nps.link"
    _description = "Links to Surveys"

    # ----------------------------------------------------------------------- write
    @api.model
    def _token(self, invitation):
        """Return the token with which ``invitation`` is answered."""
        values = {"invitation": invitation.id, "customer": invitation.customer_id.id}
        # An expiry in whole hours would begin anew with every message.
        return hash_sign(
            self.sudo().env, ANSWER, values, expiration=invitation.expires_at
        )

    @api.model
    def _prompt_token(self, survey, order):
        """Return the token with which the buyer of ``order`` answers a survey."""
        customer = order.partner_id.commercial_partner_id
        values = {"survey": survey.id, "order": order.id, "customer": customer.id}
        expiration = timedelta(hours=PROMPT_HOURS)
        return hash_sign(self.sudo().env, PROMPT, values, expiration=expiration)

    # ------------------------------------------------------------------------ read
    @api.model
    def _read_token(self, token, now):
        """Return the Ticket of a token; None when it is forged, stale or orphaned.

        :param datetime now: naive UTC
        """
        values = self._verified(ANSWER, token)
        if values:
            return self._invited(values, now)
        values = self._verified(PROMPT, token)
        return self._prompted(values) if values else None

    def _verified(self, scope, token):
        # Other texts may hold what the decoding would silently leave out: one token,
        # one spelling.
        if not isinstance(token, str) or not BASE64.fullmatch(token):
            return None
        try:
            return verify_hash_signed(self.sudo().env, scope, token)
        except (ValueError, UnicodeError):
            return None

    def _invited(self, values, now):
        env = self.sudo().env
        invitation = env["nps.invitation"].browse(values["invitation"]).exists()
        # Who was merged meanwhile answers as the one customer of today.
        customer = env["contact.merged"]._follow(values["customer"])
        if not invitation or not customer.active:
            return None
        if invitation.customer_id not in (customer, customer.commercial_partner_id):
            return None
        if invitation.expires_at and invitation.expires_at <= now:
            return None
        invitation = self._successor(invitation)
        survey = invitation.survey_id
        addressee = invitation.addressee_id or customer
        order = env["sale.order"].browse(invitation._context_id("order_id")).exists()
        return Ticket(survey, customer, addressee, invitation, order)

    def _successor(self, invitation):
        """Return which invitation takes the answer: of two that one customer got before
        the customers were merged, the one that goes on.
        """
        if invitation.exit_reason != "merged" or invitation.answered_at:
            return invitation
        going_on = invitation.search(
            [
                ("survey_id", "=", invitation.survey_id.id),
                ("customer_id", "=", invitation.customer_id.id),
                ("run_state", "=", "running"),
            ],
            limit=1,
        )
        return going_on or invitation

    def _prompted(self, values):
        env = self.sudo().env
        survey = env["nps.survey"].browse(values["survey"]).exists()
        order = env["sale.order"].browse(values["order"]).exists()
        customer = env["contact.merged"]._follow(values["customer"])
        if not survey or not order or not customer.active:
            return None
        if order.partner_id.commercial_partner_id != customer:
            return None
        invitation = env["nps.invitation"]._about_order(survey, order)
        return Ticket(survey, customer, order.partner_id, invitation, order)
