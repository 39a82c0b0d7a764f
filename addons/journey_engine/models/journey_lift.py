from dataclasses import asdict
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import SQL

from odoo.addons.customer_lifecycle.tools.clock import parse_day, start_of_day

from ..tools.lift import Group, amount_lift, rate_lift

# Passes of which nobody can say any more whose they were.
UNCOUNTED = ("merged", "erased")


class JourneyLift(models.AbstractModel):
    """What a journey changed in conversions, revenue and margin, against its control
    group; read from the orders as they are now.
    """

    _name = "journey.lift"
    _description = "Lift of a Journey"

    @api.readonly
    def get_lift(self, date_from=None, date_to=None):
        """Compare the customers of a journey with its control group.

        Everybody counts who entered between the dates, whether a message reached them
        or not. A conversion is the goal within the attribution window after the entry;
        cancelled orders are none, revenue and margin are net of refunds, untaxed, in
        the company's currency. Margin shrinks with the share of revenue that was
        refunded.

        :param date_from: first day of entry in the company's time zone, ISO text or
            date; all by default
        :param date_to: last day of entry
        :return: dict with ``treated`` and ``control`` (size, conversions, revenue,
            margin), ``window_open`` (passes whose window is still open), and
            ``conversion_rate``, ``revenue``, ``margin`` per customer, each with
            treated, control, difference, low, high (95 % confidence) and verdict:
            better, worse or too_small (the sample is too small to tell)
        :raises ValidationError: a date is none
        :raises AccessError: the user is no marketer
        """
        self._check_one()
        self._check_figures()
        period = self._period(date_from, date_to)
        groups = self._groups(period, fields.Datetime.now())
        treated, control = groups["treated"], groups["control"]
        return {
            "treated": asdict(treated),
            "control": asdict(control),
            "window_open": groups["open"],
            "conversion_rate": asdict(rate_lift(treated, control)),
            "revenue": asdict(amount_lift(treated, control, "revenue")),
            "margin": asdict(amount_lift(treated, control, "margin")),
        }

    def _check_figures(self):
        """What journeys earned is for marketers, not for all who may see a name."""
        self.env["lifecycle.engine"]._check_marketer()
        self.check_access("read")

    def _check_one(self):
        """Refuse several records, or none, where figures of one are asked for."""
        if len(self) != 1:
            raise ValidationError(
                self.env._("ids: name exactly one record, not %s.", len(self))
            )

    def _period(self, date_from, date_to):
        """Condition on ``r`` (runs): entered on these days of the company."""
        first, last = self._entry_days(date_from, date_to)
        zone = self.company_id.sudo().partner_id.tz
        parts = [SQL("TRUE")]
        if first:
            parts.append(SQL("r.started_at >= %s", start_of_day(first, zone)))
        if last:
            after = start_of_day(last + timedelta(days=1), zone)
            parts.append(SQL("r.started_at < %s", after))
        return SQL(" AND ").join(parts)

    @api.model
    def _entry_days(self, date_from, date_to):
        """Return the two dates of a period, each None where there is no bound.

        :raises ValidationError: one is no date, or they are the wrong way round
        """
        first = self._entry_day("date_from", date_from)
        last = self._entry_day("date_to", date_to)
        if first and last:
            self.env["lifecycle.engine"]._check_period(first, last)
        return first, last

    @api.model
    def _entry_day(self, name, value):
        try:
            return parse_day(value, None)
        except ValueError:
            raise ValidationError(
                self.env._(
                    "%(name)s: %(value)s is no date of this age, like 2026-01-31.",
                    name=name,
                    value=repr(value)[:50],
                )
            ) from None

    def _groups(self, period, now):
        self.env.flush_all()
        rows = self.env.execute_query_dict(self._lift_query(period, now))
        found = {"treated": Group(), "control": Group(), "open": 0}
        for row in rows:
            found["open"] += row.pop("open_windows")
            side = "control" if row.pop("is_holdout") else "treated"
            found[side] = Group(**row)
        return found

    def _lift_query(self, period, now):
        return SQL(
            """
            WITH won AS (%(orders)s)
            SELECT coalesce(r.is_holdout, FALSE) AS is_holdout, count(*) AS size,
                   count(*) FILTER (WHERE %(converted)s) AS conversions,
                   coalesce(sum(k.revenue), 0)::float AS revenue,
                   coalesce(sum(k.revenue * k.revenue), 0)::float AS revenue_squares,
                   coalesce(sum(k.margin), 0)::float AS margin,
                   coalesce(sum(k.margin * k.margin), 0)::float AS margin_squares,
                   count(*) FILTER (WHERE r.started_at + %(window)s > %(now)s)
                       AS open_windows
              FROM %(runs)s r LEFT JOIN won k ON k.run_id = r.id
             WHERE %(scope)s
             GROUP BY 1
            """,
            orders=self._window_orders_query(self._lift_scope(period)),
            converted=self._converted_sql(),
            window=self._window(),
            now=now,
            runs=SQL.identifier(self.env[self._run_model]._table),
            scope=self._lift_scope(period),
        )

    def _lift_scope(self, period):
        """Condition on ``r``: the runs that are compared."""
        return SQL(
            """r.definition_id = %s AND %s
               AND coalesce(r.exit_reason, '') <> ALL(%s)""",
            self.id,
            period,
            list(UNCOUNTED),
        )

    def _window(self):
        return timedelta(days=self.attribution_days)

    def _converted_sql(self):
        if self.goal != "event":
            return SQL("k.orders > 0")
        return SQL(
            """EXISTS (SELECT FROM lifecycle_event e
                WHERE e.customer_id = r.customer_id AND e.company_id = r.company_id
                  AND e.event_type = %s AND e.occurred_at >= r.started_at
                  AND e.occurred_at <= r.started_at + %s AND %s)""",
            self.goal_event,
            self._window(),
            # As where passes convert: a payment answers for its own invoice only.
            self.env[self._run_model]._answers_sql(),
        )

    def _window_orders_query(self, scope):
        """Select number and net value of the orders in the window of each run ``r`` of
        ``scope``; of two passes of a customer the later one counts an order. Joined as
        sets, which is faster for many; orders before all runs stay out.
        """
        return SQL(
            """
            SELECT r.id AS run_id, count(*) AS orders,
                   sum(v.amount - v.refunded) AS revenue,
                   sum(v.margin * (1 - coalesce(v.refunded / nullif(v.amount, 0), 0)))
                       AS margin
              FROM %(runs)s r
              JOIN res_partner p ON p.commercial_partner_id = r.customer_id
              JOIN sale_order o ON o.partner_id = p.id AND o.company_id = r.company_id
              CROSS JOIN LATERAL (
                SELECT o.amount_untaxed / coalesce(nullif(o.currency_rate, 0), 1)
                           AS amount,
                       coalesce(o.margin, 0)
                           / coalesce(nullif(o.currency_rate, 0), 1) AS margin,
                       %(refunded)s AS refunded) v
             WHERE %(scope)s AND o.state = 'sale'
               AND o.date_order >= (SELECT min(started_at) FROM %(runs)s
                                     WHERE definition_id = %(definition)s)
               AND o.date_order >= r.started_at
               AND o.date_order <= r.started_at + %(window)s AND %(goal)s
               AND NOT EXISTS (
                SELECT FROM %(runs)s n
                 WHERE n.definition_id = r.definition_id
                   AND n.customer_id = r.customer_id
                   AND (n.started_at, n.id) > (r.started_at, r.id)
                   AND n.started_at <= o.date_order)
             GROUP BY r.id
            """,
            runs=SQL.identifier(self.env[self._run_model]._table),
            definition=self.id,
            refunded=self._refunded_sql(),
            scope=scope,
            window=self._window(),
            goal=self._goal_sql(),
        )

    @api.model
    def _refunded_sql(self):
        """What credit notes took back of order ``o``, in the company's currency."""
        return SQL(
            """coalesce((
                SELECT sum(aml.balance) FROM sale_order_line sol
                  JOIN sale_order_line_invoice_rel rel ON rel.order_line_id = sol.id
                  JOIN account_move_line aml ON aml.id = rel.invoice_line_id
                  JOIN account_move am ON am.id = aml.move_id
                 WHERE sol.order_id = o.id AND am.move_type = 'out_refund'
                   AND am.state = 'posted'), 0)"""
        )
