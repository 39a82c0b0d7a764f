from odoo import fields, models
from odoo.exceptions import UserError

from ..const import DIGITS, REDEMPTION_TYPES, TRANSACTION_TYPES


class LoyaltyTransaction(models.Model):
    """One movement of points: written once, never changed.

    It names no partner: merging contacts rewrites columns that do by raw SQL.
    """

    _name = "loyalty.transaction"
    _description = "Loyalty Transaction"
    _inherit = ["lifecycle.append.only", "loyalty.sourced.mixin"]
    _order = "id desc"
    _rec_name = "source_description"
    _log_access = False

    loyalty_id = fields.Many2one(
        "customer.loyalty", "Account", required=True, ondelete="restrict"
    )
    program_id = fields.Many2one("loyalty.program", required=True, ondelete="restrict")
    company_id = fields.Many2one("res.company", ondelete="restrict")
    customer_id = fields.Many2one(related="loyalty_id.customer_id")
    transaction_type = fields.Selection(TRANSACTION_TYPES, "Type", required=True)
    points = fields.Float(digits=DIGITS, required=True)
    balance_before = fields.Float("Before", digits=DIGITS, required=True)
    balance_after = fields.Float("After", digits=DIGITS, required=True)
    source_type = fields.Char("Source", required=True)
    source_id = fields.Many2oneReference("Source record", model_field="source_type")
    source_description = fields.Char("Description")
    redemption_type = fields.Selection(REDEMPTION_TYPES)
    redemption_value = fields.Float(digits=DIGITS)
    redemption_code = fields.Char()
    expires_at = fields.Datetime("Expires")
    created_at = fields.Datetime("Date", required=True)
    user_id = fields.Many2one("res.users", "By", ondelete="set null")
    idempotency_key = fields.Char(
        help="A movement with this key is made once per account, however often it is "
        "asked for."
    )

    code_state = fields.Selection(
        [
            ("open", "Open"),
            ("used", "Used"),
            ("expired", "Expired"),
            ("returned", "Given back"),
        ],
        "Code",
        compute="_compute_code_state",
        help="What became of the code that the points were redeemed into.",
    )

    _adds_up = models.Constraint(
        "CHECK (balance_after = balance_before + points)",
        "What was there, and what came or went, must be what is there.",
    )
    # Rows without a key are in it, too: it finds the rows of an account as well.
    _key_uniq = models.UniqueIndex("(loyalty_id, idempotency_key)")
    _source_idx = models.Index(
        "(source_type, source_id, loyalty_id) WHERE source_id IS NOT NULL"
    )
    _program_date_idx = models.Index("(program_id, created_at)")

    def _compute_code_state(self):
        cards = self.env["loyalty.card"].sudo().with_context(active_test=False)
        found = cards.search([("redemption_id", "in", self.ids)])
        by_row = {card.redemption_id.id: card for card in found}
        for row in self:
            row.code_state = row._state_of(by_row.get(row.id))

    def _state_of(self, card):
        """Return what became of a code's card."""
        if not card:
            return False
        if not card.active:
            return "returned"
        if card.points < 1:
            return "used"
        today = fields.Date.context_today(self)
        is_over = card.expiration_date and card.expiration_date < today
        return "expired" if is_over else "open"

    def action_open_source(self):
        """Open the record that moved the points, as far as the user may see it."""
        self.ensure_one()
        model = self.env.get(self.source_type)
        if model is None or model._abstract or not self.source_id:
            raise UserError(self.env._("There is no record behind this transaction."))
        record = model.browse(self.source_id).exists()
        if not record:
            raise UserError(self.env._("The record behind it does not exist any more."))
        record.check_access("read")
        return {
            "type": "ir.actions.act_window",
            "res_model": record._name,
            "res_id": record.id,
            "view_mode": "form",
        }
