from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError, ValidationError
from odoo.tools import SQL

from ..tools.clock import Clock, parse_moment
from .lifecycle_facts import STALE

BATCH = 50_000
DUE = SQL("(l.next_evaluation_date <= p.today OR l.next_evaluation_date IS NULL)")


class LifecycleEngine(models.AbstractModel):
    """The external API of the customer lifecycle, and its scheduled actions.

    Every public method is callable by XML-RPC and JSON-2: plain arguments, JSON-ready
    results. Marketers may call all of them but the maintenance ones (managers);
    salespersons may ask about one customer. Only ``_cron_*`` methods commit.
    """

    _name = "lifecycle.engine"
    _description = "Lifecycle Engine"

    # ---------------------------------------------------------------------- access
    @api.model
    def _check_group(self, *groups):
        if self.env.su or any(self.env.user.has_group(group) for group in groups):
            return
        raise AccessError(
            self.env._("Customer lifecycle data are for marketers; ask for that role.")
        )

    @api.model
    def _check_marketer(self):
        """Raise AccessError unless the user is a marketer."""
        self._check_group("customer_lifecycle.group_lifecycle_user")

    @api.model
    def _check_manager(self):
        """Raise AccessError unless the user is a lifecycle manager."""
        self._check_group("customer_lifecycle.group_lifecycle_manager")

    @api.model
    def _check_reader(self):
        """Raise AccessError unless the user may see one customer's stage."""
        self._check_group(
            "customer_lifecycle.group_lifecycle_user",
            "sales_team.group_sale_salesman",
        )

    # ------------------------------------------------------------------- arguments
    @api.model
    def _clock(self, now=None):
        """Return the clock at ``now`` (UTC datetime, ISO text or nothing for now)."""
        try:
            return Clock(parse_moment(now, fields.Datetime.now()))
        except ValueError:
            raise ValidationError(
                self.env._(
                    "now: %(value)s is no UTC date and time of this age; allowed are "
                    "2026-01-31T12:00:00 or 2026-01-31.",
                    value=repr(now)[:100],
                )
            ) from None

    @api.model
    def _past_clock(self, now=None):
        """Return the clock at ``now``, which for users is no day ahead.

        History is append-only: moves of tomorrow could never be taken back.
        """
        clock = self._clock(now)
        if not self.env.su and clock.now > fields.Datetime.now() + timedelta(days=1):
            raise ValidationError(
                self.env._(
                    "now: %s lies in the future; allowed is the present or the past.",
                    fields.Datetime.to_string(clock.now),
                )
            )
        return clock

    @api.model
    def _check_ids(self, name, ids):
        """Return ``ids`` as a list of integers.

        :raises ValidationError: naming the argument ``name``
        """
        ids = ids if isinstance(ids, list | tuple) else [ids]
        for value in ids:
            is_number = isinstance(value, int) and not isinstance(value, bool)
            if not is_number or not 0 < value < 2**31:
                raise ValidationError(
                    self.env._(
                        "%(name)s: %(value)s is no id; ids are positive integers.",
                        name=name,
                        value=repr(value)[:100],
                    )
                )
        return list(dict.fromkeys(ids))

    @api.model
    def _check_customers(self, name, ids):
        """Return the partners with ``ids``; all of them must exist and be visible.

        :raises ValidationError: naming the unknown ids (also merged customers)
        """
        partners = self.env["res.partner"].browse(self._check_ids(name, ids)).exists()
        if unknown := sorted(set(self._check_ids(name, ids)) - set(partners.ids)):
            raise ValidationError(
                self.env._(
                    "%(name)s: no customer with id %(ids)s (deleted or merged?).",
                    name=name,
                    ids=", ".join(map(str, unknown[:20])),
                )
            )
        partners.check_access("read")
        return partners.commercial_partner_id

    @api.model
    def _company_scope(self):
        """Condition on ``l`` that keeps to the companies the user works in."""
        if self.env.su and not self.env.context.get("allowed_company_ids"):
            return SQL("TRUE")
        return SQL("l.company_id = ANY(%s)", self.env.companies.ids)

    # ------------------------------------------------------------------ evaluation
    @api.model
    def evaluate_all_customers(self, now=None):
        """Evaluate every active customer of the user's companies.

        Set-based, in batches within one transaction; never commits.

        :param now: UTC datetime or ISO text; the current time by default
        :return: number of customers whose stage changed
        :raises ValidationError: ``now`` is in the future
        :raises AccessError: the user is no marketer
        """
        self._check_marketer()
        moment = self._past_clock(now).now
        return sum(self._evaluate_everybody(moment))

    @api.model
    def evaluate_customers(self, customer_ids, now=None):
        """Count and evaluate some customers; those without a row get one.

        :param list customer_ids: ids of partners; contacts count for their company
        :param now: UTC datetime or ISO text; the current time by default
        :return: number of customers whose stage changed
        :raises ValidationError: an id is unknown or no integer, ``now`` in the future
        :raises AccessError: the user is no marketer
        """
        self._check_marketer()
        customers = self._check_customers("customer_ids", customer_ids)
        moment = self._past_clock(now).now
        if not customers:
            return 0
        lifecycle = self.env["customer.lifecycle"].sudo()
        rows = lifecycle.with_context(active_test=False)
        missing = (
            customers - rows.search([("customer_id", "in", customers.ids)]).customer_id
        )
        lifecycle._ensure(missing.filtered("active"), self.env.company, moment)
        scope = SQL(
            "l.customer_id = ANY(%s) AND %s", customers.ids, self._company_scope()
        )
        lifecycle._refresh_facts(scope, moment)
        return len(lifecycle._evaluate(scope, moment))

    @api.model
    def _evaluate_everybody(self, now, trigger_type="automatic"):
        """Look at everybody, write those who differ; yield moves batch by batch."""
        lifecycle = self.env["customer.lifecycle"].sudo()
        company = self._company_scope()
        for first, last in lifecycle._differing_ranges(company, now, BATCH):
            scope = SQL("l.id >= %s AND l.id <= %s AND %s", first, last, company)
            yield self._evaluate_scope(scope, now, trigger_type)

    @api.model
    def _evaluate_scope(self, scope, now, trigger_type="automatic"):
        """Bring stale facts up to date and evaluate; return the number of moves."""
        lifecycle = self.env["customer.lifecycle"].sudo()
        stale = self._stale_ids(scope, now)
        if stale:
            lifecycle._refresh_facts(SQL("l.id = ANY(%s)", stale), now)
        return len(lifecycle._evaluate(scope, now, trigger_type))

    @api.model
    def _stale_ids(self, scope, now):
        """Return the ids of rows in ``scope`` whose facts must be counted again."""
        self.env.flush_all()
        lifecycle = self.env["customer.lifecycle"]
        self.env.cr.execute(
            SQL(
                """
                SELECT l.id FROM customer_lifecycle l
                  JOIN (%s) p ON p.company_id = l.company_id
                 WHERE %s AND %s
                """,
                lifecycle._policy_relation(now),
                scope,
                STALE,
            )
        )
        return [row[0] for row in self.env.cr.fetchall()]

    @api.model
    def _id_ranges(self, now, batch_size=BATCH):
        """Yield scopes that together cover the rows, ``batch_size`` at a time."""
        last = 0
        while True:
            self.env.cr.execute(
                SQL(
                    """
                    SELECT max(id) FROM (
                        SELECT l.id FROM customer_lifecycle l
                         WHERE l.id > %s AND %s ORDER BY l.id LIMIT %s) batch
                    """,
                    last,
                    self._company_scope(),
                    batch_size,
                )
            )
            first, last = last, self.env.cr.fetchone()[0]
            if last is None:
                return
            yield SQL(
                "l.id > %s AND l.id <= %s AND %s", first, last, self._company_scope()
            )

    @api.model
    def calculate_engagement_score(self, customer_id):
        """Return the engagement score of one customer as of now, without storing it.

        :param int customer_id: id of a partner
        :return: integer 0-100; 50 when the customer has no lifecycle row
        :raises ValidationError: the id is unknown
        :raises AccessError: the user is neither marketer nor salesperson
        """
        self._check_reader()
        verdict = self._verdict_of(customer_id)
        return verdict["score"] if verdict else 50

    @api.model
    def _verdict_of(self, customer_id, now=None, values=None):
        """Return the verdict on one customer as a dict, or None without a row.

        The current company's row, else that of another company of the user's choice.
        """
        customer = self._check_customers("customer_id", [customer_id])
        lifecycle = self.env["customer.lifecycle"].sudo()
        self.env.flush_all()
        scope = SQL(
            "l.customer_id = %s AND l.company_id = ANY(%s)",
            customer.id,
            self.env.companies.ids,
        )
        self.env.cr.execute(
            lifecycle._verdict_query(scope, self._clock(now).now, values)
        )
        # Fetched first: finding the company may be a query of its own.
        rows = self.env.cr.dictfetchall()
        current = self.env.company.id
        return min(
            rows,
            key=lambda row: (row["company_id"] != current, row["company_id"]),
            default=None,
        )

    @api.model
    def _as_json(self, value):
        """Return ``value`` with dates as ISO text and False for None."""
        if isinstance(value, dict):
            return {key: self._as_json(item) for key, item in value.items()}
        if isinstance(value, list | tuple):
            return [self._as_json(item) for item in value]
        if value is None:
            return False
        return value.isoformat() if hasattr(value, "isoformat") else value
