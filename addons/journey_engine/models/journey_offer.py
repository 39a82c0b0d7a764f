import re

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

# A code that somebody received keeps what it promised.
PROMISED = ("offer_type", "value", "product_id", "minimum_amount", "company_id")
PREFIX = re.compile(r"[A-Z0-9-]{0,16}")


class JourneyOffer(models.Model):
    """What a journey gives: personal single-use codes of a program of its own."""

    _name = "journey.offer"
    _description = "Journey Offer"
    _order = "name, id"
    _check_company_auto = True

    name = fields.Char(required=True, translate=True)
    active = fields.Boolean(
        default=True,
        help="An archived offer issues nothing more; codes already sent stay valid.",
    )
    company_id = fields.Many2one(
        "res.company",
        required=True,
        ondelete="cascade",
        default=lambda self: self.env.company,
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    offer_type = fields.Selection(
        [
            ("discount_percent", "Discount in percent"),
            ("discount_fixed", "Discount of an amount"),
            ("product", "Free product"),
        ],
        required=True,
        default="discount_percent",
    )
    value = fields.Float(help="Percent, or an amount in the company's currency.")
    product_id = fields.Many2one(
        "product.product",
        check_company=True,
        ondelete="restrict",
        domain=[("type", "!=", "combo"), ("sale_ok", "=", True)],
    )
    validity_days = fields.Integer("Valid for days", required=True, default=14)
    code_prefix = fields.Char(
        default="044",
        help="Capital letters, digits and hyphens before the random part. A code that "
        "starts with 044 can be scanned at the point of sale.",
    )
    minimum_amount = fields.Monetary("Minimum order", help="Taxes included.")
    budget_count = fields.Integer("Codes at most", help="0: any number.")
    budget_amount = fields.Monetary(
        "Money at most",
        help="What was redeemed and what open codes are expected to cost. 0: any.",
    )
    customer_limit_per_year = fields.Integer(
        "Codes per customer and year",
        help="Within 365 days, all contacts of a company together. 0: any number.",
    )
    margin_floor = fields.Float(
        "Margin floor (%)",
        help="An order that would earn less after the discount may not use the code. "
        "0: no floor.",
    )
    program_id = fields.Many2one(
        "loyalty.program",
        copy=False,
        readonly=True,
        ondelete="restrict",
    )

    _program_uniq = models.UniqueIndex(
        "(program_id)", "A program belongs to one offer."
    )

    # ----------------------------------------------------------------- constraints
    @api.constrains("offer_type", "value")
    def _check_value(self):
        for offer in self:
            kind, value = offer.offer_type, offer.value
            if kind == "discount_percent" and not 0 < value <= 100:
                raise ValidationError(
                    self.env._(
                        "Value: a discount in percent is above 0 and at most 100."
                    )
                )
            if kind == "discount_fixed" and not 0 < value < float("inf"):
                raise ValidationError(
                    self.env._("Value: a discount of an amount is above 0.")
                )

    @api.constrains("offer_type", "product_id")
    def _check_product(self):
        if any(o.offer_type == "product" and not o.product_id for o in self):
            raise ValidationError(
                self.env._("Product: an offer of a free product names the product.")
            )

    @api.constrains("code_prefix")
    def _check_code_prefix(self):
        if not all(PREFIX.fullmatch(offer.code_prefix or "") for offer in self):
            raise ValidationError(
                self.env._(
                    "Code prefix: at most 16 characters, capital letters A to Z, "
                    "digits 0 to 9 and hyphens only."
                )
            )

    @api.constrains("validity_days", "margin_floor")
    def _check_ranges(self):
        for offer in self:
            if not 1 <= offer.validity_days <= 3650:
                raise ValidationError(
                    self.env._("Valid for days: from 1 to 3650 days.")
                )
            if not 0 <= offer.margin_floor <= 100:
                raise ValidationError(
                    self.env._("Margin floor: from 0 (none) to 100 percent.")
                )

    @api.constrains(
        "minimum_amount", "budget_count", "budget_amount", "customer_limit_per_year"
    )
    def _check_amounts(self):
        names = (
            "minimum_amount",
            "budget_count",
            "budget_amount",
            "customer_limit_per_year",
        )
        for name in names:
            if not all(0 <= offer[name] < float("inf") for offer in self):
                label = self.fields_get([name], ["string"])[name]["string"]
                raise ValidationError(
                    self.env._("%(field)s: 0 (none) or more.", field=label)
                )

    # ------------------------------------------------------------------------ CRUD
    @api.model_create_multi
    def create(self, vals_list):
        offers = super().create(vals_list)
        offers._sync_program()
        return offers

    def write(self, vals):
        if any(offer._breaks_promise(vals) for offer in self):
            raise ValidationError(
                self.env._(
                    "Codes of this offer have been issued: what they give cannot "
                    "change any more. Archive the offer and create another one."
                )
            )
        result = super().write(vals)
        if "name" in vals or any(name in vals for name in PROMISED):
            self._sync_program()
        return result

    def _breaks_promise(self, vals):
        changed = any(
            name in vals
            and self._fields[name].convert_to_cache(vals[name], self)
            != self._fields[name].convert_to_cache(self[name], self)
            for name in PROMISED
        )
        return changed and self.issued_count > 0

    @api.ondelete(at_uninstall=False)
    def _unlink_except_issued(self):
        if any(offer.issued_count for offer in self):
            raise UserError(
                self.env._(
                    "Codes of this offer have been issued: archive it instead of "
                    "deleting it."
                )
            )

    def unlink(self):
        programs = self.sudo().program_id
        result = super().unlink()
        programs.action_archive()
        programs.unlink()
        return result

    # --------------------------------------------------------------------- actions
    def action_view_codes(self):
        """Open the codes of this offer, used and expired ones included."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Codes"),
            "res_model": "loyalty.card",
            "view_mode": "list,form",
            "domain": [("program_id", "=", self.program_id.id)],
            "context": {"create": False, "active_test": False},
        }

    def action_view_orders(self):
        """Open the confirmed orders that used a code of this offer."""
        self.ensure_one()
        lines = [("coupon_id.program_id", "=", self.program_id.id)]
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Orders"),
            "res_model": "sale.order",
            "view_mode": "list,form",
            "domain": [("state", "=", "sale"), ("order_line", "any", lines)],
            "context": {"create": False},
        }
