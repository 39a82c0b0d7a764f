from odoo import models


class SmsSms(models.Model):
    _inherit = "sms.sms"

    # The queue among all the messages that left it.
    _outgoing_idx = models.Index("(create_date) WHERE state = 'outgoing'")
