from odoo import Command, models


class JourneyOffer(models.Model):
    """The standard program that carries the codes of an offer."""

    _inherit = "journey.offer"

    def _sync_program(self):
        """Make each offer's program say what the offer says."""
        for offer in self.sudo():
            if not offer.program_id:
                offer.program_id = offer._create_program()
                continue
            program = offer.program_id
            program.write(offer._prepare_program_values())
            program.reward_ids.write(offer._prepare_reward_values())
            program.rule_ids.unlink()
            program.rule_ids = [Command.create(r) for r in offer._prepare_rules()]

    def _create_program(self):
        rules = [Command.create(rule) for rule in self._prepare_rules()]
        values = {
            **self._prepare_program_values(),
            "program_type": "coupons",
            "applies_on": "current",
            "trigger": "with_code",
            "rule_ids": [Command.clear(), *rules],
            "reward_ids": [
                Command.clear(),
                Command.create(self._prepare_reward_values()),
            ],
            # What the journey sends is the journey's affair.
            "communication_plan_ids": [Command.clear()],
        }
        programs = self.env["loyalty.program"].with_company(self.company_id)
        return programs.create(values)

    def _prepare_program_values(self):
        return {
            "name": self.name,
            "company_id": self.company_id.id,
            "currency_id": self.currency_id.id,
            "portal_visible": False,
            "is_personal": True,
        }

    def _prepare_rules(self):
        """Return the condition of a minimum order; it gives no points of its own."""
        if not self.minimum_amount:
            return []
        return [{"minimum_amount": self.minimum_amount, "minimum_qty": 0}]

    def _prepare_reward_values(self):
        """Return what the code gives; a bridge adds ``_reward_<offer_type>``."""
        self.ensure_one()
        specific = getattr(self, f"_reward_{self.offer_type}")()
        return {"required_points": 1, "reward_product_id": False, **specific}

    def _reward_discount_percent(self):
        return self._reward_discount("percent")

    def _reward_discount_fixed(self):
        return self._reward_discount("per_order")

    def _reward_discount(self, mode):
        return {
            "reward_type": "discount",
            "discount_mode": mode,
            "discount_applicability": "order",
            "discount": self.value,
        }

    def _reward_product(self):
        return {
            "reward_type": "product",
            "reward_product_id": self.product_id.id,
            "reward_product_qty": 1,
        }
