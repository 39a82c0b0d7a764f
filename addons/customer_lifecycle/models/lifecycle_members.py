from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import SQL

from ..tools.planner import unless_known

# From so many new rows on the planner needs fresh statistics.
MANY = 1000


class LifecycleMembers(models.AbstractModel):
    """Who is a customer: rows appear by themselves."""

    _name = "lifecycle.members"
    _description = "Lifecycle Membership"

    @api.model
    def _insert_missing(self, pairs, now=None):
        """Insert the missing rows of ``(customer id, company id)`` pairs.

        :return: number of rows that were new
        """
        if not pairs:
            return 0
        now = now or fields.Datetime.now()
        pairs = sorted(set(pairs))
        return self._insert_rows(
            SQL(
                "SELECT * FROM unnest(%s::int[], %s::int[])"
                " AS m(customer_id, company_id)",
                [customer for customer, _company in pairs],
                [company for _customer, company in pairs],
            ),
            now,
        )

    @api.model
    def _insert_rows(self, members, now, history=False):
        """Insert a row, and its sign-up event, for each member without one.

        :param SQL members: query of ``customer_id, company_id``
        """
        self.env.flush_all()
        # The ids are for the sign-ups; a whole history has too many to hold.
        self.env.cr.execute(
            SQL(
                "WITH inserted AS (%s) SELECT count(*), %s FROM inserted",
                self._insert_query(members, now),
                SQL("NULL") if history else SQL("array_agg(id)"),
            )
        )
        number, ids = self.env.cr.fetchone()
        if number > MANY:
            # The planner takes a table without statistics for empty and would join
            # it row by row; a whole import is younger than the last autovacuum.
            self.env.cr.execute("ANALYZE customer_lifecycle, res_partner, sale_order")
        if ids:
            self.env["lifecycle.event"]._record_signups(SQL("l.id = ANY(%s)", ids))
        return number

    def _insert_query(self, members, now):
        return SQL(
            """
                INSERT INTO customer_lifecycle (
                    customer_id, company_id, current_stage, onboarding_status,
                    engagement_score, engagement_attainable, engagement_trend,
                    health_score, churn_risk_score, total_orders, total_revenue,
                    has_active_subscription, subscription_count, subscription_mrr,
                    customer_since, stage_changed_at, next_evaluation_date,
                    create_date, write_date, create_uid, write_uid, updated_at)
                SELECT m.customer_id, m.company_id, 'acquired', 'not_started',
                       0, 55, 'stable', 0, 0, 0, 0, FALSE, 0, 0,
                       rp.create_date::date, %(now)s, %(now)s::date - 1,
                       %(now)s, %(now)s, %(uid)s, %(uid)s, %(now)s
                  FROM (%(members)s) m
                  JOIN res_partner rp ON rp.id = m.customer_id
                 WHERE %(unknown)s
                    ON CONFLICT (customer_id, company_id) DO NOTHING
                RETURNING id
                """,
            members=members,
            unknown=unless_known(
                self.env.cr,
                self._table,
                SQL(
                    "known.customer_id = m.customer_id"
                    " AND known.company_id = m.company_id"
                ),
            ),
            now=now,
            uid=self.env.uid,
        )

    @api.model
    def _touch(self, pairs):
        """Have the rows of (customer id, company id) pairs counted and evaluated."""
        if not pairs:
            return
        self.env.flush_all()
        self.env.cr.execute(
            """
            UPDATE customer_lifecycle l
               SET facts_on = NULL,
                   next_evaluation_date = least(l.next_evaluation_date, %s::date)
              FROM unnest(%s::int[], %s::int[]) AS m(customer_id, company_id)
             WHERE l.customer_id = m.customer_id AND l.company_id = m.company_id
            """,
            # Yesterday in UTC: due at once wherever it is not yet today.
            [
                fields.Date.today() - timedelta(days=1),
                [pair[0] for pair in pairs],
                [pair[1] for pair in pairs],
            ],
        )
        self.invalidate_model(["facts_on", "next_evaluation_date"])
        self.env["lifecycle.engine"]._wake_evaluation()

    @api.model
    def _refresh_touched(self, customers, company, now):
        """Count what customers did a moment ago, before somebody decides by it; what
        follows from it for their stage is the evaluation's.

        :param list customers: ids of commercial partners
        :param company: ``res.company``
        :param datetime now: UTC
        """
        self._refresh_facts(
            SQL(
                "l.company_id = %s AND l.customer_id = ANY(%s) AND l.facts_on IS NULL",
                company.id,
                list(customers),
            ),
            now,
        )

    @api.model
    def _members_query(self, now):
        """Select who is a customer by ``now``: ``customer_id, company_id``.

        Confirmed order, portal login or ``customer_rank``. Who never ordered belongs
        to the company of the partner, else of the login, else the first company;
        not to a second one once a row stands where the sign-up was seen.
        """
        return SQL(
            """
            WITH buyers AS (
                SELECT DISTINCT o.customer_id, o.company_id
                  FROM (%(sources)s) o
                  JOIN (%(policy)s) p ON p.company_id = o.company_id
                 WHERE (o.ordered_at AT TIME ZONE 'UTC' AT TIME ZONE p.tz)::date
                       <= p.today
            )
            SELECT customer_id, company_id FROM buyers
            UNION
            SELECT rp.commercial_partner_id,
                   coalesce(cp.company_id, rp.company_id, min(u.company_id),
                            (SELECT min(id) FROM res_company))
              FROM res_partner rp
              JOIN res_partner cp ON cp.id = rp.commercial_partner_id
              LEFT JOIN res_users u ON u.partner_id = rp.id AND u.share AND u.active
                   AND EXISTS (SELECT FROM res_groups_users_rel g
                                WHERE g.uid = u.id AND g.gid = %(portal)s)
             WHERE rp.active AND (u.id IS NOT NULL OR rp.customer_rank > 0)
               AND rp.create_date <= %(now)s
               AND NOT EXISTS (SELECT FROM buyers b
                                WHERE b.customer_id = rp.commercial_partner_id)
               AND NOT EXISTS (SELECT FROM customer_lifecycle known
                                WHERE known.customer_id = rp.commercial_partner_id)
             GROUP BY rp.commercial_partner_id, cp.company_id, rp.company_id
            """,
            sources=SQL(" UNION ALL ").join(self._order_facts_queries()),
            policy=self._policy_relation(now),
            portal=self.env.ref("base.group_portal").id,
            now=now,
        )
