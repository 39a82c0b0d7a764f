from odoo import api, fields, models


class RatingRating(models.Model):
    _inherit = "rating.rating"

    @api.model_create_multi
    def create(self, vals_list):
        ratings = super().create(vals_list)
        ratings._record_reviews()
        return ratings

    def write(self, vals):
        result = super().write(vals)
        if vals.get("consumed"):
            self._record_reviews()
        return result

    def _record_reviews(self):
        """A review is an event on the customer's timeline, once per rating."""
        now = fields.Datetime.now()
        given = self.sudo().filtered(lambda rating: rating.consumed)
        self.env["lifecycle.event"].sudo()._record(
            [
                {
                    "customer_id": rating.partner_id.commercial_partner_id.id,
                    "company_id": rating._review_company().id,
                    "event_type": "review_posted",
                    "event_key": f"review_posted:{rating.id}",
                    "occurred_at": now,
                    "res_model": self._name,
                    "res_id": rating.id,
                    "data": {"rating": rating.rating, "of": rating.res_model},
                }
                for rating in given
                if rating.partner_id
            ]
        )

    def _review_company(self):
        """Return the company of what was rated, else of the customer."""
        company = self.env["res.company"]
        if self.res_model in self.env and self.res_id:
            record = self.env[self.res_model].browse(self.res_id).exists()
            if record and "company_id" in record._fields:
                company = record.company_id
        return company or self.partner_id.company_id or self.env.company
