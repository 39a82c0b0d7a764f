from typing import NamedTuple

from odoo import api, fields, models
from odoo.tools import SQL

from .lifecycle_facts import ZONES

# Stored fields that the facts of a customer are counted from.
FACT_FIELDS = {
    "in_progress",
    "is_paused",
    "active",
    "partner_id",
    "company_id",
    "date_start",
    "recurring_total",
    "template_id",
    "currency_id",
}
RUNNING, PAUSED, OFF, DRAFT = "running", "paused", "off", "draft"
CHANGED = "subscription_changed"
# What a move from one state to another is called; any other move is a change.
EVENT_TYPES = {
    (DRAFT, RUNNING): "subscription_started",
    (OFF, RUNNING): "subscription_started",
    (RUNNING, PAUSED): "subscription_paused",
    (PAUSED, RUNNING): "subscription_resumed",
    (RUNNING, OFF): "subscription_ended",
    (RUNNING, DRAFT): "subscription_ended",
    (PAUSED, OFF): "subscription_ended",
    (PAUSED, DRAFT): "subscription_ended",
}


class Holding(NamedTuple):
    """Whose a subscription is, and how it stands."""

    customer: int
    company: int
    state: str

    def moves(self, other):
        """Yield (customer, company, event type) of becoming ``other``."""
        if self[:2] == other[:2]:
            yield *self[:2], EVENT_TYPES.get((self.state, other.state), CHANGED)
        else:
            yield *self[:2], EVENT_TYPES.get((self.state, OFF), CHANGED)
            yield *other[:2], EVENT_TYPES.get((OFF, other.state), CHANGED)

    def matters(self, other):
        """Return whether becoming ``other`` can change anybody's facts."""
        if self.state == other.state == DRAFT:
            return False
        return self != other or self.state != OFF


class SaleSubscription(models.Model):
    _inherit = "sale.subscription"

    trial_end = fields.Date(
        "Trial until",
        index="btree_not_null",
        copy=False,
        tracking=True,
        help="Last day of the trial. The customer's timeline announces it some days "
        "ahead (see the lifecycle policy).",
    )

    # The standard dependency overlooks a line whose price or quantity changes.
    @api.depends(
        "sale_subscription_line_ids.price_subtotal",
        "sale_subscription_line_ids.amount_tax_line_amount",
    )
    def _compute_total(self):
        return super()._compute_total()

    # ----------------------------------------------------------------------- hooks
    @api.model_create_multi
    def create(self, vals_list):
        subscriptions = super().create(vals_list)
        subscriptions.flush_recordset()
        created = subscriptions._holdings()
        before = {i: held._replace(state=DRAFT) for i, held in created.items()}
        self._record_lifecycle_moves(before, created, created=True)
        return subscriptions

    def _write_multi(self, vals_list):
        # The one place through which every change of a stored value passes: stages,
        # pauses, archiving, and amounts recomputed from the lines alike.
        changed = self.browse(
            subscription.id
            for subscription, vals in zip(self, vals_list, strict=True)
            if not FACT_FIELDS.isdisjoint(vals)
        )
        before = changed._holdings()
        result = super()._write_multi(vals_list)
        self._record_lifecycle_moves(before, changed._holdings())
        return result

    def unlink(self):
        self.flush_recordset()
        held = self._holdings()
        gone = {i: holding._replace(state=OFF) for i, holding in held.items()}
        self._record_lifecycle_moves(held, gone)
        return super().unlink()

    def _holdings(self):
        """Return {id: Holding} as the database has it: this runs during a flush."""
        if not self:
            return {}
        self.env["res.partner"].flush_model(["commercial_partner_id"])
        self.env.cr.execute(
            """
            SELECT s.id, rp.commercial_partner_id, s.company_id,
                   CASE WHEN s.in_progress AND s.active AND s.is_paused THEN 'paused'
                        WHEN s.in_progress AND s.active THEN 'running'
                        WHEN s.in_progress OR st.type = 'post' THEN 'off'
                        ELSE 'draft' END
              FROM sale_subscription s
              JOIN res_partner rp ON rp.id = s.partner_id
              LEFT JOIN sale_subscription_stage st ON st.id = s.stage_id
             WHERE s.id = ANY(%s)
            """,
            [self.ids],
        )
        return {row[0]: Holding(*row[1:]) for row in self.env.cr.fetchall()}

    def _record_lifecycle_changes(self):
        """Have the customers of these subscriptions counted again."""
        held = self._holdings()
        self._record_moves(
            [
                (subscription, holding.customer, holding.company, CHANGED)
                for subscription, holding in held.items()
            ]
        )

    @api.model
    def _record_lifecycle_moves(self, before, after, created=False):
        """Record what became of subscriptions.

        :param dict before: {id: Holding}
        :param dict after: {id: Holding}
        :param bool created: True dates a start back to the subscription's own
        """
        moves = [
            (subscription, *move)
            for subscription, holding in after.items()
            if before[subscription].matters(holding)
            for move in before[subscription].moves(holding)
        ]
        self._record_moves(moves, created)

    @api.model
    def _record_moves(self, moves, created=False):
        if moves:
            self.env["lifecycle.event"]._record_query(
                self._moves_query(moves, created),
                history=bool(self.env.context.get("customer_lifecycle_history")),
            )

    def _moves_query(self, moves, created):
        """Select the events of ``moves`` (id, customer, company, event type).

        The n-th move of one kind on one day has its own key, so that a replay is
        harmless and a subscription that starts again is news. Mere changes are told
        apart by their transaction.
        """
        ids, customers, companies, event_types = zip(*moves, strict=True)
        return SQL(
            """
            SELECT v.customer_id, v.company_id, v.event_type, w.occurred_at,
                   'sale.subscription' AS res_model, s.id AS res_id,
                   jsonb_build_object('name', s.name) AS data,
                   CASE WHEN v.event_type = %(changed)s THEN concat_ws(
                        ':', k.key, pg_current_xact_id(), v.customer_id)
                   ELSE concat_ws(':', k.key, w.day, (
                        SELECT nullif(count(*), 0) + 1 FROM lifecycle_event e
                         WHERE e.company_id = v.company_id
                           AND e.event_key COLLATE "C" >= k.key || ':' || w.day
                           AND e.event_key COLLATE "C" < k.key || ':' || w.day || ';'))
                   END AS event_key
              FROM unnest(%(ids)s::int[], %(customers)s::int[], %(companies)s::int[],
                          %(types)s::text[])
                   AS v(id, customer_id, company_id, event_type)
              JOIN sale_subscription s ON s.id = v.id
              JOIN (%(zones)s) z ON z.company_id = v.company_id
             CROSS JOIN LATERAL (SELECT v.event_type || ':' || s.id AS key) k
             CROSS JOIN LATERAL (%(moment)s) w
            """,
            changed=CHANGED,
            ids=list(ids),
            customers=list(customers),
            companies=list(companies),
            types=list(event_types),
            zones=ZONES,
            moment=self._moment_query(created),
        )

    def _moment_query(self, created):
        """Select when the move happened, and the company's day for it."""
        now = SQL("%s::timestamp", fields.Datetime.now())
        start = SQL("s.date_start::timestamp AT TIME ZONE z.tz AT TIME ZONE 'UTC'")
        moment = SQL("least(%s, %s)", now, start) if created else now
        return SQL(
            """
            SELECT m.moment AS occurred_at,
                   (m.moment AT TIME ZONE 'UTC' AT TIME ZONE z.tz)::date AS day
              FROM (SELECT %s AS moment) m
            """,
            moment,
        )

    # -------------------------------------------------------------------- renewals
    @api.model
    def _record_renewals(self, model, ids):
        """Record which documents renewed a subscription.

        :param str model: account.move or sale.order
        :param list ids: documents that have just been posted or confirmed
        :return: set of ids of the subscriptions with a new renewal
        """
        if not ids:
            return set()
        self.env["res.partner"].flush_model(["commercial_partner_id"])
        lifecycle = self.env["customer.lifecycle"]
        source = SQL(
            "SELECT %s FROM (%s) r"
            " WHERE r.document_model = %s AND r.document_id = ANY(%s)",
            self._renewal_columns(SQL("%s::timestamp", fields.Datetime.now())),
            lifecycle._renewals_query(lifecycle._renewal_members(model, ids)),
            model,
            list(ids),
        )
        history = bool(self.env.context.get("customer_lifecycle_history"))
        return set(self.env["lifecycle.event"]._record_query(source, history))

    @api.model
    def _renewal_columns(self, occurred_at):
        """Columns of a ``subscription_renewed`` event on alias ``r`` (a renewal)."""
        return SQL(
            """
            r.customer_id, r.company_id, 'subscription_renewed' AS event_type,
            concat_ws(':', 'subscription_renewed', r.subscription_id, r.day)
                AS event_key,
            %s AS occurred_at, 'sale.subscription' AS res_model,
            r.subscription_id AS res_id,
            jsonb_build_object('name', r.subscription, 'document_model',
                r.document_model, 'document_id', r.document_id) AS data
            """,
            occurred_at,
        )

    # ---------------------------------------------------------------------- trials
    @api.model
    def _cron_record_ending_trials(self):
        """Daily: announce the trials that end within the policy's days."""
        self._record_ending_trials(fields.Datetime.now())
        self.env["ir.cron"]._commit_progress(1, remaining=0)

    @api.model
    def _record_ending_trials(self, now):
        """Record ``trial_ending`` once per subscription and end of trial.

        :param datetime now: UTC
        :return: list of ids of the subscriptions announced
        """
        self.env.flush_all()
        return self.env["lifecycle.event"]._record_query(
            SQL(
                """
                SELECT rp.commercial_partner_id AS customer_id, s.company_id,
                       'trial_ending' AS event_type,
                       concat_ws(':', 'trial_ending', s.id, s.trial_end) AS event_key,
                       %(now)s::timestamp AS occurred_at,
                       'sale.subscription' AS res_model, s.id AS res_id,
                       jsonb_build_object('name', s.name, 'trial_end', s.trial_end)
                           AS data
                  FROM sale_subscription s
                  JOIN res_partner rp ON rp.id = s.partner_id
                  JOIN (%(policy)s) p ON p.company_id = s.company_id
                  JOIN lifecycle_policy lp ON lp.company_id = s.company_id
                 WHERE s.trial_end BETWEEN p.today AND p.today + lp.trial_notice_days
                   AND s.in_progress AND s.active AND s.is_paused IS NOT TRUE
                """,
                now=now,
                policy=self.env["customer.lifecycle"]._policy_relation(now),
            )
        )
