from odoo import api, models
from odoo.exceptions import ValidationError
from odoo.tools import SQL

MAX_DIFFERENCES = 1000
CHECKED = (
    "total_orders",
    "total_revenue",
    "first_order_date",
    "last_order_date",
    "last_order_at",
    "average_order_gap",
    "customer_since",
    "won_back_at",
)


class LifecycleIntegrity(models.AbstractModel):
    """Do the stored facts still say what the orders say?"""

    _inherit = "lifecycle.engine"

    @api.model
    def check_integrity(self, repair=False):
        """Compare the facts of every active customer with their orders.

        Those of a bridge (subscriptions, deliveries) are compared with their sources.

        The archived are counted again when they return.

        :param bool repair: count and evaluate the differing customers again
        :return: list (at most 1,000) of dicts: customer_id, company_id, and per
            differing fact a list of what is stored and what the orders say;
            ``missing`` True for a customer without a row
        :raises ValidationError: ``repair`` is neither true nor false
        :raises AccessError: the user is no marketer; for ``repair`` no manager
        """
        self._check_manager() if repair else self._check_marketer()
        if not isinstance(repair, bool):
            raise ValidationError(
                self.env._("repair: %s is neither true nor false.", repr(repair)[:50])
            )
        moment = self._clock().now
        self.env.flush_all()
        differences = []
        for scope in self._id_ranges(moment):
            differences += self._differing_facts(scope, moment)
        missing = self._missing_rows(moment)
        if repair:
            self._repair(differences, missing, moment)
        found = [self._as_json(row) for row in differences]
        found += [
            {"customer_id": customer, "company_id": company, "missing": True}
            for customer, company in missing
        ]
        return found[:MAX_DIFFERENCES]

    def _differing_facts(self, scope, now):
        """Return a dict for each row whose facts are not those of their sources."""
        lifecycle = self.env["customer.lifecycle"].sudo()
        ctes = lifecycle._facts_ctes(scope, now)
        found = {}
        for names, query in [
            (CHECKED, SQL("WITH %s SELECT * FROM facts", ctes)),
            *lifecycle._other_facts_queries(scope, now),
        ]:
            for row in self._differing_columns(names, query):
                found.setdefault(row["id"], {}).update(self._describe(names, row))
        return list(found.values())

    def _differing_columns(self, names, query):
        stored, counted = (
            SQL(", ").join(SQL.identifier(alias, name) for name in names)
            for alias in ("l", "f")
        )
        self.env.cr.execute(
            SQL(
                """
                SELECT l.id, l.customer_id, l.company_id,
                       jsonb_build_array(%(stored)s) AS stored,
                       jsonb_build_array(%(counted)s) AS counted
                  FROM (%(query)s) f JOIN customer_lifecycle l ON l.id = f.id
                  JOIN res_partner rp ON rp.id = l.customer_id AND rp.active
                 WHERE (%(stored)s) IS DISTINCT FROM (%(counted)s)
                """,
                query=query,
                stored=stored,
                counted=counted,
            )
        )
        return self.env.cr.dictfetchall()

    def _describe(self, names, row):
        pairs = zip(names, row["stored"], row["counted"], strict=True)
        return {
            "customer_id": row["customer_id"],
            "company_id": row["company_id"],
            **{name: [old, new] for name, old, new in pairs if old != new},
        }

    def _missing_rows(self, now):
        lifecycle = self.env["customer.lifecycle"].sudo()
        self.env.cr.execute(
            SQL(
                """
                SELECT l.customer_id, l.company_id FROM (%s) l
                 WHERE %s AND NOT EXISTS (
                       SELECT FROM customer_lifecycle c
                        WHERE c.customer_id = l.customer_id
                          AND c.company_id = l.company_id)
                 LIMIT %s
                """,
                lifecycle._members_query(now),
                self._company_scope(),
                MAX_DIFFERENCES,
            )
        )
        return self.env.cr.fetchall()

    def _repair(self, differences, missing, now):
        lifecycle = self.env["customer.lifecycle"].sudo()
        lifecycle._insert_missing(missing, now)
        lifecycle._touch([(r["customer_id"], r["company_id"]) for r in differences])
        # By id: counting the facts takes the rows out of any other condition.
        stale = self._stale_ids(self._company_scope(), now)
        self._evaluate_scope(SQL("l.id = ANY(%s)", stale), now, "scheduled")
