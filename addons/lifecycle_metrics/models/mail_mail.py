from odoo import models


class MailMail(models.Model):
    _inherit = "mail.mail"

    # The queue among all the mails that left it.
    _outgoing_idx = models.Index("(mailing_id) WHERE state = 'outgoing'")
