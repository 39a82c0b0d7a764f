from datetime import timedelta

from odoo import api, models
from odoo.tools import SQL

from odoo.addons.customer_lifecycle.tools.json_view import whole

from ..tools.movement import Movement, rounded

# Before the number of the row that holds what would come back.
AGAIN = "+again"


class LoyaltyLedgerAgain(models.AbstractModel):
    """What an order lost since it was lowered, and gets again since it was raised, is
    earned on the day when it comes back: others may have used up what it left.
    """

    _name = "loyalty.ledger.again"
    _description = "Loyalty Ledger: points that come back"

    @api.model
    def _again_reasons(self, standing, movement, now):
        """Return why credited points may not come back; empty if they may.

        How often the customer earned is no question: the order counts already.

        :param Standing standing: of the account, locked
        :param Movement movement: what comes back
        :param datetime now: naive UTC
        """
        cap = self.env["loyalty.program"]._limits(standing.program_id).earning
        if not cap:
            return ""
        own = self._own_today(standing, movement, now)
        # What was lost today has left room for as much.
        more = max(own + movement.points, 0) - max(own, 0)
        total = rounded(self._earned_today(standing, now) + more)
        return self._over_day(total, cap) if total > cap else ""

    @api.model
    def _growth_reasons(self, standing, pending, points, now):
        """Return why pending points may not become as many again; empty if they may.

        :param Standing standing: of the account, locked
        :param pending: ``loyalty.pending``, which counts on the day of its order
        :param float points: more than it has
        :param datetime now: naive UTC
        """
        limits = self.env["loyalty.program"]._limits(standing.program_id)
        reasons = []
        if limits.earning:
            pending.flush_model()
            day = self._day_of(standing, pending.earned_at)
            # So much later it is the next day, however long this one is.
            following = self._day_of(standing, day + timedelta(hours=36))
            until, account = following - timedelta(seconds=1), SQL("%s", standing.id)
            total = self._one(self._earned_query(account, day, until))
            total = rounded(total + points - pending.points)
            if total > limits.earning:
                reasons.append(self._over_day(total, limits.earning))
        if limits.earnings and pending.state == "cancelled":
            # It was no earning any more.
            movement = Movement("earn", points, "", key=pending.idempotency_key)
            count = 1 + self._earnings_within(standing, limits.hours, now, movement)
            if count > limits.earnings:
                reasons.append(self._too_often(count, limits))
        return "; ".join(reasons)

    def _own_today(self, standing, movement, now):
        """Return what the source of a movement gained since the day began, net."""
        since = self._day_of(standing, now)
        return self._one(
            SQL(
                """
                SELECT coalesce(sum(t.points), 0)::float8 FROM loyalty_transaction t
                 WHERE t.loyalty_id IN (%(family)s) AND t.transaction_type = 'earn'
                   AND t.source_type = %(type)s AND t.source_id = %(source)s
                   AND t.created_at BETWEEN %(since)s AND %(now)s AND %(fresh)s
                """,
                family=self._family(SQL("%s", standing.id)),
                type=movement.source_type,
                source=movement.source_id,
                since=since,
                now=now,
                fresh=self._fresh(since),
            )
        )

    # ------------------------------------------------------------------------ texts
    def _over_day(self, total, cap):
        return self.env._(
            "%(points)s points on one day; the limit is %(limit)s",
            points=whole(total),
            limit=whole(cap),
        )

    def _too_often(self, count, limits):
        return self.env._(
            "%(count)s earnings within %(hours)s hours; the limit is %(limit)s",
            count=count,
            hours=limits.hours,
            limit=limits.earnings,
        )
