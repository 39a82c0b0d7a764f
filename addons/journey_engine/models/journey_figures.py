from odoo import api, models
from odoo.tools import SQL

from ..const import COLLEAGUES, WENT_OUT
from ..tools.figures import no_figures


class JourneyFigures(models.AbstractModel):
    """What a journey brought about; read from orders and deliveries as they are now.

    The control group counts in no figure: ``get_lift`` compares with it. Runs are a
    ``journey.conversion``.
    """

    _name = "journey.figures"
    _description = "Figures of a Journey"

    def _run_table(self):
        return SQL.identifier(self.env[self._run_model]._table)

    def _won_status(self):
        """Return the status of passes that reached the goal."""
        return self.env[self._run_model]._won

    def _revenue_once(self):
        """Return {company id: (conversions, revenue)}, each order counted once."""
        self.env.flush_all()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT company_id, count(*)::int, sum(value)::float FROM (
                    SELECT DISTINCT ON (coalesce(r.conversion_order_id, -r.id))
                           r.company_id,
                           coalesce(r.conversion_value, 0) - %(refunded)s AS value
                      FROM %(runs)s r
                      LEFT JOIN sale_order o ON o.id = r.conversion_order_id
                     WHERE r.definition_id = ANY(%(ids)s) AND r.is_holdout IS NOT TRUE
                       AND r.status = %(won)s
                     ORDER BY coalesce(r.conversion_order_id, -r.id),
                           r.conversion_value DESC NULLS LAST, r.id) k
                 GROUP BY 1 ORDER BY 1
                """,
                refunded=self._refunded_sql(),
                runs=self._run_table(),
                won=self._won_status(),
                ids=self.ids,
            )
        )
        return {company: (count, value) for company, count, value in rows}

    @api.model
    def _in_one_currency(self, amounts):
        """Return the sum of amounts in the current company's currency.

        :param dict amounts: {company id: amount in that company's currency}
        """
        company = self.env.company
        today = self.env["lifecycle.engine"]._clock().today(company)
        companies = self.env["res.company"].sudo().browse(amounts)
        return sum(
            each.currency_id._convert(
                amounts[each.id], company.currency_id, company, today
            )
            for each in companies
        )

    def _message_figures(self):
        """Return {journey id: (sent, opened, clicked)} of messages to customers."""
        rows = self.env.execute_query(
            SQL(
                """
                SELECT definition_id, sum(sent), sum(opened), sum(clicked) FROM (%s) s
                 WHERE channel IS NULL OR channel <> ALL(%s) GROUP BY 1
                """,
                self._query_steps(),
                list(COLLEAGUES),
            )
        )
        return {number: tuple(map(int, figures)) for number, *figures in rows}

    def _query_steps(self):
        """Select per journey and step what became of its messages, those that were
        summarised in the meantime included.
        """
        # Grouped first: names of states and reasons are compared per group, and OFFSET
        # keeps PostgreSQL from comparing them a million times all the same.
        return SQL(
            """
            SELECT definition_id, step_code, channel, state, reason, n AS deliveries,
                   CASE WHEN state = ANY(%(went_out)s) OR state = 'bounced'
                        THEN n ELSE 0 END AS sent,
                   opened, clicked
              FROM (
                SELECT definition_id, step_code, channel, state, reason,
                       count(*) AS n,
                       count(*) FILTER (WHERE opened_at IS NOT NULL
                                           OR clicked_at IS NOT NULL) AS opened,
                       count(clicked_at) AS clicked
                  FROM journey_delivery
                 WHERE definition_model = %(model)s AND definition_id = ANY(%(ids)s)
                 GROUP BY 1, 2, 3, 4, 5
                UNION ALL
                SELECT definition_id, step_code, channel, state, reason,
                       sum(deliveries), sum(opened), sum(clicked)
                  FROM journey_delivery_summary
                 WHERE definition_model = %(model)s AND definition_id = ANY(%(ids)s)
                 GROUP BY 1, 2, 3, 4, 5 OFFSET 0) d
             WHERE reason IS DISTINCT FROM 'holdout'
            """,
            went_out=list(WENT_OUT),
            model=self._name,
            ids=self.ids,
        )

    def _offer_costs(self):
        """Return {journey id: discount given by the codes that it sent, and what
        its offers gave at once}.
        """
        self.env.flush_all()
        return dict(
            self.env.execute_query(
                SQL(
                    "SELECT journey_id, sum(cost)::float FROM (%s) c GROUP BY 1",
                    self.env["journey.offer"]._costs_query(self._name, self.ids),
                )
            )
        )

    def _step_figures(self):
        """Return the figures per step, in the order of the steps; those of steps that
        are no more come last.
        """
        self.env.flush_all()
        found = {}
        for row in self.env.execute_query_dict(self._query_steps()):
            figures = found.setdefault(row["step_code"], no_figures())
            figures["deliveries"] += int(row["deliveries"])
            for name in ("sent", "opened", "clicked"):
                figures[name] += int(row[name])
            figures["to_colleagues"] = row["channel"] in COLLEAGUES
            if not figures["to_colleagues"]:
                figures["to_customers"] += int(row["sent"])
            if not row["sent"]:
                reason = row["reason"] or row["state"]
                known = figures["not_sent"].get(reason, 0)
                figures["not_sent"][reason] = known + int(row["deliveries"])
        for code, converted, revenue in self.env.execute_query(self._query_earned()):
            figures = found.setdefault(code, no_figures())
            figures |= {"converted": converted, "revenue": revenue}
        names = {step.code: step.name or step.code for step in self.step_ids}
        order = [*names, *sorted(set(found) - set(names))]
        return [
            {"code": code, "name": names.get(code, code), **found[code]}
            for code in order
            if code in found
        ]

    def _query_earned(self):
        """Select per step the conversions that followed its message, net of refunds."""
        return SQL(
            """
            SELECT r.earned_by, count(*)::int,
                   sum(r.conversion_value - %(refunded)s)::float
              FROM %(runs)s r
              LEFT JOIN sale_order o ON o.id = r.conversion_order_id
             WHERE r.definition_id = %(journey)s AND r.status = %(won)s
               AND r.is_holdout IS NOT TRUE AND r.earned_by IS NOT NULL
             GROUP BY 1
            """,
            refunded=self._refunded_sql(),
            runs=self._run_table(),
            won=self._won_status(),
            journey=self.id,
        )
