from odoo import api, models
from odoo.tools import SQL

PIN_COLUMNS = (
    "current_stage",
    "previous_stage",
    "stage_changed_at",
    "stage_pinned_until",
)


class LifecycleMerge(models.AbstractModel):
    """What happens to customers who turn out to be one, or who leave for good."""

    _inherit = "lifecycle.engine"

    @api.model
    def _merge_customers(self, source, target):
        """Move everything we know of ``source`` to ``target``.

        An addon extends this for its own tables, before or after super. No history,
        points or consent may be lost.

        :param source: ``res.partner`` that ceases to be a customer of its own
        :param target: ``res.partner`` that takes over
        """
        self.env.flush_all()
        for query in self._merge_queries(source.id, target.id):
            self.env.cr.execute(query)
        self.env.invalidate_all()
        self._customers_moved(target)

    def _rows_of_both(self, source, target):
        """Select the companies in which both customers have a row."""
        return SQL(
            """
            SELECT s.id AS source_id, t.id AS target_id, s.onboarding_status,
                   s.onboarding_started_at, s.onboarding_completed_at,
                   s.onboarding_completion_rate, s.handled_until, s.handled_by_id,
                   s.handled_at, s.clv_segment, s.current_stage, s.previous_stage,
                   s.stage_changed_at, s.stage_pinned_until,
                   s.stage_pinned_until IS NOT NULL
                       AND t.stage_pinned_until IS NULL AS brings_pin
              FROM customer_lifecycle s
              JOIN customer_lifecycle t ON t.company_id = s.company_id
             WHERE s.customer_id = %s AND t.customer_id = %s
            """,
            source,
            target,
        )

    def _merge_queries(self, source, target):
        both = self._rows_of_both(source, target)
        return [
            SQL(
                """
                UPDATE lifecycle_stage_history h SET lifecycle_id = b.target_id
                  FROM (%s) b WHERE h.lifecycle_id = b.source_id
                """,
                both,
            ),
            self._merge_rows_query(both),
            SQL(
                "DELETE FROM customer_lifecycle l USING (%s) b"
                " WHERE l.id = b.source_id",
                both,
            ),
            *(
                SQL(
                    "UPDATE %s SET customer_id = %s WHERE customer_id = %s",
                    SQL.identifier(table),
                    target,
                    source,
                )
                for table in self._merge_tables()
            ),
        ]

    def _merge_rows_query(self, both):
        """A pin goes with its stage, unless the target has one of its own."""
        pinned = SQL(", ").join(
            SQL(
                "%(name)s = CASE WHEN b.brings_pin THEN b.%(name)s ELSE l.%(name)s END",
                name=name,
            )
            for name in map(SQL.identifier, PIN_COLUMNS)
        )
        return SQL(
            """
            UPDATE customer_lifecycle l
               SET onboarding_status = CASE l.onboarding_status
                       WHEN 'not_started' THEN b.onboarding_status
                       ELSE l.onboarding_status END,
                   onboarding_started_at = least(
                       l.onboarding_started_at, b.onboarding_started_at),
                   onboarding_completed_at = least(
                       l.onboarding_completed_at, b.onboarding_completed_at),
                   onboarding_completion_rate = greatest(
                       l.onboarding_completion_rate, b.onboarding_completion_rate),
                   handled_until = greatest(l.handled_until, b.handled_until),
                   handled_by_id = coalesce(l.handled_by_id, b.handled_by_id),
                   handled_at = greatest(l.handled_at, b.handled_at),
                   clv_segment = coalesce(l.clv_segment, b.clv_segment), %(pinned)s
              FROM (%(both)s) b WHERE l.id = b.target_id
            """,
            pinned=pinned,
            both=both,
        )

    @api.model
    def _merge_tables(self):
        """Tables whose ``customer_id`` simply follows the customer."""
        return ["customer_lifecycle", "lifecycle_stage_history", "lifecycle_event"]

    @api.model
    def _customers_moved(self, customers):
        """Have customers counted again whose orders came or went."""
        self.env.flush_all()
        rows = self.env["customer.lifecycle"].sudo().with_context(active_test=False)
        found = rows.search([("customer_id", "in", customers.ids)])
        rows._touch([(row.customer_id.id, row.company_id.id) for row in found])
        companies = (
            self.env["sale.order"]
            .sudo()
            ._read_group(
                [
                    ("partner_id", "child_of", customers.ids),
                    ("state", "=", "sale"),
                ],
                ["partner_id", "company_id"],
            )
        )
        rows._insert_missing([(p.commercial_partner_id.id, c.id) for p, c in companies])

    @api.model
    def _anonymize_customer(self, partner):
        """Forget what identifies a person; figures stay.

        An addon extends this for its own tables.

        :param partner: ``res.partner`` that asked for erasure
        """
        partner.sudo().birthday = False
        self.env.flush_all()
        # The timeline keeps what happened and when, not names or references; the
        # history its rules and figures, not what a colleague noted.
        # A contact's orders stand in the timeline of the company.
        self.env.cr.execute(
            """
            UPDATE lifecycle_event e SET data = NULL
             WHERE e.customer_id = %s OR e.customer_id = %s
               AND e.res_model = 'sale.order' AND e.res_id IN (
                   SELECT id FROM sale_order WHERE partner_id = %s)
            """,
            [partner.id, partner.commercial_partner_id.id, partner.id],
        )
        self.env.cr.execute(
            "UPDATE lifecycle_stage_history"
            " SET trigger_details = trigger_details - 'note'"
            " WHERE customer_id = %s AND trigger_details ? 'note'",
            [partner.id],
        )
        self.env["lifecycle.event"].invalidate_model(["data"])
        self.env["lifecycle.stage.history"].invalidate_model(["trigger_details"])
