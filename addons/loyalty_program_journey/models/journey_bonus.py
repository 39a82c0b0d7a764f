from odoo import fields, models

from odoo.addons.loyalty_program.const import DIGITS


class JourneyBonus(models.Model):
    """Points that a journey gave, once per run: what it offers is one promise.

    The ledger says that an offer gave them; this says in which journey, and what they
    were worth then.
    """

    _name = "journey.bonus"
    _description = "Bonus Points of an Offer"
    _order = "given_at desc, id desc"
    _rec_name = "offer_id"

    offer_id = fields.Many2one(
        "journey.offer", required=True, ondelete="cascade", readonly=True, index=True
    )
    company_id = fields.Many2one(related="offer_id.company_id", store=True)
    currency_id = fields.Many2one(related="offer_id.currency_id")
    loyalty_id = fields.Many2one(
        "customer.loyalty", "Account", required=True, ondelete="restrict", readonly=True
    )
    customer_id = fields.Many2one(related="loyalty_id.customer_id")
    journey_model = fields.Char("Model of the journey", required=True, readonly=True)
    journey_id = fields.Many2oneReference(
        model_field="journey_model", required=True, readonly=True
    )
    journey_run_id = fields.Integer("Pass", required=True, readonly=True)
    step_code = fields.Char(
        "Step", required=True, readonly=True, help="The message that gave them."
    )
    points = fields.Float(digits=DIGITS, required=True, readonly=True)
    worth = fields.Monetary(
        readonly=True, help="What the points were worth when they were given."
    )
    given_at = fields.Datetime("Given", required=True, readonly=True)

    _step_uniq = models.UniqueIndex(
        "(journey_model, journey_id, journey_run_id, step_code)",
        "A step gives its points once.",
    )
