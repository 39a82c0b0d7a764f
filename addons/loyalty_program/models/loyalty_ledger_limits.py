from datetime import timedelta

from odoo import api, models
from odoo.exceptions import ValidationError
from odoo.tools import SQL

from odoo.addons.customer_lifecycle.tools.clock import Clock, start_of_day
from odoo.addons.customer_lifecycle.tools.json_view import whole

from ..tools.movement import rounded
from ..tools.source import current_source


class LoyaltyLedgerLimits(models.AbstractModel):
    """Counts under the account's lock what a customer did lately: two orders at the
    same time cannot both be the last one that a limit allows.
    """

    _name = "loyalty.ledger.limits"
    _description = "Loyalty Ledger: limits"

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
                    "loyalty_id = %s AND idempotency_key = %s",
                    standing.id,
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
            total = rounded(self._earned_today(standing, now) + movement.points)
            if total > limits.earning:
                reasons.append(
                    self.env._(
                        "%(points)s points on one day; the limit is %(limit)s",
                        points=whole(total),
                        limit=whole(limits.earning),
                    )
                )
        if limits.earnings:
            count = 1 + self._earnings_within(standing, limits.hours, now)
            if count > limits.earnings:
                reasons.append(
                    self.env._(
                        "%(count)s earnings within %(hours)s hours; the limit is "
                        "%(limit)s",
                        count=count,
                        hours=limits.hours,
                        limit=limits.earnings,
                    )
                )
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
        """Select what an account (SQL) was credited or lets pend since a moment."""
        return SQL(
            """
            SELECT coalesce(sum(points), 0)::float8 FROM (
                SELECT greatest(sum(t.points), 0) AS points
                  FROM loyalty_transaction t
                 WHERE t.loyalty_id = %(account)s AND t.transaction_type = 'earn'
                   AND t.created_at BETWEEN %(since)s AND %(now)s AND %(fresh)s
                 GROUP BY t.source_type, coalesce(t.source_id, -t.id)
                 UNION ALL
                SELECT p.points FROM loyalty_pending p
                 WHERE p.loyalty_id = %(account)s AND p.state IN ('waiting', 'done')
                   AND coalesce(p.reason, '') = ''
                   AND p.earned_at BETWEEN %(since)s AND %(now)s) e
            """,
            account=account,
            since=since,
            now=now,
            fresh=self._fresh(since),
        )

    def _earnings_within(self, standing, hours, now):
        """Return how often the customer earned in the last hours, held ones too."""
        account = SQL("%s", standing.id)
        return self._one(self._earnings_query(account, hours, now))

    def _earnings_query(self, account, hours, now):
        """Select how often an account (SQL) earned in the last hours."""
        since = now - timedelta(hours=hours)
        return SQL(
            """
            SELECT (SELECT count(*) FROM loyalty_transaction t
                     WHERE t.loyalty_id = %(account)s AND t.points > 0
                       AND t.transaction_type = 'earn'
                       AND t.created_at BETWEEN %(since)s AND %(now)s AND %(fresh)s)
                 + (SELECT count(*) FROM loyalty_pending p
                     WHERE p.loyalty_id = %(account)s AND p.state <> 'cancelled'
                       AND p.earned_at BETWEEN %(since)s AND %(now)s)
            """,
            account=account,
            since=since,
            now=now,
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
                     WHERE loyalty_id = %(account)s AND transaction_type = 'redeem'
                       AND created_at BETWEEN %(since)s AND %(now)s
                       AND NOT (source_type = 'sale.order'
                                AND source_id IS NOT DISTINCT FROM %(order)s)
                     GROUP BY source_type, source_id, redemption_code
                     UNION ALL
                    SELECT -t.points FROM loyalty_transaction t
                     WHERE t.loyalty_id = %(account)s AND t.points < 0
                       AND t.transaction_type = 'transfer'
                       AND t.created_at BETWEEN %(since)s AND %(now)s
                       AND NOT EXISTS (SELECT FROM customer_loyalty m
                                        WHERE m.id = t.source_id
                                          AND m.merged_into_id = t.loyalty_id)) r
                """,
                account=standing.id,
                since=self._day_of(standing, now),
                now=now,
                order=but_order,
            )
        )

    def _one(self, query):
        return self.env.execute_query(query)[0][0]
