import random
from datetime import timedelta

from odoo import Command, fields
from odoo.tests import freeze_time
from odoo.tools import SQL

from .common import NOW, LoyaltyCommon

MEMBERS = 40
# What is done to something that is there is done to one of the newest.
RECENT = 150


class NothingThereError(Exception):
    """There is nothing yet that could be done something to."""


class Doors(LoyaltyCommon):
    """Ways into the accounts beside orders, one method each; the dice choose whose."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.program.earning_rules = [
            {"type": "purchase", "points_per_unit": 2, "unit": "currency"},
            {"type": "birthday", "points": 30},
            {"type": "signup", "points": 5},
        ]
        cls.program.points_expiry_months = 2
        # Orders earn here, too: programs do nothing to each other.
        cls.second = cls._program(points_expiry_months=0, shortfall="cap")

    def _begin(self, seed):
        """Customers who have done nothing yet."""
        self.dice, self.moment = random.Random(seed), NOW
        self.members = self.accounts.browse()
        with freeze_time(NOW):
            for _each in range(MEMBERS):
                self._join()

    def _join(self):
        born = fields.Date.to_date(NOW) - timedelta(days=self.dice.randint(0, 9999))
        self.members += self._member(100, birthday=born)

    def _anybody(self):
        return self.dice.choice(self.members.filtered("active"))

    def _some(self, model, *domain):
        """One of the newest records."""
        found = self.env[model].search([*domain], limit=RECENT, order="id desc")
        if not found:
            raise NothingThereError
        return self.dice.choice(found)

    # ---------------------------------------------------------------------- contract
    def _do_earn(self):
        self._anybody().earn_points(self.dice.randint(1, 80), "test")

    def _do_redeem(self):
        self._anybody().redeem_points(self.dice.randint(1, 80), "discount", 1)

    def _do_adjust(self):
        points = self.dice.randint(-40, 40) or 1
        self._anybody().adjust_points(points / 4, "Why")

    def _do_transfer(self):
        giver, taker = self._anybody(), self._anybody()
        giver.transfer_points(taker.customer_id.id, self.dice.randint(1, 50))

    def _do_join(self):
        if len(self.members.filtered("active")) < MEMBERS:
            self._join()

    # ----------------------------------------------------------------------- wizards
    def _do_adjustment_wizard(self):
        self.env["loyalty.adjustment"].create(
            {
                "loyalty_id": self._anybody().id,
                "points": self.dice.randint(-50, 50),
                "reason": "Random",
            }
        ).action_apply()

    def _do_card_wizard(self):
        self.env["loyalty.card.update.balance"].create(
            {
                "card_id": self._anybody().card_id.id,
                "new_balance": self.dice.randint(0, 300),
                "description": "Random",
            }
        ).action_update_card_point()

    def _do_generate_wizard(self):
        customers = self._anybody().customer_id | self._anybody().customer_id
        self.env["loyalty.generate.wizard"].create(
            {
                "program_id": self.program.id,
                "mode": "selected",
                "customer_ids": [Command.set(customers.ids)],
                "points_granted": self.dice.randint(1, 40),
            }
        ).generate_coupons()

    def _do_write_card(self):
        card = self._anybody().card_id
        card.points = max(card.points + self.dice.randint(-60, 60), 0)

    def _do_merge(self):
        target, source = self._anybody(), self._anybody()
        if self.dice.random() < 0.2 and target != source:
            wizard = self.env["base.partner.merge.automatic.wizard"].create({})
            partners = target.customer_id | source.customer_id
            wizard._merge(partners.ids, target.customer_id)
            self.env.invalidate_all()

    # ------------------------------------------------------------------------- codes
    def _do_redeem_into_code(self):
        reward = self.program.reward_ids[0]
        self.service.redeem(self._anybody().customer_id.id, reward.id)

    def _do_return_codes(self):
        # As if nobody had come for longer than codes are valid.
        late = self.moment + timedelta(days=self.dice.randint(0, 40))
        self.accounts._return_codes(late, self.dice.randint(1, 5))

    # -------------------------------------------------------------------------- jobs
    def _do_wait(self):
        self.moment += timedelta(days=self.dice.randint(1, 6))
        self.env["loyalty.expiry"]._expire_all(self.moment)
        self.accounts._return_codes(self.moment, 1000)

    def _do_release(self):
        self.env["loyalty.pending"]._release_due(self.moment, self.dice.randint(1, 50))

    def _do_review(self):
        held = self._some("loyalty.pending", ("state", "=", "held"))
        review = self.env["loyalty.review"].create(
            {"pending_ids": [Command.set(held.ids)], "reason": "Random"}
        )
        self.dice.choice([review.action_approve, review.action_reject])()

    def _do_evaluate_tiers(self):
        self.env["loyalty.tier.evaluation"]._evaluate(SQL("a.active"), self.moment)

    def _do_occasions(self):
        self.env["loyalty.occasion"]._credit_occasions(self.moment)

    def _do_policy(self):
        self.program.write(
            {
                "shortfall": self.dice.choice(["debt", "cap", "block"]),
                "pending_days": self.dice.choice([0, 0, 3]),
                "daily_earning_cap": self.dice.choice([0, 150]),
                "daily_redemption_cap": self.dice.choice([0, 0, 120]),
                "velocity_limit": self.dice.choice([0, 0, 4]),
                "tier_basis": self.dice.choice(["lifetime", "rolling", "calendar"]),
            }
        )
