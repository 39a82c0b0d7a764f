from odoo import fields, models

from ..const import CONTEXTS


class CsatResponse(models.Model):
    """How content a customer was with one thing: an order, a delivery, a product."""

    _name = "csat.response"
    _description = "Satisfaction"
    _order = "responded_at desc, id desc"
    _rec_name = "customer_id"

    customer_id = fields.Many2one(
        "res.partner", required=True, ondelete="cascade", readonly=True
    )
    addressee_id = fields.Many2one(
        "res.partner", "Answered by", ondelete="set null", readonly=True, index=True
    )
    company_id = fields.Many2one(
        "res.company", required=True, ondelete="cascade", readonly=True
    )
    context_type = fields.Selection(CONTEXTS, "About", required=True, readonly=True)
    context_id = fields.Integer("Number of it", required=True, readonly=True)
    score = fields.Integer(required=True, readonly=True, aggregator="avg")
    comment = fields.Text(readonly=True)
    responded_at = fields.Datetime("Answered", required=True, readonly=True)
    is_generated = fields.Boolean(
        "Made up", readonly=True, help="Of a demonstration: no customer said it."
    )

    _score_range = models.Constraint(
        "CHECK (score >= 1 AND score <= 5)", "A score is a whole number from 1 to 5."
    )
    _context_uniq = models.UniqueIndex(
        "(customer_id, company_id, context_type, context_id)",
        "This customer has said so already.",
    )
    _moment_idx = models.Index("(company_id, responded_at)")
