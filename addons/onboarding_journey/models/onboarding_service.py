import logging

from odoo import api, fields, models
from odoo.exceptions import AccessError, ValidationError
from odoo.tools import SQL

from odoo.addons.customer_lifecycle.tools.json_view import JsonReader

_logger = logging.getLogger(__name__)
MARKETER = "customer_lifecycle.group_lifecycle_user"


class OnboardingService(models.AbstractModel):
    """The external API of onboarding.

    Every public method is callable by XML-RPC and JSON-2: plain arguments, JSON-ready
    results. Marketers may ask about everybody, anybody else about themselves.
    """

    _name = "onboarding.service"
    _description = "Onboarding Service"
    _inherit = ["onboarding.service.report"]

    # ---------------------------------------------------------------------- access
    @api.model
    def _is_staff(self):
        return self.env.su or self.env.user.has_group(MARKETER)

    @api.model
    def _customer(self, customer_id):
        """Return the customer that an id means, if the user may act for it.

        :raises ValidationError: for marketers: the id is unknown or no integer
        :raises AccessError: for anybody else: it is not the user's own
        """
        if self._is_staff():
            engine = self.env["lifecycle.engine"]
            return engine._check_customers("customer_id", [customer_id]).sudo()
        user = self.env.user
        own = user.partner_id | user.partner_id.commercial_partner_id
        if (
            user._is_public()
            or type(customer_id) is not int
            or (customer_id not in own.ids)
        ):
            # The same words whether the customer exists or not.
            raise AccessError(
                self.env._("You can see and change only your own onboarding.")
            )
        return user.partner_id.commercial_partner_id.sudo()

    @api.model
    def _current(self, customer):
        """Return the customer's journey in the user's companies: the one under way,
        else the latest.
        """
        found = self.env["customer.onboarding"].sudo()
        found = found.search(
            [
                ("customer_id", "=", customer.id),
                ("company_id", "in", self.env.companies.ids),
            ],
            order="started_at desc, id desc",
        )
        here = found.filtered(lambda run: run.company_id == self.env.company) or found
        under_way = here.filtered(lambda run: run.status == "in_progress")
        return (under_way or here)[:1]

    @api.model
    def _journey(self, code):
        """Return the journey with a code in the user's companies.

        :raises ValidationError: there is none, naming those there are
        """
        journeys = self.env["onboarding.journey"].sudo()
        journeys = journeys.with_context(active_test=False).search(
            [("company_id", "in", self.env.companies.ids)]
        )
        found = journeys.filtered(lambda journey: journey.code == code)
        if not found:
            raise ValidationError(
                self.env._(
                    "journey_code: there is no journey %(code)s; there are %(known)s.",
                    code=repr(code)[:100],
                    known=", ".join(sorted(set(journeys.mapped("code")))) or "-",
                )
            )
        mine = found.filtered(lambda j: j.company_id == self.env.company)
        return (mine or found)[0]

    # ----------------------------------------------------------------------- start
    @api.model
    def start_onboarding(self, customer_id, journey_code=None):
        """Let a customer begin a journey; the running one is returned where there is
        one.

        :param int customer_id: id of a partner; a contact counts for its company
        :param str journey_code: of a journey that is switched on, for marketers to
            choose; by default the one for the kind of customer: subscription, b2b,
            premium, else standard
        :return: False where there is no journey for the customer (a warning is
            logged), else a dict with onboarding_id (False if the customer may not
            begin), journey, status, created, and reason why not
        :raises ValidationError: unknown customer or code, or switched off
        :raises AccessError: neither marketer nor oneself, or a journey for others
        """
        customer = self._customer(customer_id)
        company = self.env.company
        rows = self.env["customer.lifecycle"].sudo()
        now = fields.Datetime.now()
        journeys = self.env["onboarding.journey"].sudo()
        if journey_code in (None, False):
            running = self._current(customer)
            if running.status == "in_progress" and running.company_id == company:
                return self._started(running, False)
            rows._ensure(customer, company, now)
            journey = journeys._default_for(customer, company)
        else:
            rows._ensure(customer, company, now)
            self._check_may_name(journey_code, customer)
            journey = self._journey(journey_code)
            self._check_running(journey)
            rows._ensure(customer, journey.company_id, now)
        if not journey:
            _logger.warning(
                "No onboarding journey is switched on for customer %s of company %s",
                customer.id,
                company.id,
            )
            return False
        return self._start(journey, customer, now)

    def _check_may_name(self, code, customer):
        """Customers name their own journey, which they might leave to us: what is for
        others they neither begin nor hear of.

        :raises AccessError: another journey, whether it exists or not
        """
        if self._is_staff():
            return
        journeys = self.env["onboarding.journey"].sudo()
        runs = self.env["customer.onboarding"].sudo()
        mine = runs.search(
            [("customer_id", "=", customer.id), ("status", "=", "in_progress")]
        ).journey_id
        mine |= journeys._default_for(customer, self.env.company)
        if code not in mine.mapped("code"):
            raise AccessError(self.env._("Which journey you walk is for us to say."))

    def _check_running(self, journey):
        if not journey.is_active:
            raise ValidationError(
                self.env._(
                    "journey_code: the journey %s is switched off.", journey.code
                )
            )

    def _start(self, journey, customer, now):
        runs = self.env["customer.onboarding"].sudo()
        running = runs.search(
            [
                ("journey_id", "=", journey.id),
                ("customer_id", "=", customer.id),
                ("status", "=", "in_progress"),
            ],
            limit=1,
        )
        if running:
            return self._started(running, False)
        entered = journey.with_company(journey.company_id)._enrol(
            SQL("l.customer_id = %s", customer.id), now
        )
        if entered:
            return self._started(runs.browse(entered), True)
        return {
            "onboarding_id": False,
            "journey": journey.code,
            "status": False,
            "created": False,
            "reason": self._why_not(journey, customer),
        }

    def _started(self, run, created):
        return {
            "onboarding_id": run.id,
            "journey": run.journey_id.code,
            "status": run.status,
            "created": created,
            "reason": "",
        }

    def _why_not(self, journey, customer):
        """Return the code of what keeps a customer out."""
        if not customer.active:
            return "archived"
        if not journey.step_ids:
            return "no_steps"
        taken = self.env["journey.slot"]._is_taken(journey, customer)
        return "exclusive_group" if taken else "reentry"

    # ------------------------------------------------------------------------ steps
    @api.model
    def _own_run(self, customer_id):
        """Return the customer's journey, as the user.

        :raises ValidationError: there is none
        """
        run = self._current(self._customer(customer_id))
        if not run:
            raise ValidationError(
                self.env._("customer_id: %s is in no onboarding journey.", customer_id)
            )
        return run.with_env(self.env)

    @api.model
    def complete_step(self, customer_id, step_id, data=None):
        """Note that a customer has done a step; as ``complete_step`` of
        ``customer.onboarding``.

        :param int customer_id: id of a partner
        :param str step_id: code of a step of the customer's journey
        :param dict data: of a tutorial ``time_spent_seconds`` and ``content_viewed``
        :return: True if it is completed, False if a milestone is not met, or the
            journey is over
        :raises ValidationError: unknown customer, step or data, or in no journey
        :raises AccessError: neither marketer nor oneself
        """
        return self._own_run(customer_id).complete_step(step_id, data)

    @api.model
    def skip_step(self, customer_id, step_id, reason=None):
        """Leave a step out; as ``skip_step`` of ``customer.onboarding``.

        :param int customer_id: id of a partner
        :param str step_id: code of a step of the customer's journey
        :param str reason: in your words
        :return: True if it is skipped, False if it was completed before or the journey
            is over
        :raises ValidationError: unknown customer or step, in no journey, not optional
        :raises AccessError: neither marketer nor oneself
        """
        return self._own_run(customer_id).skip_step(step_id, reason)

    @api.model
    def handle_milestone(self, customer_id, milestone_type, value=None):
        """Look at the milestones of a customer now.

        What a milestone measures is read from orders and events: a value that somebody
        names is believed of ``app_login`` only (and of what addons register as
        reported), and from marketers only.

        :param int customer_id: id of a partner
        :param str milestone_type: order_count, total_spend, profile_complete,
            subscription_count, app_login, or what addons register
        :param float value: what another system counted; without one, a call for a
            reported metric counts as one for today
        :return: list of the codes of the steps that this completed
        :raises ValidationError: unknown customer or milestone, or no number
        :raises AccessError: neither marketer nor oneself
        """
        customer = self._customer(customer_id)
        metrics = self.env["onboarding.metric"]
        metrics._check_metric("milestone_type", milestone_type)
        if value in (None, False):
            value = None
        else:
            reader = JsonReader(self.env, {"value": value}, "handle_milestone")
            value = reader.number("value", 0, 10**12)
        now = fields.Datetime.now()
        run = self._current(customer)
        company = run.company_id or self.env.company
        if self._is_staff() and milestone_type in metrics._reported():
            self._report(customer, company, milestone_type, value, now)
        runs = self.env["customer.onboarding"].sudo()
        reached = runs._on_customers([customer.id], company, now)
        return [code for _run, code in reached]

    def _report(self, customer, company, metric, value, now):
        """Write what another system reports into the timeline, a value once a day."""
        data = {} if value is None else {"value": value}
        key = f"{metric}:reported:{customer.id}:{now.date()}:{value}"
        self.env["lifecycle.event"].sudo()._record(
            [
                {
                    "customer_id": customer.id,
                    "company_id": company.id,
                    "event_type": metric,
                    "event_key": key,
                    "occurred_at": now,
                    "res_model": "res.partner",
                    "res_id": customer.id,
                    "data": data,
                }
            ]
        )
