from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..const import TRANSACTION_TYPES
from ..tools.inputs import is_storable, shown


class LoyaltyService(models.AbstractModel):
    """The loyalty program as other systems call it, over XML-RPC and JSON-2.

    Plain values in, plain values out. For marketers; what moves points is for lifecycle
    managers.
    """

    _name = "loyalty.service"
    _description = "Loyalty Service"
    _inherit = [
        "loyalty.service.report",
        "loyalty.service.liability",
        "loyalty.service.dashboard",
        "loyalty.service.referral",
        "loyalty.service.backfill",
    ]

    @api.model
    def enroll_customer(self, customer_id, program_code=None):
        """Open an account, with the sign-up bonus once, ever.

        :param int customer_id: id of a partner, the exact contact
        :param str program_code: code of a program with accounts; the first one of the
            company by default
        :return: dict as of ``get_balance``, and ``created``
        :raises ValidationError: unknown customer or program, a customer who is
            archived or of another company, or a program that is switched off or ended
        :raises AccessError: the user is no lifecycle manager
        """
        self.env["lifecycle.engine"]._check_manager()
        customer = self._customer(customer_id)
        program = self._program(program_code)
        self._check_may_join(customer, program)
        accounts = self.env["customer.loyalty"].sudo()
        known = accounts._account_of(program, customer)
        account = accounts._enroll(program, customer, fields.Datetime.now())
        return {**self._balance(account), "created": not known}

    @api.model
    def process_order(self, order_id):
        """Credit what a confirmed order earns, if that was not done yet.

        :param int order_id: id of a ``sale.order``
        :return: dict with order_id, and points: what the order earned in total
        :raises ValidationError: unknown, or not confirmed
        :raises AccessError: the user is no lifecycle manager
        """
        order = self._confirmed_order(order_id)
        if order.state != "sale":
            raise ValidationError(
                self.env._("order_id: %s is not confirmed.", order.name)
            )
        order._loyalty_process()
        return {"order_id": order.id, "points": order._loyalty_points()}

    @api.model
    def reverse_order(self, order_id):
        """Take back what an order earned; what it redeemed is given back when it is
        cancelled.

        :param int order_id: id of a ``sale.order``
        :return: dict with order_id, and points: what the order still earns
        :raises ValidationError: unknown
        :raises UserError: the points were spent, and the program wants them covered
        :raises AccessError: the user is no lifecycle manager
        """
        order = self._confirmed_order(order_id)
        order.loyalty_reversed = True
        order._loyalty_reverse()
        return {"order_id": order.id, "points": order._loyalty_points()}

    @api.model
    def expire_points(self, now=None):
        """Expire what is due.

        :param now: UTC datetime or ISO text; the current time by default, no later
        :return: number of lots that expired
        :raises ValidationError: no date and time, or more than a day ahead
        :raises AccessError: the user is no lifecycle manager
        """
        engine = self.env["lifecycle.engine"]
        engine._check_manager()
        moment = min(engine._past_clock(now).now, fields.Datetime.now())
        return self.env["loyalty.expiry"].sudo()._expire_all(moment)

    @api.model
    def redeem(self, customer_id, reward_id):
        """Turn points into a personal code that pays at the next checkout.

        :param int customer_id: id of a partner, the exact contact
        :param int reward_id: id of a ``loyalty.reward`` of a program with accounts
        :return: dict with code, points, reward, expires (ISO date or False), balance
        :raises ValidationError: unknown, not affordable, or not for this tier
        :raises AccessError: the user is no lifecycle manager
        """
        self.env["lifecycle.engine"]._check_manager()
        customer = self._customer(customer_id)
        (number,) = self.env["lifecycle.engine"]._check_ids("reward_id", [reward_id])
        reward = self.env["loyalty.reward"].browse(number).exists()
        if not reward or not reward.active:
            raise ValidationError(
                self.env._("reward_id: there is no reward %s.", number)
            )
        reward.check_access("read")
        accounts = self.env["customer.loyalty"].sudo()
        account = accounts._account_of(reward.program_id, customer)
        if not account:
            raise ValidationError(
                self.env._("customer_id: %s is no member.", customer.id)
            )
        return account._redeem_reward(reward.sudo())

    # -------------------------------------------------------------------- arguments
    def _customer(self, customer_id, name="customer_id"):
        """Return the contact itself: accounts are not its company's."""
        engine = self.env["lifecycle.engine"]
        engine._check_customers(name, [customer_id])
        return self.env["res.partner"].browse(customer_id)

    def _check_may_join(self, customer, program):
        """Raise ValidationError where a customer cannot become a member now."""
        text = ""
        if not program._earns():
            text = self.env._("program_code: %s is switched off.", program.code)
        elif not program._runs():
            text = self.env._(
                "program_code: %s has not begun, or has ended.", program.code
            )
        elif not customer.active:
            text = self.env._("customer_id: %s is archived.", customer.id)
        elif _are_apart(customer.sudo().company_id, program.sudo().company_id):
            text = self.env._(
                "customer_id: %(customer)s is of another company than %(program)s.",
                customer=customer.id,
                program=program.code or program.name,
            )
        if text:
            raise ValidationError(text)

    def _confirmed_order(self, order_id):
        self.env["lifecycle.engine"]._check_manager()
        (number,) = self.env["lifecycle.engine"]._check_ids("order_id", [order_id])
        order = self.env["sale.order"].browse(number).exists()
        if not order:
            raise ValidationError(self.env._("order_id: there is no order %s.", number))
        order.check_access("read")
        return order.sudo()

    def _program(self, code, customer=None):
        """Return a program with accounts that the user may see; where no code is given,
        rather one in which a customer is a member.
        """
        programs = self.env["loyalty.program"]
        domain = [("accounts_since", "!=", False)]
        if code is not None and code is not False:
            if not isinstance(code, str) or not is_storable(code):
                raise ValidationError(
                    self.env._(
                        "program_code: %s is not allowed; allowed is a text.",
                        shown(code),
                    )
                )
            domain.append(("code", "=", code))
        else:
            domain += programs._of_companies(self.env.company)
        programs = programs.search(domain, order="sequence, id")
        accounts = self.env["customer.loyalty"].sudo()
        mine = [("customer_id", "=", customer.id)] if customer else [(0, "=", 1)]
        joined = accounts.search(mine).program_id
        programs = programs.sorted(
            lambda program: (program not in joined, not program.is_active)
        )
        if not programs:
            raise ValidationError(
                self.env._(
                    "program_code: there is no program with accounts%s.",
                    f" ({code})" if code else "",
                )
            )
        return programs[0]

    def _check_type(self, kind):
        allowed = dict(TRANSACTION_TYPES)
        if kind is not None and kind is not False and kind not in list(allowed):
            raise ValidationError(
                self.env._(
                    "transaction_type: %(value)s is not allowed; allowed are "
                    "%(words)s.",
                    value=shown(kind),
                    words=", ".join(allowed),
                )
            )


def _are_apart(one, other):
    """Whether two companies, if any, are neither the same nor branch and parent."""
    is_near = one in other.parent_ids or other in one.parent_ids
    return bool(one and other and not is_near)
