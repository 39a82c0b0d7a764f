from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import SQL

from odoo.addons.customer_lifecycle.tools.bounds import check_whole

MOST = 1000


class LoyaltyServiceReport(models.AbstractModel):
    """What the loyalty program says of customers and of itself."""

    _name = "loyalty.service.report"
    _description = "Loyalty Service: reports"

    @api.model
    def get_balance(self, customer_id):
        """Return where a customer stands in the company's program; of several, in the
        first one that has this customer as a member.

        :param int customer_id: id of a partner, the exact contact
        :return: dict with loyalty_id (False for no member), program, balance (what may
            be spent: nothing that has expired, and 0 where points are owed), debt,
            pending, lifetime, expiring (list of {date, points} of the next 30 days),
            tier, tier name, next_tier_points, and progress (percent of the way from
            this tier to the next; 100 at the top)
        :raises ValidationError: unknown customer, or no program with accounts
        :raises AccessError: the user is no marketer
        """
        self.env["lifecycle.engine"]._check_marketer()
        customer = self._customer(customer_id)
        program = self._program(None, customer)
        accounts = self.env["customer.loyalty"].sudo()
        return self._balance(accounts._account_of(program, customer), program)

    def _balance(self, account, program=None):
        program = account.program_id or program
        return {
            "loyalty_id": account.id,
            "program": program.code or program.name,
            "balance": account._spendable() if account else 0.0,
            "debt": account.points_debt,
            "pending": account.points_pending,
            "lifetime": account.points_lifetime,
            "expiring": account._expiring() if account else [],
            "tier": account.current_tier,
            "tier_name": account._tier_name() or "" if account else "",
            "next_tier_points": account.next_tier_points,
            "progress": account._progress() if account else 0,
        }

    @api.model
    def get_transactions(self, customer_id, limit=100, offset=0, transaction_type=None):
        """Return a customer's transactions, the newest first.

        :param int customer_id: id of a partner, the exact contact
        :param int limit: 1 to 1000
        :param int offset: how many to leave out, from 0
        :param str transaction_type: earn, redeem, expire, adjust or transfer
        :return: list of dicts with id, date, type, points, balance_before,
            balance_after, source_type, source_id, description, expires and code
        :raises ValidationError: unknown customer or type, or beyond the bounds
        :raises AccessError: the user is no marketer
        """
        self.env["lifecycle.engine"]._check_marketer()
        customer = self._customer(customer_id)
        self._check_type(transaction_type)
        check_whole(self.env, "limit", limit, 1, MOST)
        check_whole(self.env, "offset", offset, 0, 2**31)
        domain = [("loyalty_id.customer_id", "=", customer.id)]
        if transaction_type:
            domain.append(("transaction_type", "=", transaction_type))
        rows = self.env["loyalty.transaction"].search(
            domain, limit=limit, offset=offset, order="id desc"
        )
        return [self._transaction(row) for row in rows]

    def _transaction(self, row):
        return {
            "id": row.id,
            "date": fields.Datetime.to_string(row.created_at),
            "type": row.transaction_type,
            "points": row.points,
            "balance_before": row.balance_before,
            "balance_after": row.balance_after,
            "source_type": row.source_type,
            "source_id": row.source_id or False,
            "description": row.source_description or "",
            "expires": fields.Datetime.to_string(row.expires_at) or False,
            "code": row.redemption_code or "",
        }

    # ----------------------------------------------------------------------- program
    @api.model
    def get_program_metrics(self, program_code=None):
        """Return how a program does.

        :param str program_code: code of a program; the company's by default
        :return: dict with program, members (accounts), active (whose points moved
            within a year, by more than expiry), enrollment_rate (percent of the
            company's customers, persons and firms, with a member among their
            contacts), issued (net of what was taken back), redeemed, expired,
            outstanding (points), owed (points by members whose balance is below
            zero), code_points (points that open codes were bought with), liability
            (of both, in the program's currency), redemption_rate (percent of issued)
            and tiers ({code: members})
        :raises ValidationError: unknown program
        :raises AccessError: the user is no marketer
        """
        self.env["lifecycle.engine"]._check_marketer()
        # What an archived program owes is owed: it is found by its code.
        service = self.with_context(active_test=not program_code)
        program = service._program(program_code).with_env(self.env)
        return self._metrics(program.sudo())

    def _metrics(self, program):
        self.env.flush_all()
        (figures,) = self.env.execute_query_dict(
            self._metrics_query(program, fields.Datetime.now() - timedelta(days=365))
        )
        tiers = dict(
            self.env["customer.loyalty"]
            .sudo()
            ._read_group(
                [("program_id", "=", program.id)], ["current_tier"], ["__count"]
            )
        )
        now = fields.Datetime.now()
        codes = self._code_points_at(program, now)
        owed = figures["outstanding"] + codes
        return {
            "program": program.code or program.name,
            **figures,
            "code_points": codes,
            "enrollment_rate": self._enrollment_rate(program),
            "redemption_rate": _percent(figures["redeemed"], figures["issued"]),
            "liability": owed * program._point_value(now),
            "tiers": tiers,
        }

    def _enrollment_rate(self, program):
        """Return how many of the customers have a member among their contacts, in
        percent: of a firm one is enough, whoever else of it has joined.
        """
        (row,) = self.env.execute_query(
            SQL(
                """
                SELECT count(*), count(*) FILTER (WHERE EXISTS (
                    SELECT FROM res_partner p JOIN customer_loyalty a
                        ON a.customer_id = p.id AND a.active
                       AND a.program_id = %(program)s
                     WHERE p.commercial_partner_id = l.customer_id))
                  FROM customer_lifecycle l
                  JOIN res_partner c ON c.id = l.customer_id AND c.active
                 WHERE %(company)s::int IS NULL OR l.company_id = %(company)s
                """,
                program=program.id,
                company=program.company_id.id or None,
            )
        )
        return _percent(row[1], row[0])

    def _metrics_query(self, program, since):
        """Members are the accounts that are there; what those that were merged into
        them issued, redeemed and lost stays with them, and is counted there.

        Nobody is active by points that expire.
        """
        return SQL(
            """
            SELECT count(*) FILTER (WHERE a.active) AS members,
                   count(*) FILTER (WHERE a.active AND (EXISTS (
                       SELECT FROM loyalty_transaction t
                        WHERE t.loyalty_id = a.id AND %(acts)s)
                       OR EXISTS (
                       SELECT FROM loyalty_transaction t
                         JOIN customer_loyalty m ON m.id = t.loyalty_id
                        WHERE m.merged_into_id = a.id AND %(acts)s)))
                       AS active,
                   coalesce(sum(points_lifetime - points_brought), 0)::float8 AS issued,
                   coalesce(sum(points_redeemed), 0)::float8 AS redeemed,
                   coalesce(sum(points_expired), 0)::float8 AS expired,
                   coalesce(sum(greatest(points_balance, 0)), 0)::float8
                       AS outstanding,
                   coalesce(sum(points_debt), 0)::float8 AS owed
              FROM customer_loyalty a WHERE a.program_id = %(program)s
            """,
            acts=SQL(
                "t.created_at > %s AND t.transaction_type <> 'expire'",
                since,
            ),
            program=program.id,
        )


def _percent(part, whole):
    return 100 * part / whole if whole else 0.0
