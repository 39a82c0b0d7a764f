from odoo import fields, models
from odoo.tools import SQL

from ..tools.movement import Movement

# Keys of what one person gets once, however many accounts there were.
ONCE = r"^(signup$|birthday:|anniversary:|review:)"


class CustomerLoyaltyTwice(models.AbstractModel):
    """Contacts that become one got once what each of them got for oneself."""

    _name = "customer.loyalty.twice"
    _description = "Bonuses of merged Accounts"

    def _is_noted(self, keys):
        """Whether the account has, or lets pend, what one of some keys stands for.

        :param list keys: of the ledger
        """
        domain = [
            ("loyalty_id", "in", self._with_merged().ids),
            ("idempotency_key", "in", keys),
        ]
        return any(
            self.env[name].sudo().search_count(domain, limit=1)
            for name in ("loyalty.transaction", "loyalty.pending")
        )

    def _return_twice(self, into):
        """Take back what an account that is given up got, and the other one has, too:
        the bonus of the sign-up, of a birthday, of a review. What has expired is gone
        already; what was spent is taken as the program says.

        :param into: ``customer.loyalty`` that takes over
        """
        self.ensure_one()
        self.env.flush_all()
        rows = self.env.execute_query(self._twice_query(into))
        if not rows:
            return
        standing, ledger = self._locked(), self.env["loyalty.ledger"].sudo()
        now, text = fields.Datetime.now(), self.env._("Merged: granted once")
        for number, key, points, *source in rows:
            back = Movement("earn", -points, *source, text, f"{key}:back")
            ledger._take_back_given(standing, back._replace(undoes=(number,)), now)

    def _twice_query(self, into):
        """Select (id, key, points, source) of such earnings."""
        return SQL(
            """
            SELECT t.id, t.idempotency_key, t.points::float8, t.source_type, t.source_id
              FROM loyalty_transaction t
             WHERE t.loyalty_id = %(mine)s AND t.idempotency_key ~ %(once)s
               AND t.transaction_type = 'earn' AND t.points > 0
               AND EXISTS (SELECT FROM loyalty_transaction o
                            WHERE o.loyalty_id = ANY(%(theirs)s)
                              AND o.idempotency_key = t.idempotency_key)
               AND NOT EXISTS (SELECT FROM loyalty_transaction b
                                WHERE b.loyalty_id = t.loyalty_id
                                  AND b.idempotency_key = t.idempotency_key || ':back')
             ORDER BY t.id
            """,
            mine=self.id,
            once=ONCE,
            theirs=into._with_merged().ids,
        )
