from datetime import timedelta

from odoo import api, models
from odoo.fields import Domain
from odoo.tools import SQL

from ..tools.draw import LOTS, draw_sql, shares

# Whom to write to: the contact of the last order who can be reached, else the
# customer. Only companies have contacts, so others cost one look at an index.
ADDRESSEE = SQL(
    """
    CASE WHEN EXISTS (SELECT FROM res_partner k WHERE k.parent_id = l.customer_id)
    THEN coalesce((
        SELECT so.partner_id FROM res_partner c
          JOIN sale_order so ON so.partner_id = c.id
                            AND so.company_id = l.company_id
         WHERE c.commercial_partner_id = l.customer_id AND c.active
           AND so.state = 'sale'
           AND (c.email IS NOT NULL OR c.phone IS NOT NULL)
         ORDER BY so.date_order DESC, so.id DESC LIMIT 1), l.customer_id)
    ELSE l.customer_id END
    """
)


class JourneyEnrolment(models.AbstractModel):
    """How customers enter a journey: many at once, nobody twice."""

    _name = "journey.enrolment"
    _description = "Enrolment in a Journey"

    def _enrol(self, scope, now, delay_hours=0, **columns):
        """Let customers in who may enter.

        In one statement, plus two for an exclusive group. Whoever already walks this
        journey, may not enter again yet, walks something of at least this priority
        in the group or is archived, stays out.

        :param SQL scope: condition on alias ``l`` (customer_lifecycle)
        :param datetime now: naive UTC
        :param float delay_hours: from when the steps' delays count, after ``now``
        :param SQL columns: further columns of the runs, expressions on ``l``
        :return: list of the ids of the new runs
        """
        self.ensure_one()
        if not self.is_active or not self.active:
            return []
        version = self._current_version()
        steps = version._steps()
        if not steps:
            return []
        self.env.flush_all()
        anchor = now + timedelta(hours=delay_hours)
        query = self._enrol_query(scope, version, steps, now, anchor, columns)
        runs = [run for (run,) in self.env.execute_query(query)]
        if runs and self.exclusive_group:
            self._take_slots(runs, now)
        self.env[self._run_model].invalidate_model()
        return runs

    def _enrol_query(self, scope, version, steps, now, anchor, further):
        due_at = anchor + timedelta(hours=steps[0].delay_hours)
        columns = {
            "definition_id": SQL("%s", self.id),
            "company_id": SQL("l.company_id"),
            "version_id": SQL("%s", version.id),
            "step_id": SQL("%s", steps[0].id),
            "customer_id": SQL("l.customer_id"),
            "addressee_id": ADDRESSEE,
            "run_state": SQL("'running'"),
            "steps_completed": SQL("0"),
            "attempts": SQL("0"),
            "started_at": SQL("%s", now),
            "anchor_at": SQL("%s", anchor),
            "next_step_at": SQL("%s", due_at),
            "step_due_at": SQL("%s", due_at),
            "variant": self._variant_sql(steps),
            "is_holdout": self._holdout_sql(),
            **self._enrolment_values(now),
            **further,
        }
        return SQL(
            """
            INSERT INTO %s (%s, create_uid, create_date) %s
                ON CONFLICT DO NOTHING RETURNING id
            """,
            SQL.identifier(self.env[self._run_model]._table),
            SQL(", ").join(map(SQL.identifier, columns)),
            self._entering_query(
                [
                    *columns.values(),
                    SQL("%s", self.env.uid),
                    SQL("now() AT TIME ZONE 'UTC'"),
                ],
                scope,
                now,
            ),
        )

    def _entering_query(self, values, scope, now):
        """Select ``values`` of the customers in ``scope`` who may enter."""
        return SQL(
            """
            SELECT %s FROM customer_lifecycle l
              JOIN res_partner rp ON rp.id = l.customer_id AND rp.active
             WHERE l.company_id = %s AND (%s) AND %s
             ORDER BY l.customer_id
            """,
            SQL(", ").join(values),
            self.company_id.id,
            scope,
            self._allowed_sql(now),
        )

    def _enrolment_values(self, now):
        """Return further columns of a new run: {name: SQL}; an addon adds its own."""
        return {}

    def _holdout_sql(self):
        lots = round(self.holdout_percent * LOTS / 100)
        drawn = draw_sql(f"holdout:{self.code}", SQL("l.customer_id"))
        return SQL("%s < %s", drawn, lots) if lots else SQL("FALSE")

    def _variant_sql(self, steps):
        """Draw one of the variants that the steps name, by their weights."""
        weights = {}
        for step in steps.filtered("split"):
            weights.setdefault(step.split, step.split_weight)
        if not weights:
            return SQL("NULL")
        drawn = draw_sql(f"variant:{self.code}", SQL("l.customer_id"))
        cases = [
            SQL("WHEN %s < %s THEN %s", drawn, upto, name)
            for name, upto in shares(sorted(weights.items()))
        ]
        return SQL("CASE %s END", SQL(" ").join(cases))

    # ----------------------------------------------------------------------- daily
    @api.model
    def _due_today(self, now):
        """Return the journeys that are to look for customers now; an addon says.

        :param datetime now: naive UTC
        """
        return self.browse()

    def _enter_daily(self, now):
        """Let in whom the journey finds today; after it ``_due_today`` has it no more.

        :param datetime now: naive UTC
        :return: number of new runs
        """
        return 0

    # --------------------------------------------------------------------- allowed
    def _allowed_sql(self, now):
        """Condition on ``l``: the customer may enter."""
        runs = SQL.identifier(self.env[self._run_model]._table)
        mine = SQL(
            "SELECT FROM %s r WHERE r.definition_id = %s"
            " AND r.customer_id = l.customer_id",
            runs,
            self.id,
        )
        allowed = SQL("NOT EXISTS (%s AND %s)", mine, self._bars_sql(now))
        if not self.exclusive_group:
            return allowed
        return SQL(
            """%s AND NOT EXISTS (
                SELECT FROM journey_slot s
                 WHERE s.customer_id = l.customer_id AND s.company_id = l.company_id
                   AND s.exclusive_group = %s AND s.priority >= %s)""",
            allowed,
            self.exclusive_group,
            self.priority,
        )

    @api.model
    def _once_sql(self):
        """Condition on ``d`` (definition), ``s`` and ``t`` (runs of two customers who
        become one): what ``t`` walked, nobody walks again, so ``s`` ends.
        """
        return SQL("d.reentry = 'never'")

    def _bars_sql(self, now):
        """Condition on ``r``: this earlier run keeps its customer out."""
        if self.reentry == "never":
            return SQL("TRUE")
        running = SQL("r.run_state = 'running'")
        if self.reentry == "after_exit":
            return running
        return SQL(
            "(%s OR coalesce(r.completed_at, r.started_at) > %s)",
            running,
            now - timedelta(days=self.reentry_days),
        )

    # ----------------------------------------------------------------------- slots
    def _take_slots(self, runs, now):
        """Take the group's slots for new runs; lower runs in them end."""
        model = self.env[self._run_model]
        rows = self.env.execute_query(
            SQL(
                """
                SELECT s.run_model, array_agg(s.run_id) FROM journey_slot s
                  JOIN %s r ON r.customer_id = s.customer_id
                           AND r.company_id = s.company_id
                 WHERE r.id = ANY(%s) AND s.exclusive_group = %s GROUP BY s.run_model
                """,
                SQL.identifier(model._table),
                runs,
                self.exclusive_group,
            )
        )
        for other, ids in rows:
            self.env[other].sudo()._end(ids, "cancelled", "superseded", now)
        self.env.cr.execute(
            SQL(
                """
                INSERT INTO journey_slot (customer_id, company_id, exclusive_group,
                                          run_model, run_id, priority)
                SELECT customer_id, company_id, %s, %s, id, %s FROM %s
                 WHERE id = ANY(%s) ORDER BY customer_id
                    -- Somebody else took one meanwhile: a collision, tried again.
                    ON CONFLICT (customer_id, company_id, exclusive_group)
                    DO UPDATE SET run_id = excluded.run_id
                """,
                self.exclusive_group,
                model._name,
                self.priority,
                SQL.identifier(model._table),
                runs,
            )
        )
        self.env["journey.slot"].invalidate_model()

    # -------------------------------------------------------------------- audience
    def _audience_domain(self):
        """Return who would enter now, a domain on customer.lifecycle; an addon says."""
        return Domain.TRUE

    def _audience_scope(self):
        """Return the audience as a condition on ``l``."""
        return self._domain_scope(self._audience_domain())

    @api.model
    def _domain_scope(self, domain):
        """Return the condition on ``l`` that a domain on customer.lifecycle means."""
        found = self.env["customer.lifecycle"].sudo()._search(domain)
        return SQL("l.id IN %s", found.subselect())
