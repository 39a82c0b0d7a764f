from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain
from odoo.tools import SQL

from ..const import COLLEAGUES, WENT_OUT


class JourneyConversion(models.AbstractModel):
    """What a pass of a journey with a goal became: read from the orders each time
    something happens to them, so that it is never more than they say.

    A concrete run adds ``status`` and says in ``_status_sql`` what it means.
    """

    _name = "journey.conversion"
    _description = "Run with a Conversion"
    _inherit = ["journey.run.mixin"]

    # The value of ``status`` of who reached the goal, and of who is under way.
    _won = "converted"

    currency_id = fields.Many2one(related="company_id.currency_id")
    converted_at = fields.Datetime("Converted", readonly=True)
    conversion_order_id = fields.Many2one(
        "sale.order", "Order", ondelete="set null", readonly=True
    )
    conversion_value = fields.Monetary("Value", readonly=True)
    earned_by = fields.Char("Earned by step", readonly=True)
    is_manual = fields.Boolean("Converted by hand", readonly=True)
    offer_code = fields.Char(compute="_compute_offer", search="_search_offer_code")
    offer_used = fields.Boolean(compute="_compute_offer")
    progress = fields.Float(compute="_compute_progress")

    _order_idx = models.Index(
        "(conversion_order_id) WHERE conversion_order_id IS NOT NULL"
    )

    # ------------------------------------------------------------------------ offer
    def _compute_offer(self):
        self.env["loyalty.card"].flush_model()
        cards = dict(self.env.execute_query(self._query_cards()))
        found = self.env["loyalty.card"].sudo().browse(cards.values()).exists()
        known = set(found.ids)
        for run in self:
            card = found.browse(cards.get(run.id, ()))
            card = card if card.id in known else card.browse()
            run.offer_code = card.code
            run.offer_used = bool(card) and card.points <= 0

    def _search_offer_code(self, operator, value):
        if operator not in ("=", "in", "like", "ilike", "=like", "=ilike"):
            return NotImplemented
        mine = Domain("journey_model", "=", self._fields["definition_id"].comodel_name)
        cards = self.env["loyalty.card"].sudo().with_context(active_test=False)
        found = cards._search(mine & Domain("code", operator, value))
        return [("id", "in", found.subselect("journey_run_id"))]

    def _query_cards(self):
        return SQL(
            """SELECT journey_run_id, max(id) FROM loyalty_card
                WHERE journey_model = %s
                  AND journey_id = ANY(%s) AND journey_run_id = ANY(%s)
                GROUP BY 1""",
            self.definition_id._name,
            self.definition_id.ids,
            self.ids,
        )

    @api.depends("steps_completed", "version_id", "run_state")
    def _compute_progress(self):
        for version, runs in self.grouped("version_id").items():
            count = len(version._steps()) or 1
            for run in runs:
                done = min(run.steps_completed / count, 1)
                over = run.run_state == "done"
                run.progress = 100 if over else 100 * done

    # --------------------------------------------------------------- what it became
    @api.model
    def _on_ended(self, ids, now):
        result = super()._on_ended(ids, now)
        self._settle(ids)
        return result

    @api.model
    def _on_goal_events(self, events, now):
        """What was reached after the last step counts within the window, too."""
        result = super()._on_goal_events(events, now)
        self.env.flush_all()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT DISTINCT r.id FROM lifecycle_event e
                  JOIN %(runs)s r ON r.customer_id = e.customer_id
                   AND r.company_id = e.company_id AND r.run_state <> 'running'
                  JOIN %(journeys)s c ON c.id = r.definition_id
                   AND c.goal = 'event' AND c.goal_event = e.event_type
                 WHERE e.id = ANY(%(events)s) AND e.occurred_at >= r.started_at
                   AND e.occurred_at <= r.started_at
                       + c.attribution_days * interval '1 day' AND %(answers)s
                """,
                runs=SQL.identifier(self._table),
                journeys=SQL.identifier(self._journeys()._table),
                events=events.ids,
                answers=self._answers_sql(),
            )
        )
        self._settle([row[0] for row in rows])
        return result

    @api.model
    def _journeys(self):
        return self.env[self._fields["definition_id"].comodel_name]

    @api.model
    def _on_order(self, orders, now):
        """Find out anew what the passes of these orders' customers converted to."""
        result = super()._on_order(orders, now)
        self._take_back(orders)
        self.env.flush_all()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT r.id FROM %(runs)s r
                  JOIN %(journeys)s c ON c.id = r.definition_id
                 WHERE r.run_state <> 'running'
                   AND r.company_id = %(company)s AND NOT coalesce(r.is_manual, FALSE)
                   AND (r.conversion_order_id = ANY(%(orders)s) OR r.customer_id IN (
                        SELECT p.commercial_partner_id FROM sale_order o
                          JOIN res_partner p ON p.id = o.partner_id
                         WHERE o.id = ANY(%(orders)s)
                           AND o.date_order >= r.started_at
                           AND o.date_order <= r.started_at + %(within)s))
                """,
                runs=SQL.identifier(self._table),
                journeys=SQL.identifier(self._journeys()._table),
                within=self._attribution_sql(),
                company=self.env.company.id,
                orders=list(orders),
            )
        )
        self._settle([row[0] for row in rows])
        return result

    @api.model
    def _take_back(self, orders):
        """A conversion by hand whose order was cancelled is none any more."""
        self.search(
            [
                ("is_manual", "=", True),
                ("conversion_order_id", "in", orders),
                ("conversion_order_id.state", "!=", "sale"),
            ]
        ).is_manual = False

    @api.model
    def _settle(self, ids):
        """Write status and conversion of ended passes, from what the orders say.

        :param list ids: of runs that are not under way any more
        """
        if not ids:
            return
        self.env.flush_all()
        for journey in self.browse(ids).definition_id:
            with journey._alone():
                self.env.cr.execute(self._settle_query(journey, ids))
        self.invalidate_model()

    def _settle_query(self, journey, ids):
        """A pass converted when its goal was reached within the window: by the first
        order that matches, in the company's currency and untaxed, or by the event.
        """
        columns = {
            "conversion_order_id": SQL("k.order_id"),
            "conversion_value": SQL("k.value"),
            "converted_at": SQL("k.happened_at"),
            "earned_by": SQL(
                "CASE WHEN k.happened_at IS NOT NULL"
                " THEN coalesce(%s, r.earned_by) END",
                self._earning_step_sql(),
            ),
            "status": self._status_sql(journey),
            **self._settled_columns(journey),
        }
        return SQL(
            """
            UPDATE %(runs)s r SET %(columns)s
              FROM (SELECT e.id, g.*, %(refused)s AS refused
                      FROM %(runs)s e
                      LEFT JOIN LATERAL (%(goal)s) g ON TRUE
                     WHERE e.id IN (%(ids)s) AND e.definition_id = %(journey)s) k
             WHERE r.id = k.id AND r.run_state <> 'running'
               AND NOT coalesce(r.is_manual, FALSE)
            """,
            runs=SQL.identifier(self._table),
            columns=SQL(", ").join(
                SQL("%s = %s", SQL.identifier(name), value)
                for name, value in columns.items()
            ),
            refused=self._refused_sql(),
            goal=journey._goal_query(),
            ids=self._rivals_query(list(ids)),
            journey=journey.id,
        )

    def _rivals_query(self, ids):
        """Select these passes, and those that converted by what one of them earned."""
        return SQL(
            """SELECT unnest(%(ids)s) UNION SELECT s.id FROM %(runs)s m
                 JOIN %(runs)s s ON s.customer_id = m.customer_id AND s.id <> m.id
                  AND s.definition_id = m.definition_id
                  AND s.conversion_order_id IS NOT NULL
                  AND s.converted_at >= m.started_at
                WHERE m.id = ANY(%(ids)s)""",
            ids=ids,
            runs=SQL.identifier(self._table),
        )

    def _status_sql(self, journey):
        """The status of ended pass ``r``, of which ``k`` tells order_id, value,
        happened_at (of the goal, else NULL) and refused (by the customer).
        """
        return SQL(
            """
            CASE WHEN k.happened_at IS NOT NULL THEN 'converted'
                 WHEN r.run_state = 'done' AND NOT k.refused THEN 'completed'
                 WHEN r.exit_reason = 'unsubscribed' OR k.refused THEN 'unsubscribed'
                 ELSE 'cancelled' END
            """
        )

    def _settled_columns(self, journey):
        """Return {column: SQL on r and k} that an addon writes along."""
        return {}

    def _earning_step_sql(self):
        """The step whose message to the customer went out last before the success."""
        return SQL(
            """(SELECT d.step_code FROM journey_delivery d
                 WHERE d.run_model = %s AND d.run_id = r.id AND d.state = ANY(%s)
                   AND d.channel <> ALL(%s) AND d.decided_at <= k.happened_at
                 ORDER BY d.decided_at DESC, d.id DESC LIMIT 1)""",
            self._name,
            list(WENT_OUT),
            list(COLLEAGUES),
        )

    def _refused_sql(self):
        """Whether pass ``e`` met a customer who had unsubscribed, or who took
        the consent back while walking; never to have agreed is no answer to us.
        """
        return SQL(
            """EXISTS (SELECT FROM journey_delivery d
                WHERE d.run_model = %s AND d.run_id = e.id
                  AND (d.reason IN ('topic_opt_out', 'blacklisted')
                       OR d.reason = 'no_consent' AND EXISTS (
                          SELECT FROM customer_consent w
                           WHERE w.customer_id IN (d.customer_id, d.addressee_id)
                             AND w.company_id = e.company_id
                             AND w.channel = d.channel AND w.status = 'withdrawn'
                             AND w.occurred_at >= e.started_at
                             AND w.occurred_at <= d.decided_at)))""",
            self._name,
        )

    def _mark_converted(self, order, value):
        """Note a conversion that the shop knows of and the orders do not show.

        :param order: ``sale.order``, may be empty
        :param value: in the company's currency, or None for that of the order
        """
        self.ensure_one()
        if value is None:
            rate = order.currency_rate or 1
            value = order.amount_untaxed / rate if order else 0
        now = fields.Datetime.now()
        if self.run_state == "running":
            self._end(self.ids, "done", "goal_reached", now)
        self.write(
            {
                "status": self._won,
                "is_manual": True,
                "converted_at": now,
                "conversion_order_id": order.id,
                "conversion_value": value,
            }
        )

    def action_cancel(self):
        """Take the selected customers out of their journeys; marketers may."""
        if not self:
            raise ValidationError(self.env._("ids: name at least one run."))
        self.env["lifecycle.engine"]._check_marketer()
        self.check_access("read")
        # Nobody writes runs: the rows are the scheduler's.
        return super(JourneyConversion, self.sudo()).action_cancel()
