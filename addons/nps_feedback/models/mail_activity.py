from odoo import fields, models


class MailActivity(models.Model):
    _inherit = "mail.activity"

    def _action_done(self, feedback=False, attachment_ids=None):
        """Whoever is done with the activity has closed the loop."""
        cases = self._finished_cases()
        result = super()._action_done(feedback=feedback, attachment_ids=attachment_ids)
        for case in cases:
            case.write(
                {
                    "outcome": case.outcome or "talked",
                    "note": case.note or feedback or False,
                }
            )
            case._close(fields.Datetime.now(), self.env.user)
        return result

    def _finished_cases(self):
        cases = self.env["nps.case"].sudo()
        if self.env.context.get("nps_case_closed"):
            return cases
        kind = cases._activity_type()
        mine = self.filtered(
            lambda a: a.res_model == cases._name and a.activity_type_id == kind
        )
        found = cases.browse(mine.mapped("res_id")).exists()
        return found.filtered(lambda case: case.state == "open")
