from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import SQL

from ..const import CATEGORIES, DELIVERY_STATES, LEFT

PARAMETER = "journey_engine.delivery_days"
# Caps and journeys look back a month.
MIN_DAYS = 31
KEPT_DAYS = 396  # 13 months
AT_ONCE = 20_000


class JourneyDeliverySummary(models.Model):
    """What is left of deliveries that grew old: figures per month, step and outcome."""

    _name = "journey.delivery.summary"
    _description = "Deliveries of a Month"
    _order = "month desc, definition_model, definition_id, step_code"
    _rec_name = "step_code"
    _log_access = False

    company_id = fields.Many2one(
        "res.company", required=True, ondelete="cascade", readonly=True
    )
    definition_model = fields.Char(required=True, readonly=True)
    definition_id = fields.Many2oneReference(
        "Journey", model_field="definition_model", required=True, readonly=True
    )
    step_code = fields.Char("Step", required=True, readonly=True)
    month = fields.Date(required=True, readonly=True)
    channel = fields.Char(readonly=True)
    category = fields.Selection(CATEGORIES, readonly=True)
    state = fields.Selection(DELIVERY_STATES, required=True, readonly=True)
    reason = fields.Char(readonly=True)
    deliveries = fields.Integer(required=True, readonly=True)
    undelivered = fields.Integer(
        readonly=True, help="Of those that failed: how many had left before."
    )
    opened = fields.Integer(required=True, readonly=True)
    clicked = fields.Integer(required=True, readonly=True)

    _group_uniq = models.UniqueIndex(
        "(company_id, definition_model, definition_id, step_code, month,"
        " coalesce(channel, ''), coalesce(category, ''), state, coalesce(reason, ''))"
    )

    @api.model
    def _kept_days(self):
        """Return for how many days single deliveries are kept."""
        found = self.env["ir.config_parameter"].sudo().get_param(PARAMETER)
        kept = int(found) if str(found or "").isdigit() else KEPT_DAYS
        return max(kept, MIN_DAYS)

    @api.model
    def _keep_days(self, days):
        """Keep single deliveries for so many days.

        :raises ValidationError: less than a month: caps and journeys look back
        """
        if days < MIN_DAYS:
            raise ValidationError(
                self.env._(
                    "journey_delivery_days: %s is not allowed; allowed are 31 or more.",
                    days,
                )
            )
        if days != self._kept_days():
            self.env["ir.config_parameter"].sudo().set_param(PARAMETER, days)

    @api.autovacuum
    def _gc_deliveries(self):
        """Summarise and delete deliveries that grew old, a batch at a time."""
        limit = fields.Datetime.now() - timedelta(days=self._kept_days())
        done = self._summarise(limit, AT_ONCE)
        return done, done == AT_ONCE

    @api.model
    def _summarise(self, limit, at_once):
        """Add deliveries decided before ``limit`` to the figures and delete them.

        One statement: no delivery is lost, none counted twice.

        :param datetime limit: naive UTC
        :param int at_once: how many at most
        :return: how many
        """
        self.env.flush_all()
        self.env.cr.execute(self._summarise_query(limit, at_once))
        (done,) = self.env.cr.fetchone()
        self.env["journey.delivery"].invalidate_model()
        self.invalidate_model()
        return done

    def _summarise_query(self, limit, at_once):
        return SQL(
            """
            WITH aged AS MATERIALIZED (
                -- Chosen once: a subquery may be run again, past its limit.
                SELECT d.id FROM journey_delivery d
                 WHERE d.decided_at < %s AND d.state NOT IN ('held', 'queued')
                 ORDER BY d.decided_at LIMIT %s FOR UPDATE SKIP LOCKED),
            old AS (
                DELETE FROM journey_delivery d USING aged WHERE d.id = aged.id
                RETURNING d.*),
            summed AS (
                INSERT INTO journey_delivery_summary AS s (
                    company_id, definition_model, definition_id, step_code, month,
                    channel, category, state, reason, deliveries, undelivered, opened,
                    clicked)
                SELECT company_id, definition_model, definition_id, step_code,
                       date_trunc('month', decided_at)::date, channel, category,
                       state, reason, count(*),
                       count(sent_at) FILTER (WHERE state <> ALL(%s)),
                       count(opened_at), count(clicked_at)
                  FROM old GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9
                ON CONFLICT (company_id, definition_model, definition_id, step_code,
                    month, coalesce(channel, ''), coalesce(category, ''), state,
                    coalesce(reason, ''))
                DO UPDATE SET deliveries = s.deliveries + excluded.deliveries,
                              undelivered = coalesce(s.undelivered, 0)
                                  + excluded.undelivered,
                              opened = s.opened + excluded.opened,
                              clicked = s.clicked + excluded.clicked)
            SELECT count(*) FROM old
            """,
            limit,
            at_once,
            list(LEFT),
        )
