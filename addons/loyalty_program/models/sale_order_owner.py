from odoo import fields, models
from odoo.exceptions import UserError

from ..tools.movement import whole_points

QUOTATION = ("draft", "sent")


class SaleOrderOwner(models.AbstractModel):
    """An order that gets another customer: points and rewards are those of whose order
    it is.
    """

    _name = "sale.order.owner"
    _description = "Owner of an Order's Points"

    def _loyalty_foreign_cards(self):
        """Return the cards on the order that keep points of somebody else."""
        order = self.sudo()
        cards = order.applied_coupon_ids | order.order_line.coupon_id
        cards |= order.coupon_point_ids.coupon_id
        return cards.filtered(order._loyalty_is_foreign)

    def _loyalty_is_foreign(self, card):
        """Whether a card keeps points of somebody else than the order's customer."""
        card = card.sudo()
        return bool(
            card.program_id.accounts_since
            and card.partner_id
            and not card.partner_id.is_public
            and card.partner_id != self.partner_id
        )

    def _loyalty_refusal(self, reward, card):
        """Say why a card may not pay for a reward here; nothing when it may."""
        if self._loyalty_is_foreign(card):
            return self.env._("These are points of another customer.")
        return reward._refusal_for(card)

    def _loyalty_take_off(self):
        """Take off quotations what others would pay: their points stay theirs."""
        for order in self.filtered(lambda order: order.state in QUOTATION):
            if cards := order._loyalty_foreign_cards():
                order._loyalty_take_off_cards(cards)

    def _loyalty_take_off_cards(self, cards):
        lines = self.order_line.filtered(lambda line: line.coupon_id in cards)
        names = lines.reward_id.mapped("description")
        lines.unlink()
        self.applied_coupon_ids -= cards
        entries = self.sudo().coupon_point_ids
        entries.filtered(lambda entry: entry.coupon_id in cards).unlink()
        if names:
            text = self.env._(
                "Taken off, since points of another customer paid for it: %s",
                ", ".join(names),
            )
            self._message_log(body=text)

    # --------------------------------------------------------------------- confirmed
    def _loyalty_hand_over(self, partner):
        """Take back what confirmed orders earned that get another customer.

        :param partner: ``res.partner`` whose they will be
        :return: {order: {program: points}}: the orders, which earn again then; with the
            points that past ones had, of which no terms tell
        :raises UserError: the first customer paid for a reward of them, or the points
            were spent, and the program wants them covered
        """
        given = self.sudo().filtered(
            lambda order: order.state == "sale" and order.partner_id != partner
        )
        found = {}
        for order in given:
            order._loyalty_check_paid(partner)
            found[order] = order._loyalty_without_terms()
            order._loyalty_reverse()
        return found

    def _loyalty_without_terms(self):
        """Return {program: points before refunds} of what the order was credited as a
        past one, by rules that nobody wrote down.
        """
        ledger = self.env["loyalty.ledger"].sudo()
        share, found = self._loyalty_refunded_share(), {}
        for account in self._loyalty_accounts():
            if account.program_id not in self._loyalty_agreed() and share < 1:
                net = ledger._net(account._locked(), "earn", self._name, self.ids)
                points = whole_points(net.get(self.id, (0, ()))[0] / (1 - share))
                found[account.program_id] = points
        return found

    def _loyalty_check_paid(self, partner):
        """Raise UserError where points of the customer, or a code bought with them,
        paid for a part of the order: whether it costs more now, people decide.
        """
        lines = self.order_line.filtered("reward_id").filtered(
            lambda line: (
                line.coupon_id.program_id.accounts_since
                or (
                    line.coupon_id.redemption_id
                    and line.coupon_id._owner_refusal(partner)
                )
            )
        )
        if lines:
            raise UserError(
                self.env._(
                    "partner_id: points of %(customer)s paid for %(rewards)s on "
                    "%(order)s. Cancel it, and set it to quotation, first.",
                    customer=self.partner_id.display_name,
                    rewards=", ".join(lines.mapped("name")),
                    order=self.name,
                )
            )

    def _loyalty_earn_anew(self, points):
        """Credit a confirmed order to the customer that it has now: by the terms of its
        day, and the tier that this customer has.

        :param dict points: as of ``_loyalty_without_terms``
        """
        # What the first customer got is settled: this is another confirmation.
        self.loyalty_turn = max(self.loyalty_turn, 1) + 1
        for program in self._loyalty_agreed():
            account = self._loyalty_account(program)
            multiplier = self._loyalty_multiplier(program, account.current_tier)
            self._loyalty_keep_basis(program, multiplier=multiplier)
        if not self.partner_id.is_public:
            now = fields.Datetime.now()
            for program, amount in points.items():
                self._loyalty_earn_due(program, amount, now)
        self._loyalty_count_again()
