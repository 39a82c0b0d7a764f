from odoo import api, fields, models
from odoo.tools import SQL

from ..const import DIGITS, REFERRAL_STATES
from .loyalty_referral_reward import GIVEN


class LoyaltyReferral(models.Model):
    """A friend who came by a member's invitation, and what became of it.

    A row begins with the friend's sign-up or first order: following a link writes
    nothing.
    """

    _name = "loyalty.referral"
    _description = "Referral"
    _inherit = ["loyalty.referral.reward"]
    _order = "joined_at desc, id desc"
    _rec_name = "friend_id"

    active = fields.Boolean(default=True, readonly=True)
    loyalty_id = fields.Many2one(
        "customer.loyalty", "Account", required=True, ondelete="restrict", readonly=True
    )
    customer_id = fields.Many2one(related="loyalty_id.customer_id")
    program_id = fields.Many2one(
        "loyalty.program", required=True, ondelete="restrict", readonly=True, index=True
    )
    company_id = fields.Many2one("res.company", ondelete="restrict", readonly=True)
    friend_id = fields.Many2one(
        "res.partner", required=True, ondelete="restrict", readonly=True
    )
    state = fields.Selection(
        REFERRAL_STATES, required=True, default="pending", readonly=True, index=True
    )
    invited_at = fields.Datetime("Followed the link", readonly=True)
    joined_at = fields.Datetime("Joined", required=True, readonly=True)
    ordered_at = fields.Datetime("First order", readonly=True)
    rewarded_at = fields.Datetime("Rewarded", readonly=True)
    reversed_at = fields.Datetime("Taken back", readonly=True)
    first_order_id = fields.Many2one(
        "sale.order",
        "Came with",
        ondelete="set null",
        readonly=True,
        index="btree_not_null",
        help="The order by which the friend came; empty for who signed up.",
    )
    order_id = fields.Many2one(
        "sale.order",
        "Paid order",
        ondelete="set null",
        readonly=True,
        index="btree_not_null",
    )
    points = fields.Float("Points for the member", digits=DIGITS, readonly=True)
    friend_points = fields.Float("Points for the friend", digits=DIGITS, readonly=True)
    reason = fields.Char(
        readonly=True, help="Why it is under review, refused or taken back."
    )
    turn = fields.Integer(
        readonly=True, required=True, default=0, help="How often it was rewarded."
    )

    _friend_uniq = models.UniqueIndex(
        "(friend_id, program_id) WHERE active",
        "A friend comes by one invitation to a program.",
    )
    _account_idx = models.Index("(loyalty_id, state)")

    # ------------------------------------------------------------------- attribution
    @api.model
    def _attribute(self, invitation, friend, now, order=None, moment=None):
        """Note whose invitation a new customer followed; the first one counts.

        :param Invitation invitation: that the friend followed
        :param friend: ``res.partner`` who signed up or ordered
        :param datetime now: naive UTC
        :param order: the friend's first ``sale.order``, where it came with that
        :param datetime moment: when the friend came, naive UTC; ``now`` by default
        :return: the ``loyalty.referral``; empty where the invitation does not count
        """
        advocate = self.env["customer.loyalty"]._by_code(invitation.code)
        is_open = invitation.is_open(moment or now)
        if not is_open or not advocate._may_invite(friend, order):
            return self.browse()
        values = self._prepare_values(advocate, friend, now, order)
        referral = self._insert({**values, "invited_at": invitation.followed_at})
        if referral:
            referral._welcome(now)
        return referral

    @api.model
    def _prepare_values(self, advocate, friend, now, order=None):
        return {
            "active": True,
            "loyalty_id": advocate.id,
            "program_id": advocate.program_id.id,
            "company_id": advocate.company_id.id or None,
            "friend_id": friend.id,
            "state": "joined" if order else "pending",
            "joined_at": now,
            "ordered_at": now if order else None,
            "first_order_id": order.id if order else None,
            "turn": 0,
            "create_uid": self.env.uid,
            "create_date": now,
        }

    @api.model
    def _insert(self, values):
        """Insert a row; a friend who signs up and orders at once is noted once."""
        self.env.flush_all()
        rows = self.env.execute_query(
            SQL(
                "INSERT INTO loyalty_referral (%s) VALUES (%s)"
                " ON CONFLICT DO NOTHING RETURNING id",
                SQL(", ").join(map(SQL.identifier, values)),
                SQL(", ").join(values.values()),
            )
        )
        return self.browse(row[0] for row in rows)

    def _welcome(self, now):
        """Let the friend join, and write it into both timelines."""
        accounts = self.env["customer.loyalty"].sudo()
        accounts._enroll(self.program_id, self.friend_id, now)
        self._tell("friend_invited", self.friend_id, now)
        self._tell("friend_joined", self.customer_id, now)

    def _tell(self, event_type, customer, now, **data):
        """Write an event into a customer's timeline."""
        self.env["lifecycle.event"].sudo()._record(
            [
                {
                    "customer_id": customer.commercial_partner_id.id,
                    "company_id": (self.company_id or self.env.company).id,
                    "event_type": event_type,
                    "event_key": f"{event_type}:{self.id}:{self.turn}",
                    "occurred_at": now,
                    "res_model": self._name,
                    "res_id": self.id,
                    "data": data,
                }
            ]
        )

    def _friend_name(self):
        """Return what a member may read of a friend: "Anna K."."""
        first, *rest = (self.friend_id.name or "").split()[:2] or [""]
        return f"{first} {rest[0][0]}." if rest else first

    @api.model
    def _leave(self, order, now):
        """Drop the invitation by which an order came that another customer has now:
        whoever had it followed none.

        :param order: ``sale.order``
        :param datetime now: naive UTC
        """
        for referral in self.search([("first_order_id", "=", order.id)]):
            if referral.state in GIVEN:
                referral._take_back(now)
            text = self.env._("%s has another customer", order.name)
            referral.write({"active": False, "reason": text})

    # ------------------------------------------------------------------------- merge
    @api.model
    def _merge_friends(self, sources, target):
        """Keep one referral of contacts that become one: the oldest.

        Nobody is invited by oneself, either: what that gave is taken back.

        :param sources: ``res.partner`` records that cease to be
        :param target: ``res.partner`` that takes over
        """
        people = sources | target
        found = self.search([("friend_id", "in", people.ids)], order="joined_at, id")
        for referrals in found.grouped("program_id").values():
            own = referrals.filtered(lambda r: r.customer_id in people)
            surplus = own | (referrals - own)[1:]
            for referral in own.filtered(lambda r: r.state in GIVEN):
                referral._take_back(fields.Datetime.now())
            surplus.write({"active": False, "reason": self.env._("Contacts merged")})
        invited = self.search([("customer_id", "in", people.ids)])
        invited.filtered(lambda r: r.friend_id in people).active = False
