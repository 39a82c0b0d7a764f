from odoo import fields, models


class MailingMailing(models.Model):
    _inherit = "mailing.mailing"

    journey_company_id = fields.Many2one(
        "res.company",
        "Tracks a journey of",
        readonly=True,
        help="Set on the mailings that count opens and clicks of a journey's step.",
    )

    def write(self, vals):
        """A gateway's answer makes a mailing "sending": a journey's stays done."""
        mine = self.filtered("journey_company_id") if vals.get("state") else self
        if vals.get("state") in (None, "done") or not mine:
            return super().write(vals)
        super(MailingMailing, self - mine).write(vals)
        return super(MailingMailing, mine).write({**vals, "state": "done"})

    def _contact_company(self):
        """A journey speaks in the name of its company."""
        return self.journey_company_id or super()._contact_company()
