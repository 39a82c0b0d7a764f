from datetime import timedelta

from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.tools import SQL

from odoo.addons.customer_lifecycle.tools.clock import Clock, start_of_day

from ..const import TIERS


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
        accounts._tell_tiers(moved, now, history)
        return [row[0] for row in moved]

    def _move_query(self, program, scope, now):
        """Move the accounts whose tier is due; return (id, former tier, tier)."""
        windowed = program.tier_basis in ("rolling", "calendar")
        grace = timedelta(days=program.tier_grace_days if windowed else 0)
        moves = SQL(
            "(d.new_rank > d.old_rank OR (d.new_rank < d.old_rank"
            " AND (%s OR a.tier_grace_until <= %s)))",
            not grace,
            now,
        )
        return SQL(
            """
            WITH wanted AS (%(wanted)s),
            due AS (
                SELECT w.*, array_position(%(codes)s, w.former) AS old_rank,
                       array_position(%(codes)s, w.tier) AS new_rank
                  FROM wanted w)
            UPDATE customer_loyalty a
               SET next_tier_points = d.missing,
                   tier_grace_until = CASE
                       WHEN d.new_rank >= d.old_rank OR %(moves)s THEN NULL
                       ELSE coalesce(a.tier_grace_until, %(until)s) END,
                   current_tier = CASE WHEN %(moves)s THEN d.tier
                                  ELSE a.current_tier END,
                   tier_qualified_at = CASE WHEN %(moves)s THEN %(now)s
                                       ELSE a.tier_qualified_at END
              FROM due d
             WHERE a.id = d.id AND (d.tier <> a.current_tier
                OR d.missing <> a.next_tier_points OR a.tier_grace_until IS NOT NULL)
            RETURNING a.id, d.former, a.current_tier
            """,
            wanted=self._wanted_query(program, scope, now),
            codes=[code for code, _label in TIERS],
            until=now + grace,
            now=now,
            moves=moves,
        )

    def _wanted_query(self, program, scope, now):
        """Select (id, former, tier, missing) of a program's accounts."""
        table = program._tier_table(program.id) or ((0, TIERS[0][0], 1),)
        return SQL(
            """
            SELECT a.id, a.current_tier AS former,
                   (SELECT t.code FROM unnest(%(points)s::numeric[], %(codes)s)
                               t (points, code)
                     WHERE t.points <= greatest(q.points, 0)
                     ORDER BY t.points DESC LIMIT 1) AS tier,
                   coalesce((SELECT min(t.points) FROM unnest(%(points)s::numeric[])
                                        t (points)
                              WHERE t.points > greatest(q.points, 0)) - q.points, 0)
                       AS missing
              FROM customer_loyalty a
              CROSS JOIN LATERAL (%(qualifying)s) q
             WHERE a.program_id = %(program)s AND (%(scope)s)
            """,
            points=[points for points, _code, _multiplier in table],
            codes=[code for _points, code, _multiplier in table],
            qualifying=self._qualifying_query(program, now),
            program=program.id,
            scope=scope,
        )

    def _qualifying_query(self, program, now):
        """Select the points of account ``a`` that count for its tier."""
        since = self._window_start(program, now)
        if since is None:
            return SQL("SELECT a.points_lifetime AS points")
        return SQL(
            """
            SELECT coalesce(sum(t.points), 0) AS points FROM loyalty_transaction t
              LEFT JOIN loyalty_point_lot l ON l.transaction_id = t.id
             WHERE t.loyalty_id = a.id AND t.transaction_type = 'earn'
               AND coalesce(l.issued_at, t.created_at) >= %s
            """,
            since,
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
