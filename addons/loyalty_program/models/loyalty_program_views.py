from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Command

from odoo.addons.customer_lifecycle.tools.bounds import check_number
from odoo.addons.customer_lifecycle.tools.json_view import (
    JsonReader,
    JsonView,
    whole,
)

from ..const import BENEFITS, EARNING_TYPES, TIERS

MOST_PER_CURRENCY = 10**6
# What only programs with accounts have.
OWN = {"is_active", "tiers", "earning_rules", "redemption_rules", "points_per_currency"}


class LoyaltyProgramViews(models.AbstractModel):
    """A program as JSON: views of its rules, tiers and rewards."""

    _name = "loyalty.program.views"
    _description = "Loyalty Program as JSON"
    _inherit = ["loyalty.program.redemption"]

    points_per_currency = fields.Float(
        "Points per currency unit",
        digits=(16, 4),
        compute="_compute_points_per_currency",
        inverse="_inverse_points_per_currency",
        help="What an order earns for each unit of the program's currency.",
    )
    points_currency = fields.Char(
        compute="_compute_points_currency",
        inverse="_inverse_points_currency",
        search="_search_points_currency",
        help="Code of the program's currency, such as USD.",
    )
    earning_rules = JsonView(
        compute="_compute_earning_rules", inverse="_inverse_earning_rules"
    )
    tiers = JsonView("Tiers (JSON)", compute="_compute_tiers", inverse="_inverse_tiers")

    def get_earning_rules(self):
        """Return ``earning_rules``."""
        self.ensure_one()
        return self.earning_rules

    def get_tiers(self):
        """Return ``tiers``."""
        self.ensure_one()
        return self.tiers

    @api.model_create_multi
    def create(self, vals_list):
        """What the JSON says stands instead of the defaults of a type of program."""
        return super().create(
            [self._with_defaults(self._clean_vals(vals)) for vals in vals_list]
        )

    def write(self, vals):
        return super().write(self._clean_vals(vals))

    @api.model
    def _with_defaults(self, vals):
        """Whoever writes a program of ours by its JSON means a loyalty card."""
        if not OWN & set(vals):
            return vals
        vals = {"program_type": "loyalty", **vals}
        if vals["program_type"] != "loyalty":
            return vals
        if not {"points_per_currency", "earning_rules", "rule_ids"} & set(vals):
            vals["points_per_currency"] = 1.0
        return {
            "applies_on": "both",
            "trigger": "auto",
            "portal_visible": True,
            "portal_point_name": self.env._("Points"),
            **vals,
        }

    @api.model
    def _clean_vals(self, vals):
        """A purchase rule overrides ``points_per_currency`` beside it; rules without
        one leave it as it is given.
        """
        if "points_per_currency" not in vals or not vals.get("earning_rules"):
            return vals
        view = self._fields["earning_rules"]
        rules = view.convert_to_cache(vals["earning_rules"], self)
        rest = {k: v for k, v in vals.items() if k != "points_per_currency"}
        if any(isinstance(r, dict) and r.get("type") == "purchase" for r in rules):
            return rest
        points = vals["points_per_currency"]
        purchase = {"type": "purchase", "points_per_unit": points, "unit": "currency"}
        return {**rest, "earning_rules": [purchase, *rules] if points else rules}

    # --------------------------------------------------------------------- currency
    @api.depends("currency_id.name")
    def _compute_points_currency(self):
        for program in self:
            program.points_currency = program.currency_id.name

    def _inverse_points_currency(self):
        currencies = {c.name: c for c in self.env["res.currency"].search([])}
        for program in self:
            code = program.points_currency
            if code not in currencies:
                raise ValidationError(
                    self.env._(
                        "points_currency: %(value)s is not allowed; allowed are "
                        "%(codes)s.",
                        value=repr(code)[:100],
                        codes=", ".join(sorted(currencies)),
                    )
                )
            if program.accounts_since and program.currency_id.name != code:
                program._refuse_change("points_currency")
            program.currency_id = currencies[code]

    def _search_points_currency(self, operator, value):
        return [("currency_id.name", operator, value)]

    # --------------------------------------------------------------------- purchase
    def _purchase_rules(self):
        """Return the rules that say what orders earn by their amount."""
        return self.rule_ids.filtered(
            lambda rule: rule.reward_point_mode == "money" and rule.mode == "auto"
        )

    def _purchase_rule(self):
        """Return the rule that says what orders earn: ours, or a plain one."""
        rules = self._purchase_rules()
        return rules.filtered("is_engine_rule")[:1] or rules[:1]

    @api.depends("rule_ids.reward_point_amount", "rule_ids.reward_point_mode")
    def _compute_points_per_currency(self):
        for program in self:
            program.points_per_currency = program._purchase_rule().reward_point_amount

    def _inverse_points_per_currency(self):
        for program in self:
            program._set_purchase(program.points_per_currency)

    def _set_purchase(self, points):
        """Let orders earn so many points per unit of currency; none when 0, by no rule
        that counts amounts.
        """
        check_number(self.env, "points_per_currency", points, 0, MOST_PER_CURRENCY)
        rule = self._purchase_rule()
        if not points:
            self._purchase_rules().unlink()
            return
        values = {"reward_point_amount": points, "is_engine_rule": True}
        if rule:
            rule.write(values)
        else:
            values |= {"reward_point_mode": "money", "mode": "auto"}
            self.write({"rule_ids": [Command.create(values)]})

    # ---------------------------------------------------------------- earning rules
    @api.depends("points_per_currency", "earning_rule_ids.points")
    def _compute_earning_rules(self):
        for program in self:
            found = []
            if program.points_per_currency:
                points = whole(program.points_per_currency)
                found.append(
                    {"type": "purchase", "points_per_unit": points, "unit": "currency"}
                )
            for rule in program.earning_rule_ids:
                entry = {"type": rule.type, "points": whole(rule.points)}
                is_other = rule.friend_points != rule.points
                if rule.type == "referral" and is_other:
                    entry["friend_points"] = whole(rule.friend_points)
                found.append(entry)
            program.earning_rules = found

    def _inverse_earning_rules(self):
        for program in self:
            reader = JsonReader(self.env, program.earning_rules, "earning_rules")
            program._read_earning_rules(reader)

    def _read_earning_rules(self, reader):
        purchase, wanted = 0, {}
        types = ["purchase", *dict(EARNING_TYPES)]
        for place, entry in enumerate(reader.entries()):
            entry.check_keys(
                ("type", "points", "points_per_unit", "unit", "friend_points"),
                ("type",),
            )
            kind = entry.choice("type", types)
            if kind in wanted or (kind == "purchase" and purchase):
                self._refuse_twice(entry.path, kind)
            if kind == "purchase":
                entry.check_keys(("type", "points_per_unit", "unit"))
                entry.choice("unit", ["currency"], "currency")
                purchase = entry.number("points_per_unit", 0.0001, MOST_PER_CURRENCY)
                continue
            allowed = ("friend_points",) if kind == "referral" else ()
            entry.check_keys(("type", "points", *allowed))
            points = entry.number("points", 0.01)
            # An invitation rewards both sides alike, if nothing else is said.
            both = points if kind == "referral" else 0
            wanted[kind] = {
                "points": points,
                "friend_points": entry.number("friend_points", default=both),
                "sequence": place,
            }
        self._set_purchase(purchase)
        self._replace(self.earning_rule_ids, "type", wanted, "earning_rule_ids")

    def _refuse_twice(self, path, what):
        raise ValidationError(
            self.env._("%(path)s: %(what)s is there twice.", path=path, what=what)
        )

    def _replace(self, records, key, wanted, name):
        """Update, create and delete records so that they are those wanted.

        :param dict wanted: {value of the field ``key``: further values}
        """
        commands = [
            Command.update(record.id, wanted[record[key]])
            if record[key] in wanted
            else Command.delete(record.id)
            for record in records
        ]
        commands += [
            Command.create({key: value, **values})
            for value, values in wanted.items()
            if value not in records.mapped(key)
        ]
        self.write({name: commands})

    # ------------------------------------------------------------------------ tiers
    @api.depends(
        "tier_ids.name",
        "tier_ids.code",
        "tier_ids.min_points",
        "tier_ids.benefit_ids.type",
        "tier_ids.benefit_ids.value",
        "tier_ids.benefit_ids.text",
    )
    def _compute_tiers(self):
        for program in self:
            program.tiers = [
                {
                    "name": tier.name,
                    "code": tier.code,
                    "min_points": whole(tier.min_points),
                    "benefits": [benefit._as_json() for benefit in tier.benefit_ids],
                }
                for tier in program.tier_ids.sorted("min_points")
            ]

    def _inverse_tiers(self):
        """An empty list is no list without tiers: it resets to the four of every new
        program.
        """
        for program in self:
            if not program.tiers:
                wanted = program._default_tiers()
                program._replace(program.tier_ids, "code", wanted, "tier_ids")
                continue
            reader = JsonReader(self.env, program.tiers, "tiers")
            wanted = {}
            for entry in reader.entries():
                code, values = program._read_tier(entry)
                if code in wanted:
                    program._refuse_twice(entry.path, code)
                wanted[code] = values
            program._replace(program.tier_ids, "code", wanted, "tier_ids")

    def _read_tier(self, entry):
        entry.check_keys(
            ("name", "code", "min_points", "benefits"), ("name", "code", "min_points")
        )
        benefits = JsonReader(
            self.env, entry.value.get("benefits", []), f"{entry.path}.benefits"
        )
        commands = [Command.clear()]
        for place, benefit in enumerate(benefits.entries()):
            benefit.check_keys(("type", "value", "text"), ("type",))
            commands.append(
                Command.create(
                    {
                        "sequence": place,
                        "type": benefit.choice("type", list(dict(BENEFITS))),
                        "value": benefit.number("value", default=0),
                        "text": benefit.text("text", False),
                    }
                )
            )
        return entry.choice("code", list(dict(TIERS))), {
            "name": entry.text("name"),
            "min_points": entry.number("min_points"),
            "benefit_ids": commands,
        }
