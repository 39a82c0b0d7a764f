from odoo import models


class LoyaltySourcedMixin(models.AbstractModel):
    """Rows whose source is a record, or a plain word such as those that other systems
    give: views read both.
    """

    _name = "loyalty.sourced.mixin"
    _description = "Row with a Source"

    def _is_of_record(self):
        """Whether the source names a model whose records can be read."""
        model = self.env.get(self.source_type)
        return model is not None and not model._abstract

    def web_read(self, specification):
        """Standard looks for the record behind every id, whatever the word beside it;
        where it is no model, there is none.
        """
        if not specification.get("source_id"):
            return super().web_read(specification)
        plain = self.filtered(lambda row: not row._is_of_record())
        found = super(LoyaltySourcedMixin, self - plain).web_read(specification)
        number_only = {**specification, "source_id": {}}
        for values in super(LoyaltySourcedMixin, plain).web_read(number_only):
            found.append({**values, "source_id": False})
        by_id = {values["id"]: values for values in found}
        return [by_id[number] for number in self._ids]
