from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import SQL

from odoo.addons.customer_lifecycle.tools.json_view import JsonReader

# Which shipped playbook each shortcut starts.
SHORTCUTS = {
    "payment_failed": "payment_failed_rescue",
    "trial_ending": "trial_ending",
    "inactivity": "inactivity_nudge",
    "churn_risk": "churn_risk",
    "milestone": "milestone_congrats",
    "winback": "winback",
}


class EngagementService(models.AbstractModel):
    """The external API of campaigns, called playbooks by the shops that use it.

    Every public method is callable by XML-RPC and JSON-2: plain arguments, JSON-ready
    results. Marketers may call all of them, for the companies they work in.
    """

    _name = "engagement.service"
    _description = "Campaign Service"
    _inherit = ["engagement.service.report"]

    # -------------------------------------------------------------------- arguments
    @api.model
    def _campaign(self, code):
        """Return the campaign with a code in the user's companies.

        :raises ValidationError: there is none, naming those there are
        """
        campaigns = self._campaigns()
        found = campaigns.filtered(lambda campaign: campaign.code == code)
        if not found:
            raise ValidationError(
                self.env._(
                    "code: there is no playbook %(code)s; there are %(known)s.",
                    code=repr(code)[:100],
                    known=", ".join(sorted(campaigns.mapped("code"))) or "-",
                )
            )
        mine = found.filtered(lambda c: c.company_id == self.env.company)
        return (mine or found)[0]

    @api.model
    def _campaigns(self):
        self.env["lifecycle.engine"]._check_marketer()
        campaigns = self.env["engagement.campaign"].with_context(active_test=False)
        return campaigns.search([("company_id", "in", self.env.companies.ids)])

    @api.model
    def _enrollment(self, enrollment_id):
        """Return an enrolment that the user may see.

        :raises ValidationError: the id is no integer, or unknown
        """
        engine = self.env["lifecycle.engine"]
        engine._check_marketer()
        (number,) = engine._check_ids("enrollment_id", [enrollment_id])
        found = self.env["campaign.enrollment"].search([("id", "=", number)])
        if not found:
            raise ValidationError(
                self.env._("enrollment_id: there is no enrolment %s.", number)
            )
        return found

    # -------------------------------------------------------------------- playbooks
    @api.readonly
    @api.model
    def list_playbooks(self):
        """Return the campaigns of the user's companies.

        :return: list of dicts with code, name, description, campaign_type, trigger
            (a sentence), trigger_config, is_active, company_id and steps
        :raises AccessError: the user is no marketer
        """
        return [
            {
                "code": campaign.code,
                "name": campaign.name,
                "description": campaign.description or "",
                "campaign_type": campaign.campaign_type,
                "trigger": campaign.trigger_sentence,
                "trigger_config": campaign.trigger_config,
                "is_active": campaign.is_active,
                "company_id": campaign.company_id.id,
                "steps": len(campaign.step_ids),
            }
            for campaign in self._campaigns().filtered("active")
        ]

    @api.model
    def start_playbook(self, code, customer_id, context=None, data=None):
        """Let one customer enter a campaign, whatever its trigger and audience say.

        Re-entry rules and exclusive groups hold as ever.

        :param str code: of a campaign that is switched on
        :param int customer_id: id of a partner; a contact counts for its company
        :param dict context: kept with the enrolment; as a named argument Odoo takes it
            for its own, over JSON-2 always: use ``data`` there
        :param dict data: the same as ``context``
        :return: dict with enrollment_id (of the running enrolment where there is one,
            False if the customer may not enter), status, created, and reason why not
        :raises ValidationError: unknown code or customer, or switched off
        :raises AccessError: the user is no marketer
        """
        campaign = self._campaign(code)
        customer = self.env["lifecycle.engine"]._check_customers(
            "customer_id", [customer_id]
        )
        self._check_running(campaign)
        values = self._context_values(context if data is None else data)
        running = self._running(campaign, customer)
        if running:
            return self._started(running, False)
        now = fields.Datetime.now()
        self.env["customer.lifecycle"]._ensure(customer, campaign.company_id, now)
        entered = campaign.sudo()._enrol(
            SQL("l.customer_id = %s", customer.id),
            now,
            campaign.delay_hours,
            context=SQL("%s::jsonb", values),
        )
        if entered:
            return self._started(campaign.enrollment_ids.browse(entered), True)
        return {
            "enrollment_id": False,
            "status": False,
            "created": False,
            "reason": self._why_not(campaign, customer),
        }

    def _context_values(self, context):
        view = self.env["engagement.campaign"]._fields["trigger_config"]
        value = view.convert_to_cache(context or {}, self.env["engagement.campaign"])
        return view.convert_to_export({"source": "service", **(value or {})}, self)

    def _check_running(self, campaign):
        if not campaign.is_active:
            raise ValidationError(
                self.env._("code: the playbook %s is switched off.", campaign.code)
            )

    def _running(self, campaign, customer):
        return self.env["campaign.enrollment"].search(
            [
                ("campaign_id", "=", campaign.id),
                ("customer_id", "=", customer.id),
                ("run_state", "=", "running"),
            ],
            limit=1,
        )

    def _started(self, enrollment, created):
        return {
            "enrollment_id": enrollment.id,
            "status": enrollment.status,
            "created": created,
            "reason": "",
        }

    def _why_not(self, campaign, customer):
        """Return the code of what keeps a customer out."""
        if not customer.active:
            return "archived"
        taken = self.env["journey.slot"]._is_taken(campaign, customer)
        return "exclusive_group" if taken else "reentry"

    # -------------------------------------------------------------------- shortcuts
    @api.model
    def trigger_payment_failed(self, customer_id, context=None, data=None):
        """Start the rescue after a failed payment; as ``start_playbook``."""
        return self._shortcut("payment_failed", customer_id, context, data)

    @api.model
    def trigger_trial_ending(self, customer_id, context=None, data=None):
        """Start what reminds of a trial's end; as ``start_playbook``."""
        return self._shortcut("trial_ending", customer_id, context, data)

    @api.model
    def trigger_inactivity(self, customer_id, context=None, data=None):
        """Start what nudges the inactive; as ``start_playbook``."""
        return self._shortcut("inactivity", customer_id, context, data)

    @api.model
    def trigger_churn_risk(self, customer_id, context=None, data=None):
        """Start what answers a risk of leaving; as ``start_playbook``."""
        return self._shortcut("churn_risk", customer_id, context, data)

    @api.model
    def trigger_milestone(self, customer_id, context=None, data=None):
        """Start the congratulations; as ``start_playbook``."""
        return self._shortcut("milestone", customer_id, context, data)

    @api.model
    def trigger_winback(self, customer_id, context=None, data=None):
        """Start what wins a customer back who cancelled; as ``start_playbook``."""
        return self._shortcut("winback", customer_id, context, data)

    @api.model
    def _shortcut(self, name, customer_id, context, data):
        return self.start_playbook(SHORTCUTS[name], customer_id, context, data)

    # ------------------------------------------------------------------- enrolments
    @api.model
    def mark_converted(self, enrollment_id, order_id=None, value=None):
        """Note that an enrolment reached its goal where no order shows it.

        :param int enrollment_id: id of an enrolment
        :param int order_id: order of the same customer, not older than the enrolment
        :param float value: in the company's currency; the order's by default
        :return: True
        :raises ValidationError: unknown ids, an order of somebody else, no number
        :raises AccessError: the user is no marketer
        """
        enrollment = self._enrollment(enrollment_id)
        reader = JsonReader(self.env, {"value": value}, "value")
        if value is not None and value is not False:
            value = reader.number("value", 0, 10**12)
        order = self._order_of(enrollment, order_id)
        enrollment.sudo()._mark_converted(order, None if value is False else value)
        return True

    def _order_of(self, enrollment, order_id):
        orders = self.env["sale.order"]
        if order_id is None or order_id is False:
            return orders
        (number,) = self.env["lifecycle.engine"]._check_ids("order_id", [order_id])
        order = orders.sudo().search(
            [
                ("id", "=", number),
                ("state", "=", "sale"),
                ("company_id", "=", enrollment.company_id.id),
                ("date_order", ">=", enrollment.started_at),
                ("partner_id.commercial_partner_id", "=", enrollment.customer_id.id),
            ]
        )
        if not order:
            raise ValidationError(
                self.env._(
                    "order_id: %(order)s is no confirmed order of this customer since "
                    "%(entry)s, when the campaign began.",
                    order=number,
                    entry=enrollment.started_at,
                )
            )
        return order

    @api.model
    def cancel(self, enrollment_id, reason=None):
        """Take a customer out of a campaign; what is still queued is called back.

        :param int enrollment_id: id of an enrolment
        :param str reason: shown in the log, in your words; "by_hand" by default
        :return: True if it was running, else False
        :raises ValidationError: unknown id, a reason that is no text or a code of ours
        :raises AccessError: the user is no marketer
        """
        enrollment = self._enrollment(enrollment_id)
        reason = "by_hand" if reason in (None, False, "") else reason
        JsonReader(self.env, {"reason": reason}, "cancel").text("reason")
        enrollment._check_reason(reason)
        if enrollment.run_state != "running":
            return False
        now = fields.Datetime.now()
        enrollment.sudo()._end(enrollment.ids, "cancelled", reason[:64], now)
        return True

    @api.model
    def execute_pending_steps(self):
        """Process the due steps of all journeys of the user's companies now, instead of
        waiting for the scheduled actions.

        :return: number of steps processed
        :raises AccessError: the user is no lifecycle manager
        """
        self.env["lifecycle.engine"]._check_manager()
        scheduler = self.env["journey.scheduler"].sudo()
        now = fields.Datetime.now()
        done = 0
        for company in self.env.companies:
            mine = scheduler.with_company(company)
            while count := mine._process_batch(now):
                done += count
        return done
