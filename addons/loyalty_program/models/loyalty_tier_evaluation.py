from datetime import timedelta

from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.tools import SQL

from odoo.addons.customer_lifecycle.tools.clock import Clock, start_of_day

from ..const import TIERS

CODES = [code for code, _label in TIERS]


class LoyaltyTierEvaluation(models.AbstractModel):
    """Which tier an account has: up at once, down when the grace is over."""

    _name = "loyalty.tier.evaluation"
    _description = "Evaluation of Tiers"

    @api.model
    def _cron_evaluate(self):
        """Every night: windows close, and thresholds may have been changed."""
        self._evaluate(SQL("a.active"), fields.Datetime.now())

    @api.model
    def _evaluate(self, scope, now, history=False):
        """Bring the tiers of accounts up to date, set-based.

        By lifetime points a tier follows the points. Within a window it rises at once;
        it falls when its points have been too few for as long as the grace is.

        :param SQL scope: condition on alias ``a`` (customer_loyalty)
        :param datetime now: naive UTC
        :param bool history: True for what is no news: nobody is told
        :return: ids of the accounts whose tier changed
        """
        self.env.flush_all()
        changed = []
        programs = self.env["loyalty.program"].sudo()
        for program in programs.search([("accounts_since", "!=", False)]):
            changed += self._evaluate_program(program, scope, now, history)
        return changed

    def _evaluate_program(self, program, scope, now, history):
        rows = self.env.execute_query(self._move_query(program, scope, now))
        accounts = self.env["customer.loyalty"].sudo()
        accounts.invalidate_model()
        moved = [row for row in rows if row[1] != row[2]]
        accounts._note_tiers(moved, now, history)
        return [row[0] for row in moved]

    def _move_query(self, program, scope, now):
        """Move the accounts whose tier is due; return (id, former tier, tier)."""
        windowed = program.tier_basis in ("rolling", "calendar")
        grace = timedelta(days=program.tier_grace_days if windowed else 0)
        return SQL(
            """
            WITH wanted AS (%(wanted)s),
            due AS (
                SELECT w.*, CASE WHEN w.earned > w.held OR (w.earned < w.held
                            AND (%(at_once)s OR w.grace_until <= %(now)s))
                       THEN w.earned ELSE w.held END AS place
                  FROM wanted w),
            final AS (
                SELECT d.*, (%(order)s)[d.place] AS tier, d.place <> d.held AS moves,
                       coalesce((SELECT min(t.points) FROM %(table)s
                                  WHERE array_position(%(order)s, t.code) > d.place)
                                - greatest(d.points, 0), 0) AS missing
                  FROM due d)
            UPDATE customer_loyalty a
               SET next_tier_points = d.missing,
                   tier_grace_until = CASE WHEN d.earned >= d.held OR d.moves THEN NULL
                       ELSE coalesce(a.tier_grace_until, %(until)s) END,
                   current_tier = d.tier,
                   tier_qualified_at = CASE WHEN d.moves THEN %(now)s
                                       ELSE a.tier_qualified_at END
              FROM final d
             WHERE a.id = d.id AND (d.earned <> d.held
                OR d.missing <> a.next_tier_points OR a.tier_grace_until IS NOT NULL)
            RETURNING a.id, d.former, a.current_tier
            """,
            wanted=self._wanted_query(program, scope, now),
            table=self._table_query(program),
            order=CODES,
            at_once=not grace,
            until=now + grace,
            now=now,
        )

    def _wanted_query(self, program, scope, now):
        """Select (id, former, grace_until, points, held, earned) of a program's
        accounts; the last two are places of tiers: that they have, and that they earn.
        """
        return SQL(
            """
            SELECT a.id, a.current_tier AS former, a.tier_grace_until AS grace_until,
                   q.points, array_position(%(order)s, a.current_tier) AS held,
                   coalesce((SELECT array_position(%(order)s, t.code) FROM %(table)s
                              WHERE t.points <= greatest(q.points, 0)
                              ORDER BY t.points DESC LIMIT 1), 1) AS earned
              FROM customer_loyalty a
              CROSS JOIN LATERAL (%(qualifying)s) q
             WHERE a.program_id = %(program)s AND (%(scope)s)
            """,
            order=CODES,
            table=self._table_query(program),
            qualifying=self._qualifying_query(program, now),
            program=program.id,
            scope=scope,
        )

    def _table_query(self, program):
        """The tiers of a program, as table ``t`` of points and code."""
        table = program._tier_table(program.id) or ((0, TIERS[0][0], 1),)
        return SQL(
            "unnest(%s::numeric[], %s::varchar[]) t (points, code)",
            [points for points, _code, _multiplier in table],
            [code for _points, code, _multiplier in table],
        )

    def _qualifying_query(self, program, now):
        """Select the points of account ``a`` that count for its tier.

        What was taken back counts when it was earned; what merged accounts earned, for
        the account that took over.
        """
        since = self._window_start(program, now)
        if since is None:
            return SQL("SELECT a.points_lifetime AS points")
        return SQL(
            """
            SELECT coalesce(sum(t.points), 0) AS points FROM loyalty_transaction t
              LEFT JOIN LATERAL (
                SELECT min(issued_at) AS issued_at FROM loyalty_point_lot
                 WHERE transaction_id = t.id) l ON TRUE
             WHERE t.loyalty_id = ANY(%(accounts)s) AND t.transaction_type = 'earn'
               AND coalesce(l.issued_at, %(earned_at)s, t.created_at) >= %(since)s
            """,
            accounts=SQL(
                "ARRAY(SELECT a.id UNION ALL SELECT m.id FROM customer_loyalty m"
                " WHERE m.merged_into_id = a.id)"
            ),
            earned_at=self._earned_at_query(),
            since=since,
        )

    def _earned_at_query(self):
        """Select when that was earned which row ``t`` takes back."""
        return SQL(
            """
            (SELECT max(coalesce(i.issued_at, o.created_at))
               FROM loyalty_transaction o JOIN customer_loyalty m ON m.id = o.loyalty_id
               LEFT JOIN loyalty_point_lot i ON i.transaction_id = o.id
              WHERE t.points < 0 AND o.id < t.id AND o.points > 0
                AND o.source_type = t.source_type AND o.source_id = t.source_id
                AND o.transaction_type = 'earn'
                AND a.id IN (m.id, m.merged_into_id))
            """
        )

    @api.model
    def _window_start(self, program, now):
        """Return from when points count, or None: all of them do."""
        if program.tier_basis == "rolling":
            return now - relativedelta(months=program.tier_window_months)
        if program.tier_basis == "calendar":
            company = program.company_id or self.env.company
            zone = company.sudo().partner_id.tz
            return start_of_day(Clock(now).today(company).replace(month=1, day=1), zone)
        return None
