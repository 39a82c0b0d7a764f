from odoo.http import request

from odoo.addons.mass_mailing.controllers.main import MassMailController


class TopicMassMailController(MassMailController):
    def _mailing_unsubscribe_from_document(
        self, mailing, document_id, email, hash_token
    ):
        """A customer's old link stops the topic, not everything from everywhere.

        For contacts who are no customers, Odoo's page stays as it is.
        """
        url = mailing._topic_url(document_id) if hash_token else None
        if not url or not mailing._is_customer(document_id):
            return super()._mailing_unsubscribe_from_document(
                mailing, document_id, email, hash_token
            )
        links = request.env["contact.unsubscribe"]
        ticket = links._read_token(url.rsplit("/", 1)[-1])
        # Scanners follow links: looking changes nothing.
        if ticket and request.httprequest.method == "POST":
            links._stop(ticket, request.env._("Unsubscribe link of a mailing"))
        return request.redirect(url)
