from odoo import api, models
from odoo.tools import SQL


class LoyaltyServiceLiability(models.AbstractModel):
    """What the shop owes its members."""

    _name = "loyalty.service.liability"
    _description = "Loyalty Service: liability"

    @api.model
    def liability(self, date=None):
        """Return what the outstanding points were worth at the end of a day.

        IFRS 15 defers revenue for points until they are redeemed or expire (B39 to
        B43). A point is worth the best that a reward gives for it, by the reward's
        stand-alone selling price: what a fixed discount takes off, that percentage of
        the average order of the 365 days before (at most what the reward takes off),
        the sales price of a product. Rewards count as they are today. Points that were
        redeemed into a code are owed until the code is used.

        :param date: date or ISO text; today by default
        :return: list of dicts per program with accounts: program, currency, date,
            points, code_points (points that codes were bought with which were open),
            point_value, liability (of both); archived programs as long as they owe
        :raises ValidationError: no date
        :raises AccessError: the user is no marketer
        """
        engine = self.env["lifecycle.engine"]
        engine._check_marketer()
        moment = engine._clock(date and f"{str(date)[:10]}").now
        programs = self.env["loyalty.program"].with_context(active_test=False)
        programs = programs.search([("accounts_since", "!=", False)])
        programs = programs.with_env(self.env).sudo()
        return [owed for p in programs if (owed := self._owed(p, moment))]

    def _owed(self, program, moment):
        """Return the entry of a program; None for an archived one that owes nothing.

        :param datetime moment: naive UTC
        """
        points = self._points_at(program, moment)
        codes = self._code_points_at(program, moment)
        if not program.active and not points + codes:
            return None
        value = program._point_value(moment)
        return {
            "program": program.code or program.name,
            "currency": program.currency_id.name,
            "date": moment.date().isoformat(),
            "points": points,
            "code_points": codes,
            "point_value": value,
            "liability": (points + codes) * value,
        }

    def _points_at(self, program, moment):
        """Return the points that all accounts together held; debts count as none."""
        self.env.flush_all()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT coalesce(sum(greatest(points, 0)), 0)::float8 FROM (
                    SELECT sum(points) AS points FROM loyalty_transaction
                     WHERE program_id = %s AND created_at <= %s
                     GROUP BY loyalty_id) t
                """,
                program.id,
                moment,
            )
        )
        return rows[0][0]

    def _code_points_at(self, program, moment):
        """Return the points that codes were bought with which were neither used nor
        given back at a moment.

        Standard notes when a card is used, and takes that back with the order. A code
        that was emptied without a trace never counted.
        """
        self.env.flush_all()
        rows = self.env.execute_query(
            SQL(
                """
                WITH given AS (
                    SELECT redemption_code, min(created_at) AS given_at
                      FROM loyalty_transaction
                     WHERE program_id = %(program)s AND transaction_type = 'redeem'
                       AND points > 0 AND redemption_code IS NOT NULL
                     GROUP BY 1)
                SELECT coalesce(sum(-b.points), 0)::float8
                  FROM loyalty_transaction b
                  JOIN loyalty_card c ON c.redemption_id = b.id
                  LEFT JOIN given g ON g.redemption_code = c.code
                  LEFT JOIN LATERAL (
                    SELECT min(h.create_date) AS used_at FROM loyalty_history h
                     WHERE h.card_id = c.id AND h.used > 0) u ON TRUE
                 WHERE b.program_id = %(program)s AND b.created_at <= %(moment)s
                   AND (c.points >= 1
                        OR coalesce(u.used_at, g.given_at) IS NOT NULL)
                   AND coalesce(u.used_at > %(moment)s, TRUE)
                   AND coalesce(g.given_at > %(moment)s, TRUE)
                """,
                program=program.id,
                moment=moment,
            )
        )
        return rows[0][0]
