"""Reads what the statistics of journeys are about, for ``journey_recount``."""

from .year_rows import Rows

CAMPAIGNS, WINBACK = "engagement.campaign", "winback.campaign"
PASSES = {
    CAMPAIGNS: """SELECT id, customer_id AS customer, started_at AS started,
                         completed_at AS ended, status, run_state = 'running' AS walks,
                         converted_at AS converted, exit_reason AS reason, context,
                         coalesce(is_holdout, FALSE) AS holdout
                    FROM campaign_enrollment
                   WHERE company_id = %s AND definition_id = %s ORDER BY id""",
    WINBACK: """SELECT id, customer_id AS customer, started_at AS started,
                       completed_at AS ended, status, run_state = 'running' AS walks,
                       converted_at AS converted, exit_reason AS reason,
                       NULL AS context, coalesce(is_holdout, FALSE) AS holdout
                  FROM winback_attempt
                 WHERE company_id = %s AND definition_id = %s ORDER BY id""",
}


class JourneyRows(Rows):
    def passes(self, model, number):
        return self._select(PASSES[model], number)

    def deals(self):
        """Confirmed orders, untaxed and in the company's currency."""
        return self._select(
            """SELECT o.id, p.commercial_partner_id AS customer, o.date_order AS at,
                      (o.amount_untaxed / r.rate)::float AS untaxed,
                      (coalesce(o.margin, 0) / r.rate)::float AS margin
                 FROM sale_order o JOIN res_partner p ON p.id = o.partner_id
                CROSS JOIN LATERAL (
                      SELECT coalesce(nullif(o.currency_rate, 0), 1) AS rate) r
                WHERE o.company_id = %s AND o.state = 'sale'
                ORDER BY o.date_order, o.id"""
        )

    def refunds(self):
        """Lines of posted credit notes, with the order that they take back."""
        return self._select(
            """SELECT s.order_id AS order, l.balance::float AS amount
                 FROM account_move m JOIN account_move_line l ON l.move_id = m.id
                 JOIN sale_order_line_invoice_rel k ON k.invoice_line_id = l.id
                 JOIN sale_order_line s ON s.id = k.order_line_id
                WHERE m.company_id = %s AND m.move_type = 'out_refund'
                  AND m.state = 'posted'"""
        )

    def happenings(self, kind):
        """Events of a kind, the oldest first."""
        return self._select(
            """SELECT customer_id AS customer, occurred_at AS at, data
                 FROM lifecycle_event WHERE company_id = %s AND event_type = %s
                ORDER BY occurred_at, id""",
            kind,
        )

    def messages(self, model, number):
        """Each decision about a message of a journey, the oldest first."""
        return self._select(
            """SELECT run_id AS run, step_code AS step, channel, state, reason,
                      opened_at AS opened, clicked_at AS clicked, decided_at AS at
                 FROM journey_delivery
                WHERE company_id = %s AND definition_model = %s
                  AND definition_id = %s ORDER BY decided_at, id""",
            model,
            number,
        )

    def given(self, model):
        """Lines of confirmed orders that codes of journeys paid for, and points."""
        codes = self._select(
            """SELECT k.journey_id AS journey, k.journey_run_id AS run,
                      w.reward_type = 'product' AS is_gift,
                      (l.price_unit * l.product_uom_qty)::float AS price,
                      l.price_subtotal::float AS subtotal,
                      coalesce(nullif(o.currency_rate, 0), 1)::float AS rate
                 FROM sale_order o JOIN sale_order_line l ON l.order_id = o.id
                 JOIN loyalty_card k ON k.id = l.coupon_id
                 JOIN loyalty_reward w ON w.id = l.reward_id
                WHERE o.company_id = %s AND o.state = 'sale'
                  AND k.journey_model = %s""",
            model,
        )
        points = self._select(
            """SELECT b.journey_id AS journey, b.journey_run_id AS run,
                      b.worth::float AS worth
                 FROM journey_bonus b JOIN journey_offer f ON f.id = b.offer_id
                WHERE f.company_id = %s AND b.journey_model = %s""",
            model,
        )
        return codes, points

    def summaries(self):
        """What is left of messages that are too old to be kept one by one."""
        return self._select(
            """SELECT definition_model AS model, definition_id AS journey
                 FROM journey_delivery_summary WHERE company_id = %s"""
        )

    def settings(self, model, number):
        """What a journey counts as its success, and how long."""
        if model == CAMPAIGNS:
            (row,) = self._select(
                """SELECT goal, goal_event AS event, attribution_days AS days
                     FROM engagement_campaign WHERE company_id = %s AND id = %s""",
                number,
            )
            return row
        (row,) = self._select(
            """SELECT goal, goal_event AS event, attribution_days AS days,
                      offer_validity_days AS valid, target_rate AS target
                 FROM winback_campaign WHERE company_id = %s AND id = %s""",
            number,
        )
        row["delays"] = self._select(
            """SELECT s.delay_hours AS hours FROM winback_campaign_step s
                 JOIN winback_campaign c ON c.id = s.definition_id
                WHERE c.company_id = %s AND c.id = %s AND s.version_id IS NULL""",
            number,
        )
        return row
