from odoo import api, models

from odoo.addons.customer_lifecycle.tools.json_view import (
    JsonReader,
    JsonView,
    whole,
)

# "discount" means percent.
DISCOUNT = ("discount", "discount_percent")
NUMBERS = {
    "validity_days": (1, 3650),
    "minimum_amount": (0, 10**9),
    "budget_count": (0, 10**9),
    "budget_amount": (0, 10**9),
    "customer_limit_per_year": (0, 10**6),
    "margin_floor": (0, 100),
}
WHOLE = ("validity_days", "budget_count", "customer_limit_per_year")
KEYS = ("type", "value", "code_prefix", "name", "product_id", *NUMBERS)


class JourneyOfferConfig(models.AbstractModel):
    """The offer of a definition as JSON: ``offer_config``."""

    _name = "journey.offer.config"
    _description = "Offer of a Journey as JSON"

    offer_config = JsonView(
        compute="_compute_offer_config", inverse="_inverse_offer_config", shape=dict
    )

    @api.depends("offer_id")
    def _compute_offer_config(self):
        for definition in self:
            definition.offer_config = definition.offer_id._as_config()

    def _inverse_offer_config(self):
        """Make the offer be what the JSON says; codes that were issued keep what they
        promised, so that another offer takes the place of theirs.
        """
        for definition in self:
            config = definition.offer_config
            if not config:
                definition.offer_id = False
                continue
            reader = JsonReader(self.env, config, "offer_config")
            offer = definition.offer_id
            values = offer._config_values(reader)
            values.setdefault("name", offer.name or definition.name)
            shared = offer and self.search_count(
                [("offer_id", "=", offer.id), ("id", "!=", definition.id)], limit=1
            )
            if offer and not shared and not offer._breaks_promise(values):
                offer.write(values)
                continue
            values["company_id"] = definition.company_id.id
            definition.offer_id = offer.create(values)


class JourneyOffer(models.Model):
    """An offer as JSON."""

    _inherit = "journey.offer"

    @api.model
    def _config_keys(self):
        """Return what an ``offer_config`` may say; a bridge adds its own."""
        return KEYS

    @api.model
    def _config_values(self, reader):
        """Return the values that an ``offer_config`` means.

        :raises ValidationError: naming the path and what is allowed
        """
        reader.check_keys(self._config_keys(), required=("type",))
        types = dict(self._fields["offer_type"]._description_selection(self.env))
        kind = reader.choice("type", ["discount", *types])
        needs_value = kind in (*DISCOUNT, "discount_fixed")
        low, high = (0.01, 100) if kind in DISCOUNT else (0, 10**9)
        default = {} if needs_value else {"default": 0}
        values = {
            "offer_type": DISCOUNT[1] if kind in DISCOUNT else kind,
            "value": reader.number("value", low, high, **default),
            "product_id": reader.record("product_id", "product.product", False).id,
        }
        defaults = self.default_get(["code_prefix", *NUMBERS])
        prefix = reader.text("code_prefix", defaults.get("code_prefix"))
        values["code_prefix"] = prefix
        for name, bounds in NUMBERS.items():
            default = defaults.get(name, 0)
            values[name] = reader.number(name, *bounds, default, name in WHOLE)
        if reader.has("name"):
            values["name"] = reader.text("name")
        return values

    def _as_config(self):
        """Return what the offer is beyond the defaults, as JSON."""
        if not self:
            return {}
        kind = self.offer_type
        found = {"type": DISCOUNT[0] if kind in DISCOUNT else kind}
        if self.value:
            found["value"] = whole(self.value)
        defaults = self.default_get(["code_prefix", *NUMBERS])
        if self.code_prefix != defaults.get("code_prefix"):
            found["code_prefix"] = self.code_prefix
        if self.product_id:
            found["product_id"] = self.product_id.id
        found |= {
            name: whole(self[name])
            for name in NUMBERS
            if self[name] != defaults.get(name, 0)
        }
        return found
