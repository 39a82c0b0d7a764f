from werkzeug.exceptions import MethodNotAllowed

from odoo import models
from odoo.http import request


class IrHttp(models.AbstractModel):
    _inherit = "ir.http"

    @classmethod
    def _pre_dispatch(cls, rule, args):
        """Whoever merely asks what may be done does nothing.

        The platform hands OPTIONS to every route, without asking for a token: routes
        that only take POST would write for a scanner that tries the links of a mail.
        """
        route = rule.endpoint.routing
        allowed = route.get("methods") or ["GET"]
        is_asked = request.httprequest.method == "OPTIONS" and not route.get("cors")
        if is_asked and not {"GET", "OPTIONS"} & set(allowed):
            raise MethodNotAllowed(valid_methods=list(allowed))
        return super()._pre_dispatch(rule, args)
