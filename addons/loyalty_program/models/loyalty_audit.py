import logging

from odoo import api, models
from odoo.tools import SQL

from odoo.addons.customer_lifecycle.tools.json_view import whole

_logger = logging.getLogger(__name__)
SHOWN = 20


class LoyaltyAudit(models.AbstractModel):
    """Every night: do transactions, account, card and lots say the same?"""

    _name = "loyalty.audit"
    _description = "Audit of the Loyalty Ledger"

    @api.model
    def _cron_audit(self):
        """Look at all accounts, again while others move their points."""
        self.env["lifecycle.engine"]._insist(self._audit)

    @api.model
    def _audit(self):
        """Report differences to the log every time, to the managers once each; and
        what is owed, which is no difference.
        """
        found = self._differences()
        if found:
            _logger.error("Loyalty: %s accounts do not add up: %s", len(found), found)
        for row in self._owed():
            _logger.info("Loyalty: %(members)s members of %(name)s owe %(owed)s", row)
        self._tell(found)

    @api.model
    def _owed(self):
        """Return what members owe: their points were taken back after they had been
        spent, and what they earn next pays that first.

        :return: list of dicts with program_id, name, members (how many owe) and owed
            (points), of programs of which any does
        """
        groups = (
            self.env["customer.loyalty"]
            .sudo()
            ._read_group(
                [("points_debt", ">", 0)],
                ["program_id"],
                ["__count", "points_debt:sum"],
            )
        )
        return [
            {"program_id": p.id, "name": p.name, "members": count, "owed": owed}
            for p, count, owed in groups
        ]

    @api.model
    def _tell(self, found):
        """Write into each account what does not add up; managers are told of what was
        not there the night before.

        :param list found: as of ``_differences``
        """
        notes = {row["loyalty_id"]: self._note_of(row) for row in found}
        accounts = self.env["customer.loyalty"].sudo().with_context(active_test=False)
        marked = accounts.search([("audit_note", "!=", False)])
        (marked - accounts.browse(notes)).audit_note = False
        fresh = accounts.browse(notes).filtered(lambda a: a.audit_note != notes[a.id])
        for account in fresh:
            account.audit_note = notes[account.id]
        for account in fresh[:SHOWN]:
            account._tell_managers(
                self.env._("This account does not add up"),
                account.audit_note,
                len(fresh) - SHOWN if account == fresh[:SHOWN][-1:] else 0,
            )

    @api.model
    def _note_of(self, row):
        """Return the figures that should be the same, as a text."""
        return self.env._(
            "balance %(balance)s, transactions %(transactions)s, card %(card)s, lots "
            "%(lots)s, debt %(debt)s; lifetime %(lifetime)s, earned %(earned)s; breaks "
            "%(breaks)s",
            **{name: whole(value) for name, value in row.items()},
        )

    @api.model
    def _differences(self, accounts=None):
        """Return the accounts whose figures do not agree.

        :param accounts: ``customer.loyalty`` to look at; all of them by default
        :return: list of dicts with loyalty_id and the figures that must be the same:
            balance, transactions (their sum), card, lots (remaining minus debt),
            breaks (rows whose balance does not continue the row before); debt and
            points in lots exclude each other
        """
        self.env.flush_all()
        scope = SQL("a.id = ANY(%s)", accounts.ids) if accounts else SQL("TRUE")
        return self.env.execute_query_dict(
            SQL(
                """
                SELECT * FROM (
                    SELECT a.id AS loyalty_id, a.points_balance::float8 AS balance,
                           coalesce(t.points, 0)::float8 AS transactions,
                           coalesce(c.points, 0) AS card,
                           (coalesce(l.points, 0) - a.points_debt)::float8 AS lots,
                           a.points_debt::float8 AS debt,
                           (coalesce(t.earned, 0) + a.points_brought)::float8
                               AS earned,
                           a.points_lifetime::float8 AS lifetime,
                           coalesce(t.breaks, 0) AS breaks
                      FROM customer_loyalty a JOIN loyalty_card c ON c.id = a.card_id
                      LEFT JOIN (%s) t ON t.loyalty_id = a.id
                      LEFT JOIN (
                        SELECT loyalty_id, sum(remaining) AS points
                          FROM loyalty_point_lot GROUP BY 1) l ON l.loyalty_id = a.id
                     WHERE %s) f
                 WHERE balance <> transactions OR abs(balance - card) > 0.001
                    OR balance <> lots OR earned <> lifetime OR breaks > 0
                    OR debt <> greatest(-balance, 0)
                 ORDER BY loyalty_id
                """,
                self._transactions_query(),
                scope,
            )
        )

    def _transactions_query(self):
        """Sum up the rows per account, and count those that do not continue the row
        before.
        """
        return SQL(
            """
            SELECT loyalty_id, sum(points) AS points,
                   sum(points) FILTER (WHERE transaction_type = 'earn') AS earned,
                   count(*) FILTER (WHERE balance_before <> former) AS breaks
              FROM (SELECT loyalty_id, points, transaction_type, balance_before,
                           coalesce(lag(balance_after) OVER (
                               PARTITION BY loyalty_id ORDER BY id), 0) AS former
                      FROM loyalty_transaction) r
             GROUP BY 1
            """
        )
