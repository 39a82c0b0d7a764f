from odoo import api, models


class JourneyShipping(models.AbstractModel):
    """Journeys that come with an addon: each company gets its own, switched off."""

    _name = "journey.shipping"
    _description = "Journeys that Addons bring"

    @api.model
    def _shipped(self):
        """Return the journeys that came with addons, for the first company."""
        known = self.env["ir.model.data"].sudo()
        # An export of Odoo's gives external ids, too: those name no addon.
        addons = self.env["ir.module.module"].sudo()
        addons = addons.search([("state", "!=", "uninstalled")]).mapped("name")
        domain = [("model", "=", self._name), ("module", "in", addons)]
        ids = known.search(domain).mapped("res_id")
        return self.sudo().with_context(active_test=False).search([("id", "in", ids)])

    @api.model
    def _ship(self, companies):
        """Give companies the shipped journeys that they do not have yet.

        :param companies: ``res.company``
        :return: the new journeys
        """
        shipped, created = self._shipped(), self.sudo()
        for company in companies:
            codes = set(
                created.with_context(active_test=False)
                .search([("company_id", "=", company.id)])
                .mapped("code")
            )
            for journey in shipped.filtered(lambda j, c=codes: j.code not in c):
                created |= journey._copy_to(company)
        return created

    def _copy_to(self, company):
        """Return a copy for another company, with an offer of its own."""
        values = {"company_id": company.id, "code": self.code, "name": self.name}
        if self.offer_id:
            offer = self.offer_id.copy({"company_id": company.id})
            values["offer_id"] = offer.id
        return self.with_company(company).copy(values | self._copy_values(company))

    def _copy_values(self, company):
        """Return what else a copy for another company says otherwise."""
        return {}
