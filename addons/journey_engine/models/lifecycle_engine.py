from odoo import api, models
from odoo.tools import SQL


class LifecycleEngine(models.AbstractModel):
    _inherit = "lifecycle.engine"

    @api.model
    def _merge_tables(self):
        runs = self.env["journey.scheduler"]._run_models()
        tables = [self.env[model]._table for model in runs]
        return [*super()._merge_tables(), "journey_delivery", "journey_slot", *tables]

    @api.model
    def _merge_customers(self, source, target):
        """One customer walks a journey, and holds a group, once: the source steps
        back where both do.
        """
        self.env.flush_all()
        scheduler = self.env["journey.scheduler"].sudo()
        for model in scheduler._run_models():
            rows = self.env.execute_query(
                self._both_walk_query(self.env[model]._table, source.id, target.id)
            )
            now = self.env.cr.now().replace(microsecond=0)
            self.env[model].sudo()._end(
                [run for (run,) in rows], "cancelled", "merged", now
            )
        self._merge_slots(source, target)
        return super()._merge_customers(source, target)

    def _both_walk_query(self, table, source, target):
        return SQL(
            """
            SELECT s.id FROM %(table)s s JOIN %(table)s t
                ON t.definition_id = s.definition_id AND t.customer_id = %(target)s
               AND t.run_state = 'running'
             WHERE s.customer_id = %(source)s AND s.run_state = 'running'
            """,
            table=SQL.identifier(table),
            source=source,
            target=target,
        )

    def _merge_slots(self, source, target):
        """In a group that both hold, the source's run ends."""
        rows = self.env.execute_query(
            SQL(
                """
                SELECT s.run_model, array_agg(s.run_id) FROM journey_slot s
                  JOIN journey_slot t ON t.company_id = s.company_id
                       AND t.exclusive_group = s.exclusive_group
                       AND t.customer_id = %s
                 WHERE s.customer_id = %s GROUP BY s.run_model
                """,
                target.id,
                source.id,
            )
        )
        for model, ids in rows:
            now = self.env.cr.now().replace(microsecond=0)
            self.env[model].sudo()._end(ids, "cancelled", "merged", now)

    @api.model
    def _anonymize_customer(self, partner):
        """End what a person walks; what was sent stays as a figure."""
        result = super()._anonymize_customer(partner)
        runs = self.env["journey.scheduler"].sudo()._run_models()
        now = self.env.cr.now().replace(microsecond=0)
        for model in runs:
            mine = (
                self.env[model]
                .sudo()
                .search(
                    [("customer_id", "=", partner.id), ("run_state", "=", "running")]
                )
            )
            mine._end(mine.ids, "cancelled", "erased", now)
        self._forget_messages(partner)
        return result

    def _forget_messages(self, partner):
        """What journeys wrote to a person names the person no more."""
        self.env.flush_all()
        ours = """
            SELECT t.id, t.message_id FROM mailing_trace t
              JOIN mailing_mailing m ON m.id = t.mass_mailing_id
             WHERE m.journey_company_id IS NOT NULL
               AND t.model = 'res.partner' AND t.res_id = %s
        """
        self.env.cr.execute(
            f"UPDATE mail_mail l SET email_to = NULL, body_html = NULL"
            f" FROM mail_message g, ({ours}) o WHERE g.id = l.mail_message_id"
            f" AND g.message_id = o.message_id AND l.state <> 'outgoing'",
            [partner.id],
        )
        self.env.cr.execute(
            f"UPDATE mail_message g SET subject = NULL FROM ({ours}) o"
            f" WHERE g.message_id = o.message_id",
            [partner.id],
        )
        self.env.cr.execute(
            f"UPDATE mailing_trace t SET email = NULL FROM ({ours}) o"
            f" WHERE t.id = o.id",
            [partner.id],
        )
        self.env.invalidate_all()
