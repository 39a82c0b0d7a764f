from datetime import timedelta

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL, split_every

from ..tools.movement import Movement

AT_ONCE = 200
# A payment may be taken back for so long after the reward.
WATCHED_DAYS = 120
OPEN = ("pending", "joined", "reversed")
GIVEN = ("held", "rewarded", "limited")


class LoyaltyReferralReward(models.AbstractModel):
    """Both sides are rewarded once the friend has paid, and no longer than that.

    Everything is found out from orders, invoices and payments, never from what
    somebody says has happened: doing it twice is as doing it once.
    """

    _name = "loyalty.referral.reward"
    _description = "Rewards of Referrals"
    _inherit = ["loyalty.referral.check", "loyalty.referral.payment"]

    @api.model
    def _cron_settle(self):
        """Look at every referral that a payment or refund may still change."""
        engine = self.env["lifecycle.engine"]
        commit = self.env["ir.cron"]._commit_progress
        now = fields.Datetime.now()
        # What was given for an invitation is watched though that is archived.
        every = self.with_context(active_test=False)
        found = every.search(self._settle_domain(now), order="id").ids
        commit(remaining=len(found))
        for ids in split_every(AT_ONCE, found):
            engine._insist(lambda ids=ids: self.browse(ids)._settle(now))
            if not commit(len(ids)):
                return

    @api.model
    def _settle_domain(self, now):
        since = now - timedelta(days=WATCHED_DAYS)
        return [
            "|",
            "&",
            ("active", "=", True),
            ("state", "in", ("pending", "joined")),
            "&",
            ("state", "in", (*GIVEN, "reversed")),
            ("rewarded_at", ">=", since),
        ]

    def _settle(self, now):
        """Reward what was paid, take back what was not kept.

        :param datetime now: naive UTC
        """
        payments = self.sudo()._payments()
        for referral in self.sudo():
            owner = referral.friend_id.commercial_partner_id
            orders = {
                order: referral._is_kept(order, row)
                for order, row in payments.get(owner.id, ())
                if referral.company_id in (order.company_id, referral.company_id[:0])
            }
            if referral.state in GIVEN and not orders.get(referral._rewarded_order()):
                referral._take_back(now)
            if referral.active and referral.state in OPEN:
                referral._advance(orders, now)

    def _advance(self, orders, now):
        """Take the friend's orders to notice.

        :param dict orders: {order: whether it was paid and kept}, the first first
        """
        if orders and self.state == "pending":
            self.write({"state": "joined", "ordered_at": now})
        paid = [order for order, is_kept in orders.items() if is_kept]
        if paid and self.program_id._referral_rule():
            self._reward(paid[0], now)

    # ------------------------------------------------------------------------ reward
    def _reward(self, order, now):
        """Credit both sides, or let people review it first."""
        rule = self.program_id._referral_rule()
        accounts = self.env["customer.loyalty"].sudo()
        friend = accounts._enroll(self.program_id, self.friend_id, now)
        both = self.loyalty_id | friend
        ledger = self.env["loyalty.ledger"].sudo()
        # In one go: two workers that lock two accounts each never wait in a ring.
        standings = ledger._lock(SQL("a.id = ANY(%s)", both.ids))
        is_full = self._is_limit_reached(now)
        self.write(
            {
                "turn": self.turn + 1,
                **self._order_values(order),
                "rewarded_at": now,
                "reversed_at": False,
                "points": 0 if is_full else rule.points,
                "friend_points": rule.friend_points,
                "reason": self._suspicion() or False,
            }
        )
        for account, points, text in (
            (self.loyalty_id, self.points, self._text_for_member()),
            (friend, self.friend_points, self.env._("Welcome gift of an invitation")),
        ):
            standing = standings[account.card_id.id]
            # What an earlier reward left could not be taken back: it is this one's.
            points -= sum(self._left(standing))
            if points > 0:
                movement = self._movement(points, text, now)
                account._credit(standing, movement, now)
        self._tell_reward(is_full, now)

    def _left(self, standing):
        """Return what is left in an account of each reward for this friend, or for the
        order that stands now, by whatever invitation: [points], above 0.

        :param Standing standing: of the account, locked
        """
        owner = self.friend_id.commercial_partner_id
        domain = Domain("friend_id.commercial_partner_id", "=", owner.id)
        domain |= self._same_order()
        domain &= Domain("program_id", "=", self.program_id.id)
        every = self.with_context(active_test=False).search(domain)
        ledger = self.env["loyalty.ledger"].sudo()
        net = ledger._net(standing, "earn", self._name, every.ids)
        return [points for points, _ids in net.values() if points > 0]

    def _rewarded_order(self):
        """Return the order that the friend paid; a bridge knows further doors."""
        return self.order_id

    def _order_values(self, order):
        """Return what notes the order that the friend paid."""
        return {"order_id": order.id}

    def _same_order(self):
        """Return the Domain of referrals that the same order was rewarded for."""
        return Domain("order_id", "=", self.order_id.id)

    def _movement(self, points, text, now):
        return Movement(
            "earn",
            points,
            "loyalty.referral",
            self.id,
            text,
            f"referral:{self.id}:{self.turn}",
            self.program_id._expiry(now),
        )

    def _text_for_member(self):
        return self.env._("Invitation of %s", self._friend_name())

    def _is_limit_reached(self, now):
        limit = self.program_id.referral_limit
        rewarded = self.loyalty_id._rewarded_this_year(now) - self
        return bool(limit) and len(rewarded) >= limit

    def _tell_reward(self, is_full, now):
        """Say how it came out: credited, under review, or over the limit."""
        if "held" in self._pending_points().mapped("state"):
            self.state = "held"
        elif is_full:
            limit = self.program_id.referral_limit
            reason = self.env._("Yearly limit of %s referrals reached", limit)
            self.write({"state": "limited", "reason": reason})
        else:
            self.state = "rewarded"
            self._tell("referral_rewarded", self.customer_id, now, points=self.points)

    # ------------------------------------------------------------------------ review
    def _pending_points(self):
        """Return what pends, or is held, for the last reward of these referrals."""
        keys = [f"referral:{referral.id}:{referral.turn}" for referral in self]
        return (
            self.env["loyalty.pending"]
            .sudo()
            .search(
                [
                    ("source_type", "=", "loyalty.referral"),
                    ("source_id", "in", self.ids),
                    ("idempotency_key", "in", keys),
                ]
            )
        )

    def _reviewed(self):
        """Follow what the review of held points came to."""
        for referral in self.filtered(lambda r: r.state == "held"):
            states = set(referral._pending_points().mapped("state"))
            if "held" in states:
                continue
            if states & {"waiting", "done"}:
                referral.state = "rewarded" if referral.points else "limited"
            else:
                referral.state = "blocked"

    def _with_points_left(self):
        """Return those of these referrals that the member still has points of."""
        accounts = self.loyalty_id._with_merged()
        rows = (
            self.env["loyalty.transaction"]
            .sudo()
            ._read_group(
                [
                    ("loyalty_id", "in", accounts.ids),
                    ("source_type", "=", self._name),
                    ("source_id", "in", self.ids),
                    ("transaction_type", "=", "earn"),
                ],
                ["source_id"],
                having=[("points:sum", ">", 0)],
            )
        )
        return self.browse(number for (number,) in rows)

    # --------------------------------------------------------------------- take back
    def _take_back(self, now):
        """Take the points of both sides back, as far as the program's policy goes."""
        self.env["loyalty.pending"].sudo()._cancel_of("loyalty.referral", self.id)
        accounts = self.env["customer.loyalty"].sudo()
        friend = accounts._account_of(self.program_id, self.friend_id)
        ledger = self.env["loyalty.ledger"].sudo()
        both = self.loyalty_id | friend
        for standing in ledger._lock(SQL("a.id = ANY(%s)", both.ids)).values():
            net = ledger._net(standing, "earn", "loyalty.referral", self.ids)
            earned, transactions = net.get(self.id, (0, ()))
            if earned > 0:
                text = self.env._("Invitation: the order was not kept")
                source = (self._name, self.id)
                back = Movement("earn", -earned, *source, text, undoes=transactions)
                ledger._take_back_given(standing, back, now)
        self.write(
            {
                "state": "reversed",
                "reversed_at": now,
                "reason": self.env._(
                    "%s was not kept", self._rewarded_order().name or ""
                ),
            }
        )
        self._tell("referral_reversed", self.customer_id, now)
