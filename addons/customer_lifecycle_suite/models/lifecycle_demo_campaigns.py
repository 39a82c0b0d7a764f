from datetime import timedelta

from odoo import api, fields, models
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
# Of a hundred messages, how many are opened, and clicked.
OPENED, CLICKED = 38, 11
# Of a thousand codes that customers hold, how many pay for an order on a day.
REDEEMED = 8


class LifecycleDemoCampaigns(models.AbstractModel):
    """Campaigns that run all the year; opens, clicks and the use of codes are
    generated, always alike.
    """

    _inherit = "lifecycle.demo"

    # ------------------------------------------------------------------- campaigns
    @api.model
    def _tell_campaigns(self, open_history, bar):
        """Switch on what lets customers in from the first day on.

        One worker walks all journeys of the story: two would write every message of a
        day in two halves.
        """
        self.env["ir.config_parameter"].sudo().set_param("journey_engine.shards", 1)
        self._start_campaigns()

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
    def _now(self):
        return fields.Datetime.now()

    # ------------------------------------------------------------------------ codes
    @api.model
    def _shop(self, day, purchases):
        result = super()._shop(day, purchases)
        self._use_codes(day)
        return result

    @api.model
    def _use_codes(self, day):
        """Some customers order with the code that a journey gave them."""
        dice = self._random("code", day)
        cards = self.env["loyalty.card"].search(
            [
                ("journey_model", "!=", False),
                ("points", ">", 0),
                ("partner_id", "!=", False),
                ("expiration_date", ">=", day),
                ("offer_issued_at", "<", self._now() - timedelta(hours=12)),
            ],
            order="id",
        )
        for card in cards:
            if dice.randrange(1000) < REDEEMED:
                self._pay_with(card.partner_id, card.code, dice.randint(20, 90))

    @api.model
    def _pay_with(self, customer, code, amount):
        """Confirm an order of a customer, with what a code is worth taken off."""
        order = self._quotations([(customer, amount)])
        status = order._try_apply_code(code)
        # A code that cannot be used now is answered by a text.
        for coupon, rewards in [] if _is_refused(status) else status.items():
            order._apply_program_reward(rewards[:1], coupon)
        order.action_confirm()
        return order

    # --------------------------------------------------------------------- messages
    @api.model
    def _let_messages_arrive(self):
        """Nothing leaves: all arrives by itself, and some customers open and click."""
        self.env.flush_all()
        key = SQL("t.res_id || ':' || t.mass_mailing_id")
        seen = self.env.execute_query(
            SQL(
                """
                UPDATE mailing_trace t
                   SET sent_datetime = d.decided_at, mail_mail_id = NULL,
                       trace_status = CASE WHEN %(opens)s < %(opened)s
                           AND t.trace_type = 'mail' THEN 'open' ELSE 'sent' END,
                       open_datetime = CASE WHEN %(opens)s < %(opened)s
                           AND t.trace_type = 'mail' THEN %(later)s END,
                       links_click_datetime = CASE WHEN %(opens)s < %(clicked)s
                           AND t.trace_type = 'mail' THEN %(later)s END
                  FROM journey_delivery d
                 WHERE d.trace_id = t.id AND d.state = 'queued'
             RETURNING d.id, t.open_datetime IS NOT NULL
                """,
                later=SQL("d.decided_at + interval '2 hours'"),
                opens=self._dice("open", key),
                opened=OPENED,
                clicked=CLICKED,
            )
        )
        self._click()
        self._empty_queues()
        deliveries = self.env["journey.delivery"].sudo()
        deliveries._follow_traces()
        deliveries._count_engagement([number for number, opened in seen if opened])

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
    def _click(self):
        self.env.cr.execute(
            """
            INSERT INTO link_tracker_click (link_id, mass_mailing_id,
                mailing_trace_id, create_date, write_date, is_automatic)
            SELECT k.id, t.mass_mailing_id, t.id, t.links_click_datetime,
                   t.links_click_datetime, FALSE
              FROM journey_delivery d JOIN mailing_trace t ON t.id = d.trace_id
              CROSS JOIN LATERAL (
                SELECT min(l.id) AS id FROM link_tracker l
                 WHERE l.mass_mailing_id = t.mass_mailing_id) k
             WHERE d.state = 'queued' AND t.links_click_datetime IS NOT NULL
               AND k.id IS NOT NULL
            """
        )


def _is_refused(status):
    return any(isinstance(key, str) for key in status)
