from lxml import etree

from odoo import models


class IrQweb(models.AbstractModel):
    _inherit = "ir.qweb"

    def _compile(self, template):
        """A batch renders one body for many customers: it is compiled once.

        Standard caches compiled views only; a mail template's body is an element, and
        compiling it costs ten times as much as rendering it.
        """
        compiled = self.env.context.get("journey_compiled")
        if compiled is None or not isinstance(template, etree._Element):
            return super()._compile(template)
        if template not in compiled:
            compiled[template] = super()._compile(template)
        return compiled[template]
