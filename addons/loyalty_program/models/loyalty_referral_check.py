from odoo import models

from ..tools.likeness import Person, mailbox, number, place, shared


class LoyaltyReferralCheck(models.AbstractModel):
    """Does the friend look like the member? Then people look at it, too."""

    _name = "loyalty.referral.check"
    _description = "Review of Referrals"

    def _suspicion(self):
        """Return why member and friend may be one person; empty if they are not."""
        self.ensure_one()
        labels = {
            "mailboxes": self.env._("same e-mail address"),
            "numbers": self.env._("same phone number"),
            "places": self.env._("same address"),
            "payments": self.env._("same means of payment"),
        }
        found = shared(self._person(self.customer_id), self._person(self.friend_id))
        return ", ".join(labels[name] for name in found)

    def _person(self, customer):
        """Return what tells a customer and all of its contacts apart from others."""
        contacts = self.env["res.partner"].sudo().with_context(active_test=False)
        contacts = contacts.search(
            [("commercial_partner_id", "=", customer.commercial_partner_id.id)]
        )

        def known(values):
            return frozenset(value for value in values if value)

        return Person(
            known(map(mailbox, [*contacts.mapped("email"), *self._logins(contacts)])),
            known(map(number, contacts.mapped("phone"))),
            known(place(c.street, c.zip, c.city) for c in contacts),
            known(self._means_of_payment(contacts)),
        )

    def _logins(self, contacts):
        return contacts.user_ids.mapped("login")

    def _means_of_payment(self, contacts):
        """Return what customers pay with: saved means of payment, and accounts."""
        tokens = self.env["payment.token"].sudo().with_context(active_test=False)
        for token in tokens.search([("partner_id", "in", contacts.ids)]):
            yield ("token", token.provider_id.id, token.provider_ref)
            if token.payment_details:
                yield ("card", token.payment_method_id.id, token.payment_details)
        yield from contacts.bank_ids.mapped("sanitized_acc_number")
