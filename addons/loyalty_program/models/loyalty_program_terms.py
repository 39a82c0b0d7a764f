from odoo import models
from odoo.fields import Command

# What a rule counts by; the mode is known: it counts for the order at hand.
PLAIN = (
    "reward_point_mode",
    "reward_point_amount",
    "minimum_qty",
    "minimum_amount_tax_mode",
    "product_domain",
)


class LoyaltyProgramTerms(models.AbstractModel):
    """By which rules an order is counted: those of the day of its confirmation.

    They are written down with the order. The products of a category or of a tag are
    those that it has when they are asked for.
    """

    _name = "loyalty.program.terms"
    _description = "Terms of a Loyalty Program"

    def _note_rules(self, order=None):
        """Return the rules that count for an order, as JSON.

        :param order: ``sale.order``, which knows the codes that were entered and the
            currency of its minimum amounts; None: no codes, the program's currency
        """
        # Codes are a query, which most orders do without.
        rules = self.sudo().rule_ids.filtered(
            lambda rule: (
                rule.mode == "auto" or (order and rule in order.code_enabled_rule_ids)
            )
        )
        return [self._note_rule(rule, order) for rule in rules]

    def _note_rule(self, rule, order):
        values = {name: rule[name] for name in PLAIN if rule[name]}
        for name in ("product_category_id", "product_tag_id"):
            if rule[name]:
                values[name] = rule[name].id
        if rule.product_ids:
            values["product_ids"] = rule.product_ids.ids
        if rule.minimum_amount:
            currency = order.currency_id if order else rule.currency_id
            values["minimum_amount"] = rule._compute_amount(currency)
            values["currency_id"] = currency.id
        return values

    def _by_rules(self, noted):
        """Return the program with the rules that were written down, in memory alone.

        :param list noted: as of ``_note_rules``
        """
        rules = [
            Command.create(
                {
                    **values,
                    "product_ids": [Command.set(values.get("product_ids", ()))],
                    "mode": "auto",
                    "active": True,
                }
            )
            for values in noted
        ]
        return self.new({"rule_ids": [Command.clear(), *rules]}, origin=self)
