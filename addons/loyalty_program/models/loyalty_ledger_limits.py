from datetime import timedelta

from odoo import api, models
from odoo.exceptions import ValidationError
from odoo.tools import SQL

from odoo.addons.customer_lifecycle.tools.clock import Clock, start_of_day
from odoo.addons.customer_lifecycle.tools.json_view import whole

from ..tools.movement import rounded
from ..tools.source import current_source

# What an earning belongs to: the keys of an order that grows begin alike.
ONE_OF = "split_part(%s.idempotency_key, '+', 1)"


class LoyaltyLedgerLimits(models.AbstractModel):
    """Counts under the account's lock what a customer did lately: two orders at the
    same time cannot both be the last one that a limit allows.
    """

    _name = "loyalty.ledger.limits"
    _description = "Loyalty Ledger: limits"
    _inherit = ["loyalty.ledger.again"]

    @api.model
    def _family(self, account):
        """Select the ids of an account (SQL), and of those that were merged into it:
        what these did is not done another time.
        """
        return SQL(
            "SELECT %(account)s UNION ALL SELECT m.id FROM customer_loyalty m"
            " WHERE m.merged_into_id = %(account)s",
            account=account,
        )

    @api.model
    def _is_noted(self, standing, movement):
        """Whether a movement was booked before, or is kept as pending."""
        if not movement.key:
            return False
        return self._one(
            SQL(
                """
                SELECT EXISTS (SELECT FROM loyalty_transaction WHERE %(noted)s)
                    OR EXISTS (SELECT FROM loyalty_pending WHERE %(noted)s)
                """,
                noted=SQL(
                    "loyalty_id IN (%s) AND idempotency_key = %s",
                    self._family(SQL("%s", standing.id)),
                    movement.key,
                ),
            )
        )

    @api.model
    def _limit_reasons(self, standing, movement, now):
        """Return which limits an earning trips, as a text; empty if none.

        :param Standing standing: of the account, locked
        :param Movement movement: that earns points
        :param datetime now: naive UTC
        """
        limits = self.env["loyalty.program"]._limits(standing.program_id)
        reasons = []
        if limits.earning:
            total = self._earned_today(standing, now) + movement.points
            # What an order earns is looked at as a whole, however often it grew.
            total = rounded(total + self._held_today(standing, movement, now))
            if total > limits.earning:
                reasons.append(self._over_day(total, limits.earning))
        if limits.earnings:
            count = 1 + self._earnings_within(standing, limits.hours, now, movement)
            if count > limits.earnings:
                reasons.append(self._too_often(count, limits))
        return "; ".join(reasons)

    @api.model
    def _check_redemption_cap(self, standing, points, now):
        """Raise ValidationError if a redemption, or a gift to another member, is more
        than one day allows.

        :param Standing standing: of the account, locked
        :param float points: above 0
        """
        cap = self.env["loyalty.program"]._limits(standing.program_id).redemption
        if not cap:
            return
        redeemed = self._redeemed_today(standing, now)
        if rounded(redeemed + points) > cap:
            raise ValidationError(self._cap_text(points, redeemed, cap))

    def _is_paid(self, movement):
        """Whether points go with an order that is paid already: it is not refused any
        more, since what it claims was looked at in the cart.

        :param Movement movement: that redeems points
        """
        source = current_source()
        if source is None or source.event != "confirm":
            return False
        name, number = movement.source_type, movement.source_id
        if name != source.model or number not in source.ids:
            return False
        order = self.env[name].sudo().browse(number)
        paid = {"authorized", "done"}
        return not paid.isdisjoint(order.transaction_ids.mapped("state"))

    def _cap_text(self, points, redeemed, cap):
        return self.env._(
            "points: %(points)s are too many for today. %(cap)s a day may be redeemed "
            "or transferred, %(redeemed)s have been.",
            points=whole(points),
            cap=whole(cap),
            redeemed=whole(redeemed),
        )

    # ----------------------------------------------------------------------- counts
    def _day_of(self, standing, now):
        """Return when the day of ``now`` began where the account's company is."""
        company = self.env["res.company"].sudo().browse(standing.company_id)
        company = company or self.env.company.sudo()
        return start_of_day(Clock(now).today(company), company.partner_id.tz)

    def _earned_today(self, standing, now):
        """Return what was credited or pends since the day began; what an order took
        back the same day does not count, nor what a person has to look at.
        """
        account = SQL("%s", standing.id)
        since = self._day_of(standing, now)
        return self._one(self._earned_query(account, since, now))

    def _earned_query(self, account, since, now):
        """Select what an account (SQL) was credited or lets pend since a moment.

        What comes back to an order, such as with a refund that is withdrawn, counts on
        the day when it comes back, as far as it was not lost on that day.
        """
        return SQL(
            """
            SELECT coalesce(sum(points), 0)::float8 FROM (
                SELECT greatest(sum(t.points), 0) AS points
                  FROM loyalty_transaction t
                 WHERE t.loyalty_id IN (%(family)s) AND t.transaction_type = 'earn'
                   AND t.created_at BETWEEN %(since)s AND %(now)s AND %(fresh)s
                 GROUP BY t.source_type, coalesce(t.source_id, -t.id)
                 UNION ALL
                SELECT p.points FROM loyalty_pending p
                 WHERE p.loyalty_id IN (%(family)s) AND p.state IN ('waiting', 'done')
                   AND coalesce(p.reason, '') = ''
                   AND p.earned_at BETWEEN %(since)s AND %(now)s) e
            """,
            family=self._family(account),
            since=since,
            now=now,
            fresh=self._fresh(since),
        )

    def _held_today(self, standing, movement, now):
        """Return what is held since the day began of the order that earns more, or was
        turned down.
        """
        return self._one(
            SQL(
                """
                SELECT coalesce(sum(p.points), 0)::float8 FROM loyalty_pending p
                 WHERE p.loyalty_id IN (%(family)s) AND p.state IN ('held', 'rejected')
                   AND %(same)s AND p.earned_at BETWEEN %(since)s AND %(now)s
                """,
                family=self._family(SQL("%s", standing.id)),
                same=SQL("%s = %s", SQL(ONE_OF % "p"), _one_of(movement)),
                since=self._day_of(standing, now),
                now=now,
            )
        )

    def _earnings_within(self, standing, hours, now, movement=None):
        """Return how often the customer earned in the last hours, held ones too.

        :param Movement movement: does not count, nor what its order earned before
        """
        account = SQL("%s", standing.id)
        return self._one(self._earnings_query(account, hours, now, movement))

    def _earnings_query(self, account, hours, now, movement=None):
        """Select how often an account (SQL) earned in the last hours; an order that
        grows earns once.
        """
        since = now - timedelta(hours=hours)
        return SQL(
            """
            SELECT count(DISTINCT e.name) FROM (
                SELECT %(of_row)s AS name FROM loyalty_transaction t
                 WHERE t.loyalty_id IN (%(family)s) AND t.points > 0
                   AND t.transaction_type = 'earn' AND t.idempotency_key IS NOT NULL
                   AND t.created_at BETWEEN %(since)s AND %(now)s AND %(fresh)s
                 UNION ALL
                SELECT %(of_pending)s FROM loyalty_pending p
                 WHERE p.loyalty_id IN (%(family)s) AND p.state <> 'cancelled'
                   AND p.earned_at BETWEEN %(since)s AND %(now)s) e
             WHERE e.name IS DISTINCT FROM %(but)s
            """,
            of_row=SQL(ONE_OF % "t"),
            of_pending=SQL(ONE_OF % "p"),
            family=self._family(account),
            since=since,
            now=now,
            but=_one_of(movement),
            fresh=self._fresh(since),
        )

    def _fresh(self, since):
        """Condition on ``t``: it was earned when it was booked; it did not pend, and
        no back-fill of history brought it.
        """
        return SQL(
            """
            NOT EXISTS (SELECT FROM loyalty_pending f
                         WHERE f.loyalty_id = t.loyalty_id
                           AND f.idempotency_key = t.idempotency_key)
            AND NOT EXISTS (SELECT FROM loyalty_point_lot l
                             WHERE l.transaction_id = t.id AND l.issued_at < %s)
            """,
            since,
        )

    def _redeemed_today(self, standing, now, but_order=None):
        """Return what was redeemed since the day began, without what came back, and
        what was given to other members, who would redeem it. What accounts that were
        merged moved to each other is no gift.

        :param int but_order: id of a ``sale.order`` that does not count
        """
        return self._one(
            SQL(
                """
                SELECT coalesce(sum(points), 0)::float8 FROM (
                    SELECT greatest(-sum(points), 0) AS points
                      FROM loyalty_transaction
                     WHERE loyalty_id IN (%(family)s) AND transaction_type = 'redeem'
                       AND created_at BETWEEN %(since)s AND %(now)s
                       AND NOT (source_type = 'sale.order'
                                AND source_id IS NOT DISTINCT FROM %(order)s)
                     GROUP BY source_type, source_id, redemption_code
                     UNION ALL
                    SELECT -t.points FROM loyalty_transaction t
                     WHERE t.loyalty_id IN (%(family)s) AND t.points < 0
                       AND t.transaction_type = 'transfer'
                       AND t.created_at BETWEEN %(since)s AND %(now)s
                       AND t.source_id NOT IN (%(family)s)) r
                """,
                family=self._family(SQL("%s", standing.id)),
                since=self._day_of(standing, now),
                now=now,
                order=but_order,
            )
        )

    def _one(self, query):
        return self.env.execute_query(query)[0][0]


def _one_of(movement):
    """Return what a movement belongs to; None where it has no key."""
    return movement.key.partition("+")[0] if movement and movement.key else None
