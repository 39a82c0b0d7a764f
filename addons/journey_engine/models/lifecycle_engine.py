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
                self._both_walk_query(model, source.id, target.id)
            )
            now = self.env.cr.now().replace(microsecond=0)
            self.env[model].sudo()._end(
                [run for (run,) in rows], "cancelled", "merged", now
            )
        self._merge_slots(source, target)
        return super()._merge_customers(source, target)

    def _both_walk_query(self, model, source, target):
        """Select the source's running runs of journeys that the target walks, too, or
        has walked where that is to happen but once.
        """
        definitions = self.env["journey.scheduler"]._definition_model(model)
        return SQL(
            """
            SELECT s.id FROM %(table)s s JOIN %(table)s t
                ON t.definition_id = s.definition_id AND t.customer_id = %(target)s
              JOIN %(definitions)s d ON d.id = s.definition_id
                   AND (t.run_state = 'running' OR %(once)s)
             WHERE s.customer_id = %(source)s AND s.run_state = 'running'
            """,
            table=SQL.identifier(self.env[model]._table),
            definitions=SQL.identifier(self.env[definitions]._table),
            once=self.env[definitions]._once_sql(),
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
        deliveries = self.env["journey.delivery"].sudo()
        mine = deliveries.search(
            ["|", ("customer_id", "=", partner.id), ("addressee_id", "=", partner.id)]
        ).filtered(lambda d: partner == (d.addressee_id or d.customer_id))
        queued = mine.filtered(lambda d: d.state == "queued")
        queued._cancel_queued(dict.fromkeys(queued.ids, "erased"))
        self.env.flush_all()
        # Purged deliveries leave their traces behind, merged people their number.
        own = [("model", "=", "res.partner"), ("res_id", "=", partner.id)]
        journeys = [("mass_mailing_id.journey_company_id", "!=", False)]
        every = self.env["mailing.trace"].sudo().search(own + journeys)
        traces = (mine.trace_id | every).ids
        texts = mine.sms_id.ids
        self.env.cr.execute(
            "UPDATE mail_mail l SET email_to = NULL, body_html = NULL"
            " FROM mail_message g, mailing_trace t WHERE g.id = l.mail_message_id"
            " AND g.message_id = t.message_id AND t.id = ANY(%s)",
            [traces],
        )
        self.env.cr.execute(
            "UPDATE mail_message g SET subject = NULL FROM mailing_trace t"
            " WHERE g.message_id = t.message_id AND t.id = ANY(%s)",
            [traces],
        )
        self.env.cr.execute(
            "UPDATE mailing_trace SET email = NULL, sms_number = NULL"
            " WHERE id = ANY(%s)",
            [traces],
        )
        self.env.cr.execute(
            "UPDATE sms_sms SET number = NULL, body = NULL WHERE id = ANY(%s)", [texts]
        )
        self.env.invalidate_all()
