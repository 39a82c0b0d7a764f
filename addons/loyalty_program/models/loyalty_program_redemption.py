from odoo import api, models
from odoo.exceptions import ValidationError
from odoo.fields import Command
from odoo.tools import float_compare

from odoo.addons.customer_lifecycle.tools.json_view import JsonReader, JsonView


class LoyaltyProgramRedemption(models.AbstractModel):
    """What points buy, as JSON: a view of the program's rewards.

    Rewards that the format cannot express are neither shown nor touched.
    """

    _name = "loyalty.program.redemption"
    _description = "Redemption Rules as JSON"

    redemption_rules = JsonView(
        compute="_compute_redemption_rules", inverse="_inverse_redemption_rules"
    )

    def get_redemption_rules(self):
        """Return ``redemption_rules``."""
        self.ensure_one()
        return self.redemption_rules

    @api.model_create_multi
    def create(self, vals_list):
        """Rules that are given stand instead of the reward of the type's default; none
        stand for no reward at all.
        """
        programs = super().create(vals_list)
        for program, vals in zip(programs, vals_list, strict=True):
            if "redemption_rules" in vals and "reward_ids" not in vals:
                rest = program.reward_ids.filtered(lambda r: not r._as_redemption())
                rest.unlink()
        return programs

    @api.depends(
        "reward_ids.active",
        "reward_ids.required_points",
        "reward_ids.discount",
        "reward_ids.discount_mode",
        "reward_ids.discount_applicability",
        "reward_ids.reward_type",
    )
    def _compute_redemption_rules(self):
        for program in self:
            found = [reward._as_redemption() for reward in program.reward_ids]
            program.redemption_rules = [entry for entry in found if entry]

    def _inverse_redemption_rules(self):
        for program in self:
            reader = JsonReader(self.env, program.redemption_rules, "redemption_rules")
            program._read_redemption_rules(reader)

    def _read_redemption_rules(self, reader):
        known = self.reward_ids.filtered(lambda r: r._as_redemption())
        kept, commands, discounts = self.env["loyalty.reward"], [], []
        for entry in reader.entries():
            entry.check_keys(("points", "value", "type", "reward_id"), ("points",))
            kind = entry.choice("type", ["discount", "product"], "discount")
            points = entry.number("points", 0.01)
            if kind == "product":
                entry.check_keys(("points", "type", "reward_id"), ("reward_id",))
                reward = self._own_reward(entry)
                commands.append(Command.update(reward.id, {"required_points": points}))
                kept |= reward
                continue
            entry.check_keys(("points", "value", "type"), ("value",))
            value = entry.number("value", 0.01)
            discounts.append(self._discount_values(points, value))
        rewards = self._match_rewards(
            known.filtered(lambda reward: reward.reward_type == "discount"), discounts
        )
        for place, values in enumerate(discounts):
            reward = rewards.get(place)
            commands.append(
                Command.update(reward.id, values) if reward else Command.create(values)
            )
            kept |= reward or self.env["loyalty.reward"]
        self.write({"reward_ids": commands})
        self._drop_rewards(known - kept)

    @api.model
    def _match_rewards(self, rewards, wanted):
        """Return {place in ``wanted``: reward that it is}: what a reward has beside its
        points and value, such as the tier it is for, stays with it.

        The very same one comes first, then that of the same points, then that of the
        same value; what is left has been changed in both, and keeps its order.

        :param rewards: ``loyalty.reward`` that are there
        :param list wanted: values of rewards
        """
        found = {}
        for same in (
            ("required_points", "discount"),
            ("required_points",),
            ("discount",),
            (),
        ):
            for place, values in enumerate(wanted):
                if place in found:
                    continue
                fits = rewards.filtered(
                    lambda r, names=same, values=values: all(
                        not float_compare(r[name], values[name], precision_digits=2)
                        for name in names
                    )
                )
                if fits:
                    found[place] = fits[0]
                    rewards -= fits[0]
        return found

    def _own_reward(self, entry):
        """Return the reward of the program that an entry names."""
        reward = entry.record("reward_id", "loyalty.reward")
        reward.check_access("read")
        if reward.program_id != self:
            raise ValidationError(
                self.env._(
                    "%(path)s.reward_id: %(id)s is a reward of another program.",
                    path=entry.path,
                    id=reward.id,
                )
            )
        return reward

    @api.model
    def _discount_values(self, points, value):
        return {
            "reward_type": "discount",
            "discount_mode": "per_order",
            "discount_applicability": "order",
            "discount": value,
            "required_points": points,
        }

    def _drop_rewards(self, rewards):
        """Rewards that orders carry are archived, the others deleted; no program that
        comes back from the archive brings them along.
        """
        lines = self.env["sale.order.line"].sudo()
        used = lines.search([("reward_id", "in", rewards.ids)]).reward_id
        used.write({"active": False, "is_dropped": True})
        (rewards - used).unlink()
