from odoo import api, fields, models
from odoo.exceptions import UserError

from ..tools.claim import claiming
from ..tools.rate import Rate, rate_in
from ..tools.source import Source, current_source, moving
from .sale_order_owner import QUOTATION

TALLY = "loyalty_program.tally"


class OverCapError(Exception):
    """Takes a claim back that was too much for one day."""


class SaleOrder(models.Model):
    """Orders of programs with accounts earn when they are confirmed, not in the cart:
    points that are not there yet cannot be spent.
    """

    _name = "sale.order"
    _inherit = [
        "sale.order",
        "sale.order.referral",
        "sale.order.refund",
        "sale.order.change",
        "sale.order.terms",
        "sale.order.owner",
        "sale.order.parts",
        "sale.order.again",
        "sale.order.shortage",
    ]

    loyalty_turn = fields.Integer(
        readonly=True, copy=False, help="How often the order was confirmed."
    )

    loyalty_basis = fields.Json(
        readonly=True,
        copy=False,
        help="Of each program: the rules, the rate and the tier's multiplier by which "
        "the confirmed order counts, and what it is to earn since it was changed.",
    )
    loyalty_reversed = fields.Boolean(
        readonly=True, copy=False, help="Its points were taken back by hand."
    )
    loyalty_settled = fields.Json(
        readonly=True,
        copy=False,
        help="What had been refunded before it was confirmed last.",
    )

    @api.model_create_multi
    def create(self, vals_list):
        """A cart remembers the invitation that the customer followed."""
        self._check_not_given(vals_list)
        return super().create([self._with_invitation(vals) for vals in vals_list])

    def write(self, vals):
        """Points and rewards go with the customer."""
        self._check_not_changed(vals)
        if "partner_id" not in vals:
            return super().write(vals)
        partner = self.env["res.partner"].browse(vals["partner_id"] or ())
        given = self._loyalty_hand_over(partner)
        result = super().write(vals)
        self._loyalty_take_off()
        for order, points in given.items():
            order._loyalty_hand_over_invitation()
            order._loyalty_earn_anew(points)
        return result

    def _update_programs_and_rewards(self):
        self._loyalty_take_off()
        return super()._update_programs_and_rewards()

    # ----------------------------------------------------------------------- points
    def _program_check_compute_points(self, programs):
        """Keep aside what programs with accounts will earn; the cart gets nothing.

        Programs in the order's currency are counted together.
        """
        kept = programs.sudo().filtered("accounts_since").sudo(programs.env.su)
        rates = {program: self._loyalty_rate(program) for program in kept}
        foreign = kept.filtered(lambda program: rates[program] != 1)
        result = super()._program_check_compute_points(programs - foreign)
        for program in foreign:
            order = self.with_context(loyalty_rate=Rate(rates[program]))
            result |= super(SaleOrder, order)._program_check_compute_points(program)
        for program in kept:
            status = result[program]
            if "points" in status:
                self._loyalty_tally()[program.id] = status["points"][0]
                status["points"] = [0]
        return result

    def _loyalty_tally(self):
        """Return {program id: points before the tier} of this order, until the end of
        the transaction.
        """
        tallies = self.env.cr.cache.setdefault(TALLY, {})
        return tallies.setdefault(self.id, {})

    def _get_order_line_price(self, order_line, price_type):
        """Amounts that earn points are in the program's currency."""
        price = super()._get_order_line_price(order_line, price_type)
        rate = rate_in(self.env.context)
        return price if rate is None else price * rate

    def _loyalty_rate(self, program):
        """Return what a unit of the order's currency is in the program's, 1 where the
        context tells it.
        """
        if rate_in(self.env.context) is not None:
            return 1
        day = (self.date_order or fields.Datetime.now()).date()
        return program._rate(self.currency_id, self.company_id, day)

    def _apply_program_reward(self, reward, coupon, **kwargs):
        """For members of its tier, and no more than one may redeem on a day."""
        if refusal := self._loyalty_refusal(reward, coupon):
            return {"error": refusal}
        coupon.sudo().account_ids._expire_due(fields.Datetime.now())
        if not self.env["loyalty.program"]._limits(coupon.program_id.id).redemption:
            return super()._apply_program_reward(reward, coupon, **kwargs)
        try:
            with self.env.cr.savepoint():
                result = super()._apply_program_reward(reward, coupon, **kwargs)
                if text := self._loyalty_cap_error(coupon):
                    raise OverCapError(text)
        except OverCapError as error:
            if self.env.context.get("loyalty_claim_raises"):
                raise UserError(str(error)) from None
            return {"error": str(error)}
        return result

    # ---------------------------------------------------------------------- rewards
    def _write_vals_from_reward_vals(self, reward_vals, old_lines, delete=True):
        with claiming():
            return super()._write_vals_from_reward_vals(
                reward_vals, old_lines, delete=delete
            )

    def copy(self, default=None):
        """Standard copies the lines of rewards, and takes them out again."""
        if default and "order_line" in default:
            return super().copy(default)
        with claiming():
            return super().copy(default)

    def _get_claimable_rewards(self, forced_coupons=None):
        return self._loyalty_open_rewards(
            super()._get_claimable_rewards(forced_coupons)
        )

    def _loyalty_open_rewards(self, found):
        """Leave out rewards that cards may not pay for: those of higher tiers.

        :param dict found: ``loyalty.card`` -> ``loyalty.reward``; is changed
        """
        for card, rewards in list(found.items()):
            allowed = rewards.filtered(
                lambda r, card=card: not self._loyalty_refusal(r, card)
            )
            if not allowed:
                del found[card]
            elif allowed != rewards:
                found[card] = allowed
        return found

    def _get_reward_line_values(self, reward, coupon, **kwargs):
        """Rewards leave a quotation whose customer's tier has fallen since: standard
        drops those for which this is an error.
        """
        if self.state in QUOTATION and (refusal := reward._refusal_for(coupon)):
            raise UserError(refusal)
        return super()._get_reward_line_values(reward, coupon, **kwargs)

    # ------------------------------------------------------------- confirm and cancel
    def action_confirm(self):
        fresh = self.filtered(lambda order: order.state != "sale")
        source = Source("confirm", self._name, fresh._ids)
        with self._loyalty_rivals(), moving(source):
            result = super().action_confirm()
        for order in fresh.filtered(lambda order: order.state == "sale"):
            order._loyalty_confirmed()
        return result

    def _action_cancel(self):
        confirmed = self.filtered(lambda order: order.state == "sale")
        codes = confirmed._loyalty_codes()
        source = Source("cancel", self._name, confirmed._ids)
        with moving(source):
            result = super()._action_cancel()
        for order in confirmed.filtered(lambda order: order.state != "sale"):
            order._loyalty_reverse()
            if not order.loyalty_turn:
                # Confirmed again, it must not pass for the past order that it was.
                order.sudo().loyalty_turn = 1
        codes._return_settled(fields.Datetime.now())
        return result

    def _get_point_changes(self):
        """Cancelling gives back what the ledger says was redeemed, whatever became of
        the lines since; confirming leaves cards alone that pay nothing. That is why
        these cards move, and by how many points.
        """
        changes = super()._get_point_changes()
        source = current_source()
        if source is None or not set(self._ids) <= set(source.ids):
            return changes
        if source.event == "confirm":
            changes = self._loyalty_moved(changes)
            source.cards.update({card.id: by for card, by in changes.items()})
        elif source.event == "cancel":
            for card in changes:
                for standing in card._standings().values():
                    changes[card] = self._loyalty_change(card, standing)
            source.cards.update({card.id: -by for card, by in changes.items()})
        return changes

    def _loyalty_change(self, card, standing):
        """Return what cancelling takes from a card with an account, below 0 to give.

        Orders that were confirmed before the accounts are not in the ledger: standard
        booked what stands with them.
        """
        ledger = self.env["loyalty.ledger"].sudo()
        booked = ledger._net(standing, "redeem", self._name, self.ids)
        former = self.filtered(lambda order: order.id not in booked)
        lines = former.order_line.filtered(lambda line: line.coupon_id == card)
        entries = self.coupon_point_ids.filtered(lambda e: e.coupon_id == card)
        net = sum(points for points, _ids in booked.values())
        return sum(entries.mapped("points")) + net - sum(lines.mapped("points_cost"))

    def _loyalty_moved(self, changes):
        """Leave out cards with accounts that these orders neither fill nor use."""
        used = self.order_line.filtered("points_cost").coupon_id
        return {
            card: points
            for card, points in changes.items()
            if points or card in used or not card.sudo().program_id.accounts_since
        }
