from datetime import datetime, time, timedelta

from odoo import Command, api, fields, models
from odoo.tools import SQL

# Campaigns of the demo shop, and the share of each that is held out.
STARTED = {
    "welcome_series": 0,
    "first_order_thanks": 0,
    "churn_risk": 0,
    "retention_valuable": 20,
    "retention_dormant": 10,
    "milestone_congrats": 0,
    "payment_failed_rescue": 0,
    "inactivity_nudge": 10,
    "birthday": 0,
    "second_order": 15,
}
# How far back the campaigns have been running.
DAYS = 60
# Noon in Dhaka, in UTC: nobody sleeps.
NOON = time(6)
# Of a hundred messages, how many are opened, and clicked.
OPENED, CLICKED = 38, 11
FAILURES = 40
# How many of the codes that are open today pay for an order.
REDEEMED = 20


class LifecycleDemoCampaigns(models.AbstractModel):
    """Two months of campaigns: orders are those of the history; failed payments, opens
    and clicks are generated, always alike.
    """

    _inherit = "lifecycle.demo"

    # ------------------------------------------------------------------- campaigns
    @api.model
    def _tell_campaigns(self, open_history, bar):
        """Walk through the last two months, a day at a time."""
        campaigns = self._start_campaigns()
        self._let_payments_fail()
        for number in range(DAYS, -1, -1):
            day = self._today() - timedelta(days=number)
            moment = datetime.combine(day, NOON)
            if moment <= fields.Datetime.now():
                self._live_a_day(campaigns, moment)
            bar.show(1 - number / DAYS, fields.Date.to_string(day))
        self._redeem_codes()

    @api.model
    def _redeem_codes(self):
        """Some customers order with the code that a campaign gave them."""
        today = self._today()
        cards = (
            self.env["journey.delivery"]
            .search(
                [("card_id.points", ">", 0), ("card_id.expiration_date", ">=", today)],
                order="id",
            )
            .card_id[: REDEEMED * 3 : 3]
        )
        product = self.env["sale.order.line"].search([], limit=1, order="id").product_id
        orders = self.env["sale.order"].with_context(tracking_disable=True)
        for card in cards:
            line = {"product_id": product.id, "price_unit": 300 + card.id % 250}
            order = orders.create(
                {
                    "partner_id": card.partner_id.id,
                    "order_line": [Command.create({**line, "tax_ids": False})],
                }
            )
            for coupon, reward in order._try_apply_code(card.code).items():
                order._apply_program_reward(reward, coupon)
            order.action_confirm()
        self.env.cr.commit()  # pylint: disable=invalid-commit

    @api.model
    def _start_campaigns(self):
        model = self.env["engagement.campaign"]
        campaigns = model.search(
            [
                ("code", "in", list(STARTED)),
                ("company_id", "=", self.env.company.id),
            ]
        )
        for campaign in campaigns:
            campaign.holdout_percent = STARTED[campaign.code]
        self.env.company.email = "shop@example.com"
        campaigns.action_start()
        return campaigns.sorted(lambda c: (-c.priority, c.id))

    @api.model
    def _let_payments_fail(self):
        """Of regular customers some have trouble with a card; half put it right."""
        self.env.flush_all()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT customer_id, number FROM (
                    SELECT l.customer_id, row_number() OVER (
                               ORDER BY md5('failure' || l.customer_id)) AS number
                      FROM customer_lifecycle l
                     WHERE l.company_id = %s AND l.current_stage IN ('active',
                           'engaged')) x
                 WHERE number <= %s ORDER BY number
                """,
                self.env.company.id,
                FAILURES,
            )
        )
        values = []
        for customer, number in rows:
            day = self._today() - timedelta(days=2 + number * (DAYS - 4) // FAILURES)
            failed = datetime.combine(day, time(4))
            values.append(self._payment(customer, "payment_failed", failed))
            if number % 2:
                paid = failed + timedelta(hours=3 + number)
                values.append(self._payment(customer, "payment_done", paid))
        self.env["lifecycle.event"]._record(values, history=True)

    @api.model
    def _payment(self, customer, event_type, moment):
        return {
            "customer_id": customer,
            "company_id": self.env.company.id,
            "event_type": event_type,
            "event_key": f"demo:{event_type}:{customer}",
            "occurred_at": moment,
            "data": {"value": 450 + customer % 400, "generated": True},
        }

    # ------------------------------------------------------------------------- day
    @api.model
    def _live_a_day(self, campaigns, moment):
        """What happened since yesterday lets customers in; who is due is written to."""
        since = moment - timedelta(days=1)
        moves = self.env.execute_query_dict(self._moves_query(since, moment))
        campaigns[:1]._on_stages(moves, moment)
        events = self.env["lifecycle.event"].search(
            [
                ("company_id", "=", self.env.company.id),
                ("occurred_at", ">", since),
                ("occurred_at", "<=", moment),
            ]
        )
        if events:
            campaigns[:1]._on_events(events, moment)
        for campaign in campaigns.filtered(lambda c: c.trigger_type == "schedule"):
            self._enter_by_date(campaign, moment)
        for campaign in campaigns.filtered(lambda c: c.trigger_type == "segment"):
            self._enter_segment(campaign, moment)
        scheduler = self.env["journey.scheduler"].with_company(self.env.company)
        while scheduler._process_batch(moment):
            pass
        self._react(moment)
        self.env.cr.commit()  # pylint: disable=invalid-commit

    @api.model
    def _enter_by_date(self, campaign, moment):
        """What is known of customers is of today; who was silent then, orders tell."""
        day = moment.date()
        if campaign.schedule_kind == "after_last_order":
            scope = SQL(
                """l.customer_id IN (
                    SELECT p.commercial_partner_id
                      FROM sale_order o JOIN res_partner p ON p.id = o.partner_id
                     WHERE o.state = 'sale' AND o.company_id = %s AND o.date_order < %s
                     GROUP BY 1 HAVING max(o.date_order)::date = %s)""",
                campaign.company_id.id,
                moment,
                day - timedelta(days=campaign.schedule_days),
            )
        else:
            scope = getattr(campaign, f"_scope_{campaign.schedule_kind}")(day)
        if scope:
            context = SQL("jsonb_build_object('day', %s::text)", day.isoformat())
            campaign._admit(scope, moment, context)
        campaign.scheduled_until = day

    @api.model
    def _moves_query(self, since, until):
        return SQL(
            """
            SELECT customer_id, company_id, from_stage, to_stage
              FROM lifecycle_stage_history
             WHERE company_id = %s AND transitioned_at > %s AND transitioned_at <= %s
             ORDER BY id
            """,
            self.env.company.id,
            since,
            until,
        )

    @api.model
    def _react(self, moment):
        """Nothing leaves: all arrives by itself, and some customers open and click."""
        self.env.flush_all()
        key = SQL("t.res_id || ':' || t.mass_mailing_id")
        later = moment + timedelta(hours=2)
        self.env.cr.execute(
            SQL(
                """
                UPDATE mailing_trace t
                   SET sent_datetime = %(now)s, mail_mail_id = NULL,
                       trace_status = CASE WHEN %(opens)s < %(opened)s
                           AND t.trace_type = 'mail' THEN 'open' ELSE 'sent' END,
                       open_datetime = CASE WHEN %(opens)s < %(opened)s
                           AND t.trace_type = 'mail' THEN %(later)s::timestamp END,
                       links_click_datetime = CASE WHEN %(opens)s < %(clicked)s
                           AND t.trace_type = 'mail' THEN %(later)s::timestamp END
                  FROM journey_delivery d
                 WHERE d.trace_id = t.id AND d.state = 'queued'
                """,
                now=moment,
                later=later,
                opens=self._dice("open", key),
                opened=OPENED,
                clicked=CLICKED,
            )
        )
        self._click(later)
        self._empty_queues()
        deliveries = self.env["journey.delivery"].sudo()
        deliveries._follow_traces()
        deliveries._count_engagement(self._seen(moment))

    @api.model
    def _empty_queues(self):
        self.env.cr.execute(
            """
            DELETE FROM mail_mail m USING journey_delivery d
             WHERE d.mail_mail_id = m.id AND d.state = 'queued';
            DELETE FROM sms_sms s USING journey_delivery d
             WHERE d.sms_id = s.id AND d.state = 'queued'
            """
        )
        self.env.invalidate_all()

    @api.model
    def _click(self, moment):
        self.env.cr.execute(
            SQL(
                """
                INSERT INTO link_tracker_click (link_id, mass_mailing_id,
                    mailing_trace_id, create_date, write_date, is_automatic)
                SELECT k.id, t.mass_mailing_id, t.id, %(moment)s, %(moment)s, FALSE
                  FROM journey_delivery d JOIN mailing_trace t ON t.id = d.trace_id
                  CROSS JOIN LATERAL (
                    SELECT min(l.id) AS id FROM link_tracker l
                     WHERE l.mass_mailing_id = t.mass_mailing_id) k
                 WHERE d.state = 'queued' AND t.links_click_datetime IS NOT NULL
                   AND k.id IS NOT NULL
                """,
                moment=moment,
            )
        )

    @api.model
    def _seen(self, moment):
        rows = self.env.execute_query(
            SQL(
                """SELECT d.id FROM journey_delivery d
                     JOIN mailing_trace t ON t.id = d.trace_id
                    WHERE d.decided_at = %s AND t.open_datetime IS NOT NULL""",
                moment,
            )
        )
        return [row[0] for row in rows]
