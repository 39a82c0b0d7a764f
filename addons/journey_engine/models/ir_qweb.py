from lxml import etree

from odoo import models

# What an element is called where a part of it, handed to a template that it calls, is
# rendered: standard looks the name up among the views every time, and tells at length
# that there is none.
INLINE = "etree._Element"


class IrQweb(models.AbstractModel):
    _inherit = "ir.qweb"

    def _compile(self, template):
        """A batch renders one body for many customers: it is compiled once.

        Standard caches compiled views only; a mail template's body is an element, and
        compiling it costs ten times as much as rendering it.
        """
        compiled = self.env.context.get("journey_compiled")
        is_inline = isinstance(template, etree._Element) or template == INLINE
        if compiled is None or not is_inline:
            return super()._compile(template)
        if template not in compiled:
            compiled[template] = super()._compile(template)
        return compiled[template]
