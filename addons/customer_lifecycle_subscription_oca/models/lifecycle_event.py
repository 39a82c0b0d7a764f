from odoo import api, models
from odoo.tools import SQL

from .customer_lifecycle import CLOSING, OPENING

# Since when a subscription has stood as it does: its last tracked change, else its
# last write.
TRACKED = """
    coalesce((
        SELECT max(mm.date) FROM mail_message mm
          JOIN mail_tracking_value tv ON tv.mail_message_id = mm.id
          JOIN ir_model_fields f ON f.id = tv.field_id
         WHERE mm.model = 'sale.subscription' AND mm.res_id = s.id
           AND f.name = %s AND tv.new_value_integer = %s), s.write_date)
"""


class LifecycleEvent(models.Model):
    _inherit = "lifecycle.event"

    # The periods of one customer, found whatever statistics the table has: it is
    # filled and read in one transaction.
    _moves_idx = models.Index(
        "(customer_id, company_id, res_id, occurred_at, id) WHERE event_type IN ("
        "'subscription_started', 'subscription_resumed',"
        " 'subscription_paused', 'subscription_ended')"
    )

    @api.model
    def _event_labels(self):
        return super()._event_labels() | {
            "subscription_started": self.env._("Subscription started"),
            "subscription_renewed": self.env._("Subscription renewed"),
            "subscription_paused": self.env._("Subscription paused"),
            "subscription_resumed": self.env._("Subscription resumed"),
            "subscription_ended": self.env._("Subscription ended"),
            "subscription_changed": self.env._("Subscription changed"),
            "trial_ending": self.env._("Trial about to end"),
        }

    @api.model
    def _event_consumers(self):
        return super()._event_consumers() | {"renewals": "_consume_renewals"}

    def _is_fact(self):
        return self.event_type != "trial_ending" and super()._is_fact()

    def _consume_renewals(self):
        """Tell which of these confirmed orders renewed a subscription."""
        orders = self.filtered(
            lambda e: e.event_type == "order_confirmed" and e.res_model == "sale.order"
        )
        self.env.flush_all()
        self.env["sale.subscription"]._record_renewals(
            "sale.order", orders.mapped("res_id")
        )

    # --------------------------------------------------------------------- history
    @api.model
    def _record_history(self, scope, now):
        result = super()._record_history(scope, now)
        members = self.env["customer.lifecycle"]._subscription_members(scope, now)
        self._record_query(self._subscription_history_query(members), history=True)
        self._record_query(self._renewal_history_query(members), history=True)
        return result

    def _subscription_history_query(self, members):
        """Select the moves that led to how the subscriptions of ``members`` stand.

        What is told already stays as it was told; only what it does not lead to is
        added (also what happened while this addon was not installed). A closed
        subscription is taken to have run since its start date: subscription_oca keeps
        no better record.
        """
        return SQL(
            """
            SELECT h.customer_id, h.company_id, h.event_type, h.occurred_at,
                   'sale.subscription' AS res_model, h.id AS res_id,
                   jsonb_build_object('name', h.name) AS data,
                   concat_ws(':', h.event_type, h.id, h.day) AS event_key
              FROM (
                SELECT s.id, s.name, s.customer_id, s.company_id, s.today,
                       k.event_type, k.occurred_at, (k.occurred_at AT TIME ZONE 'UTC'
                           AT TIME ZONE s.tz)::date AS day
                  FROM (%(begun)s) s
                 CROSS JOIN LATERAL (%(moves)s) k) h
             WHERE h.day <= h.today
            """,
            begun=self._begun_query(members),
            moves=self._past_moves_query(),
        )

    def _begun_query(self, members):
        """Select the subscriptions of ``members`` that run or have run.

        ``told`` is what the customer's timeline said of them last.
        """
        return SQL(
            """
            SELECT s.*, m.customer_id, m.today, m.tz, e.event_type AS told,
                   s.in_progress AND s.active AS is_on,
                   coalesce(s.date_start::timestamp AT TIME ZONE m.tz
                       AT TIME ZONE 'UTC', s.create_date) AS started_at
              FROM (%s) m
              JOIN res_partner rp ON rp.commercial_partner_id = m.customer_id
              JOIN sale_subscription s ON s.partner_id = rp.id
                                      AND s.company_id = m.company_id
              LEFT JOIN sale_subscription_stage st ON st.id = s.stage_id
              LEFT JOIN LATERAL (
                SELECT e.event_type FROM lifecycle_event e
                 WHERE e.customer_id = m.customer_id AND e.company_id = m.company_id
                   AND e.res_id = s.id AND e.event_type = ANY(%s)
                 ORDER BY e.occurred_at DESC, e.id DESC LIMIT 1) e ON TRUE
             WHERE s.in_progress OR st.type = 'post'
            """,
            members,
            OPENING + CLOSING,
        )

    def _past_moves_query(self):
        """Select start, pause and end of subscription ``s`` from its present state."""
        return SQL(
            """
            SELECT 'subscription_started' AS event_type, s.started_at AS occurred_at
             WHERE s.told IS NULL
                OR s.is_on AND s.is_paused IS NOT TRUE AND s.told = ANY(%(closing)s)
            UNION ALL
            SELECT 'subscription_paused', greatest(s.started_at, %(paused)s)
             WHERE s.is_on AND s.is_paused
               AND s.told IS DISTINCT FROM 'subscription_paused'
            UNION ALL
            SELECT 'subscription_ended', greatest(s.started_at, %(closed)s)
             WHERE s.is_on IS NOT TRUE
               AND s.told IS DISTINCT FROM 'subscription_ended'
            """,
            closing=CLOSING,
            paused=SQL(TRACKED, "is_paused", 1),
            closed=SQL(TRACKED, "stage_id", SQL("s.stage_id")),
        )

    def _renewal_history_query(self, members):
        return SQL(
            "SELECT %s FROM (%s) r WHERE r.day <= r.today",
            self.env["sale.subscription"]._renewal_columns(
                SQL("r.day::timestamp AT TIME ZONE r.tz AT TIME ZONE 'UTC'")
            ),
            self.env["customer.lifecycle"]._renewals_query(members),
        )
