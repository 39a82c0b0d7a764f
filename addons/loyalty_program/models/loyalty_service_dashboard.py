from datetime import timedelta

from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import SQL

from odoo.addons.customer_lifecycle.tools.clock import Clock, start_of_day

from ..const import EXPIRING_DAYS, TIERS

# Percent of the customers who should be members.
ENROLLMENT_TARGET = 70
MONTHS = 12
MONTHS_AHEAD = 6


class LoyaltyServiceDashboard(models.AbstractModel):
    """The figures of the loyalty dashboard."""

    _name = "loyalty.service.dashboard"
    _description = "Loyalty Service: dashboard"

    @api.model
    def get_dashboard(self, program_id=None):
        """Return how a program does, and what its points are worth.

        :param int program_id: id of a program with accounts; the company's first one
            by default
        :return: dict with programs (list of id, name), and program (False if there is
            none); then metrics (as of ``get_program_metrics``), currency_id,
            enrollment_target, point_value, months (list of month, issued, redeemed,
            expired of the last twelve), tiers (list of code, name, min_points,
            members), expiring (dict of points, members, days and months: list of
            month, points of the next six), held (number), referral (list of key,
            label, value, hint; empty where nobody can invite)
        :raises ValidationError: the id is of no program with accounts
        :raises AccessError: the user is no marketer
        """
        self.env["lifecycle.engine"]._check_marketer()
        programs = self._dashboard_programs()
        choices = [{"id": program.id, "name": program.name} for program in programs]
        program = self._dashboard_program(programs, program_id)
        if not program:
            return {"programs": choices, "program": False}
        program = program.sudo()
        clock = Clock(fields.Datetime.now())
        return {
            "programs": choices,
            "program": {"id": program.id, "name": program.name},
            "metrics": self._metrics(program),
            "currency_id": program.currency_id.id,
            "enrollment_target": ENROLLMENT_TARGET,
            "point_value": program._point_value(),
            "months": self._dashboard_months(program, clock),
            "tiers": self._dashboard_tiers(program),
            "expiring": self._dashboard_expiring(program, clock),
            "held": program.held_count,
            "referral": self._dashboard_referral(program),
        }

    def _dashboard_programs(self):
        """Return the programs with accounts, archived ones as long as they owe points;
        the active ones first.
        """
        programs = self.env["loyalty.program"].with_context(active_test=False)
        programs = programs.search(
            [
                ("accounts_since", "!=", False),
                *programs._of_companies(self.env.companies),
            ],
            order="active desc, sequence, id",
        )
        now = fields.Datetime.now()
        programs = programs.with_env(self.env).filtered(
            lambda program: (
                program.active
                or self._points_at(program, now)
                or self._code_points_at(program, now)
            )
        )
        return programs.sorted(lambda program: not program._earns())

    def _dashboard_program(self, programs, program_id):
        if program_id is None or program_id is False:
            return programs[:1]
        (number,) = self.env["lifecycle.engine"]._check_ids("program_id", [program_id])
        if number not in programs.ids:
            raise ValidationError(
                self.env._("program_id: there is no program %s with accounts.", number)
            )
        return programs.browse(number)

    # ----------------------------------------------------------------------- figures
    def _zone(self, program):
        company = program.company_id or self.env.company
        return company.sudo().partner_id.tz or "UTC"

    def _dashboard_months(self, program, clock):
        """Return what moved in each of the last months, this one included."""
        zone = self._zone(program)
        last = clock.in_zone(zone).replace(day=1)
        first = last - relativedelta(months=MONTHS - 1)
        rows = self.env.execute_query(
            SQL(
                """
                SELECT to_char(created_at AT TIME ZONE 'UTC' AT TIME ZONE %s,
                               'YYYY-MM-01') AS month,
                       transaction_type, sum(points)::float8
                  FROM loyalty_transaction
                 WHERE program_id = %s AND created_at >= %s
                   AND transaction_type IN ('earn', 'redeem', 'expire')
                 GROUP BY 1, 2
                """,
                zone,
                program.id,
                start_of_day(first, zone),
            )
        )
        found = {(month, kind): points for month, kind, points in rows}
        months = [first + relativedelta(months=ago) for ago in range(MONTHS)]
        return [
            {
                "month": month,
                "issued": found.get((month, "earn"), 0),
                "redeemed": -found.get((month, "redeem"), 0) or 0,
                "expired": -found.get((month, "expire"), 0) or 0,
            }
            for month in map(str, months)
        ]

    def _dashboard_tiers(self, program):
        """Return the tiers, the lowest first, with how many are in each."""
        counts = dict(
            self.env["customer.loyalty"]
            .sudo()
            ._read_group(
                [("program_id", "=", program.id)], ["current_tier"], ["__count"]
            )
        )
        labels = dict(TIERS)
        known = {tier.code: tier for tier in program.tier_ids}
        return [
            {
                "code": code,
                "name": known[code].name if code in known else labels[code],
                "min_points": known[code].min_points if code in known else 0,
                "members": counts.get(code, 0),
            }
            for code in labels
            if code in known or counts.get(code)
        ]

    def _dashboard_expiring(self, program, clock):
        """Return what expires soon, and in each of the next months."""
        soon = clock.now + timedelta(days=EXPIRING_DAYS)
        ((points, members),) = self.env.execute_query(
            SQL(
                """
                SELECT coalesce(sum(l.remaining), 0)::float8,
                       count(DISTINCT l.loyalty_id)
                  FROM loyalty_point_lot l
                  JOIN customer_loyalty a ON a.id = l.loyalty_id
                 WHERE a.program_id = %s AND l.remaining > 0
                   AND l.expires_at > %s AND l.expires_at <= %s
                """,
                program.id,
                clock.now,
                soon,
            )
        )
        return {
            "points": points,
            "members": members,
            "days": EXPIRING_DAYS,
            "months": self._dashboard_ahead(program, clock),
        }

    def _dashboard_ahead(self, program, clock):
        zone = self._zone(program)
        first = clock.in_zone(zone).replace(day=1)
        months = [first + relativedelta(months=i) for i in range(MONTHS_AHEAD + 1)]
        rows = self.env.execute_query(
            SQL(
                """
                SELECT to_char(l.expires_at AT TIME ZONE 'UTC' AT TIME ZONE %s,
                               'YYYY-MM-01'), sum(l.remaining)::float8
                  FROM loyalty_point_lot l
                  JOIN customer_loyalty a ON a.id = l.loyalty_id
                 WHERE a.program_id = %s AND l.remaining > 0
                   AND l.expires_at > %s AND l.expires_at < %s
                 GROUP BY 1
                """,
                zone,
                program.id,
                clock.now,
                start_of_day(months[-1], zone),
            )
        )
        found = dict(rows)
        return [
            {"month": str(month), "points": found.get(str(month), 0)}
            for month in months[:-1]
        ]

    def _dashboard_referral(self, program):
        """Return what came of invitations as a list of key, label, value, hint;
        empty where nobody can invite.
        """
        referrals = self.env.get("loyalty.referral")
        if referrals is None:
            return []
        counts = dict(
            referrals.sudo()._read_group(
                [("program_id", "=", program.id)], ["state"], ["__count"]
            )
        )
        total = sum(counts.values())
        rewarded = counts.get("rewarded", 0) + counts.get("limited", 0)
        return [
            {
                "key": "referrals",
                "label": self.env._("Friends invited"),
                "value": total,
                "hint": self.env._("who signed up or ordered"),
            },
            {
                "key": "referrals_rewarded",
                "label": self.env._("Friends who paid"),
                "value": rewarded,
                "hint": self.env._("%s are under review", counts.get("held", 0)),
            },
        ]
