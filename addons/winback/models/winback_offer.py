from odoo import api, fields, models
from odoo.exceptions import AccessError, ValidationError

from odoo.addons.customer_lifecycle.tools.bounds import check_range, named

from ..const import BRIDGES, CODE_PREFIX, OFFER_TYPES, VALUED

VALIDITY_DAYS = 14
USUAL_PERCENT = 10


class WinbackOffer(models.AbstractModel):
    """What a campaign gives, in three fields; the truth is the engine's offer, which
    knows budgets and limits, too.
    """

    _name = "winback.offer"
    _description = "Offer of a Win-back Campaign"

    offer_type = fields.Selection(
        OFFER_TYPES,
        "What they get",
        compute="_compute_offer_type",
        inverse="_inverse_offer",
        store=True,
        copy=False,
        help="Each customer gets a personal code that works once, or points at once.",
    )
    offer_value = fields.Float(
        "Value",
        compute="_compute_offer_value",
        inverse="_inverse_offer",
        store=True,
        copy=False,
        help="Percent, an amount in the company's currency, or points.",
    )
    offer_validity_days = fields.Integer(
        "Valid for days",
        compute="_compute_offer_validity_days",
        inverse="_inverse_offer",
        store=True,
        copy=False,
        help="An attempt lasts so many days after its last message, with an offer or "
        "without.",
    )

    @api.depends("offer_id.offer_type")
    def _compute_offer_type(self):
        known = dict(OFFER_TYPES)
        for campaign in self:
            kind = campaign.sudo().offer_id.offer_type
            campaign.offer_type = kind if kind in known else False

    @api.depends("offer_id.value")
    def _compute_offer_value(self):
        for campaign in self:
            campaign.offer_value = campaign.sudo().offer_id.value

    @api.depends("offer_id.validity_days")
    def _compute_offer_validity_days(self):
        for campaign in self:
            offer = campaign.sudo().offer_id
            known = campaign.offer_validity_days or VALIDITY_DAYS
            campaign.offer_validity_days = offer.validity_days if offer else known

    @api.onchange("offer_type")
    def _onchange_offer_type(self):
        """A discount begins with what is usual; a person changes it."""
        if self.offer_type == "discount_percent" and not self.offer_value:
            self.offer_value = USUAL_PERCENT

    def _inverse_offer(self):
        """Make the engine's offer say what the fields say.

        Codes that customers have keep what they promised: another offer takes their
        offer's place.
        """
        for campaign in self:
            wanted = {
                "type": campaign.offer_type,
                "value": campaign.offer_value,
                "validity_days": campaign.offer_validity_days,
            }
            campaign._check_offer_fields()
            # How long an attempt lasts is frozen with its steps.
            campaign._mark_stale()
            if campaign._says_so(wanted):
                continue
            campaign._check_may_offer()
            config = {"code_prefix": CODE_PREFIX} | campaign.offer_id._as_config()
            campaign.offer_config = {**config, **wanted} if wanted["type"] else {}
            campaign.offer_validity_days = wanted["validity_days"]

    def _says_so(self, wanted):
        """Return whether the engine's offer is what the fields say already."""
        offer = self.offer_id
        if not offer:
            return not wanted["type"]
        found = (offer.offer_type, offer.value, offer.validity_days)
        return found == tuple(wanted.values())

    def _check_may_offer(self):
        if not self.env["journey.offer"].has_access("write"):
            raise AccessError(
                self.env._(
                    "%s: lifecycle managers decide what is given away; ask one.",
                    named(self, "offer_type"),
                )
            )

    def _check_offer_fields(self):
        """Refuse an offer without value, or one that no addon here can give."""
        check_range(self, "offer_validity_days", 1, 3650)
        check_range(self, "offer_value", 0, 10**9)
        kind = self.offer_type
        if kind in VALUED and not self.offer_value:
            raise ValidationError(
                self.env._(
                    "%(name)s: %(kind)s needs a value above 0.",
                    name=named(self, "offer_value"),
                    kind=dict(OFFER_TYPES)[kind],
                )
            )
        if kind == "discount_percent":
            check_range(self, "offer_value", 0.01, 100)
        offers = self.env["journey.offer"]
        known = dict(offers._fields["offer_type"]._description_selection(self.env))
        if kind and kind not in known:
            raise ValidationError(
                self.env._(
                    "%(name)s: %(kind)s needs the addon %(addon)s; allowed here are "
                    "%(known)s.",
                    name=named(self, "offer_type"),
                    kind=kind,
                    addon=BRIDGES[kind],
                    known=", ".join(k for k, _label in OFFER_TYPES if k in known),
                )
            )
