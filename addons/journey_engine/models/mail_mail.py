from odoo import fields, models


class MailMail(models.Model):
    _inherit = "mail.mail"

    def send(self, *args, **kwargs):
        """Leave out what should not leave any more, or not now."""
        return super(MailMail, self - self._stopped()).send(*args, **kwargs)

    def _stopped(self):
        """Cancel or put off, and return, mails of journeys that should not leave."""
        waiting = self.env["journey.delivery"].sudo()
        if tracked := self.filtered("mailing_id"):
            waiting = waiting.search(
                [
                    ("mail_mail_id", "in", tracked.ids),
                    ("state", "in", ("queued", "failed")),
                ]
            )
        if not waiting:
            return self.browse()
        scheduler = self.env["journey.scheduler"].sudo()
        stopped = scheduler._stopped(waiting, fields.Datetime.now())
        return self.browse(stopped.mail_mail_id.ids)

    def _prepare_outgoing_list(self, mail_server=False, doc_to_followers=None):
        """Nobody unsubscribes from order facts: no such header on them."""
        prepared = super()._prepare_outgoing_list(
            mail_server=mail_server, doc_to_followers=doc_to_followers
        )
        delivery = self.env["journey.delivery"].sudo()
        if self.mailing_id.journey_company_id:
            delivery = delivery.search([("mail_mail_id", "=", self.id)], limit=1)
        if delivery.category == "transactional":
            for values in prepared:
                values["headers"].pop("List-Unsubscribe", None)
                values["headers"].pop("List-Unsubscribe-Post", None)
        return prepared
