from odoo import api, fields, models

MARKETER = "customer_lifecycle.group_lifecycle_user"
READERS = f"{MARKETER},sales_team.group_sale_salesman"


class ResPartner(models.Model):
    _inherit = "res.partner"

    birthday = fields.Date(groups="base.group_user")
    lifecycle_ids = fields.One2many(
        "customer.lifecycle",
        "customer_id",
        "Lifecycle per company",
        groups=READERS,
    )
    lifecycle_id = fields.Many2one(
        "customer.lifecycle",
        compute="_compute_lifecycle_id",
        search="_search_lifecycle_id",
        groups=READERS,
    )
    lifecycle_stage = fields.Selection(
        related="lifecycle_id.current_stage", string="Lifecycle stage", groups=READERS
    )

    @api.depends("commercial_partner_id.lifecycle_ids")
    @api.depends_context("company")
    def _compute_lifecycle_id(self):
        lifecycle = self.env["customer.lifecycle"].with_context(active_test=False)
        rows = lifecycle.search(
            [
                ("customer_id", "in", self.commercial_partner_id.ids),
                ("company_id", "=", self.env.company.id),
            ]
        )
        by_customer = {row.customer_id: row for row in rows}
        for partner in self:
            partner.lifecycle_id = by_customer.get(partner.commercial_partner_id)

    @api.model
    def _search_lifecycle_id(self, operator, value):
        if operator not in ("in", "any", "any!"):
            return NotImplemented
        company = fields.Domain("company_id", "=", self.env.company.id)
        if operator != "in":
            rows = company & fields.Domain(value)
            return fields.Domain("commercial_partner_id.lifecycle_ids", operator, rows)
        found = company & fields.Domain("id", "in", [v for v in value if v])
        domain = fields.Domain("commercial_partner_id.lifecycle_ids", "any", found)
        if False in value:
            domain |= ~fields.Domain(
                "commercial_partner_id.lifecycle_ids", "any", company
            )
        return domain

    def _mail_get_operation_for_mail_message_operation(self, message_operation):
        """Let marketers take notes on customers whom they cannot edit."""
        operations = super()._mail_get_operation_for_mail_message_operation(
            message_operation
        )
        if message_operation == "create":
            noted = self.filtered(lambda partner: partner._are_open_to_marketer())
            operations |= dict.fromkeys(noted, "read")
        return operations

    def _are_open_to_marketer(self):
        """Whether the user is a marketer and these are customers, or their contacts."""
        customers = self.sudo()
        return self.env.user.has_group(MARKETER) and all(
            partner.commercial_partner_id.lifecycle_ids for partner in customers
        )

    @api.model_create_multi
    def create(self, vals_list):
        partners = super().create(vals_list)
        for partner, vals in zip(partners, vals_list, strict=True):
            if vals.get("customer_rank"):
                partner._record_signups()
        return partners

    def write(self, vals):
        moving = "parent_id" in vals or "is_company" in vals
        before = {p: p.commercial_partner_id for p in self} if moving else {}
        newcomers = self._newcomers(vals)
        result = super().write(vals)
        for partner in newcomers:
            partner._record_signups()
        if vals.get("active"):
            self._record_customer_changes()
        for partner, former in before.items():
            partner._follow_commercial_partner(former)
        return result

    def _newcomers(self, vals):
        if not vals.get("customer_rank"):
            return self.browse()
        return self.filtered(lambda p: not p.customer_rank)

    def _record_signups(self, company=None):
        """Record that these partners became customers."""
        self.env["lifecycle.event"].sudo()._record(
            [
                {
                    "customer_id": partner.commercial_partner_id.id,
                    "company_id": (
                        company or partner.company_id or self.env.company
                    ).id,
                    "event_type": "signup",
                    "event_key": f"signup:{partner.commercial_partner_id.id}",
                    "occurred_at": fields.Datetime.now(),
                    "res_model": "res.partner",
                    "res_id": partner.id,
                }
                for partner in self
            ]
        )

    def _record_customer_changes(self):
        """Record that customers must be looked at again in all their companies."""
        rows = self.env["customer.lifecycle"].sudo().with_context(active_test=False)
        found = rows.search([("customer_id", "in", self.commercial_partner_id.ids)])
        self.env["lifecycle.event"].sudo()._record(
            [
                {
                    "customer_id": row.customer_id.id,
                    "company_id": row.company_id.id,
                    "event_type": "customer_changed",
                    "event_key": f"customer_changed:{row.customer_id.id}:"
                    f"{fields.Datetime.now().isoformat(timespec='microseconds')}",
                    "occurred_at": fields.Datetime.now(),
                    "res_model": "res.partner",
                    "res_id": row.customer_id.id,
                }
                for row in found
            ]
        )

    def _follow_commercial_partner(self, former):
        """Consolidate when this partner's orders now belong to another customer.

        :param former: the commercial partner before the write
        """
        current = self.commercial_partner_id
        if current == former:
            return
        engine = self.env["lifecycle.engine"].sudo()
        if former == self:
            engine._merge_customers(self, current)
        engine._customers_moved(former | current)
