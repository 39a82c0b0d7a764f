from odoo import models
from odoo.tools import SQL


class LoyaltyCardMerge(models.AbstractModel):
    """Cards of contacts that become one: who knew the one knows the other."""

    _name = "loyalty.card.merge"
    _description = "Merged Member Cards"

    def _successor(self):
        """Return these cards; for one whose account was merged, that of the account
        that took over.
        """
        accounts = self.env["customer.loyalty"].sudo().with_context(active_test=False)
        former = accounts.search(
            [("card_id", "in", self.ids), ("merged_into_id", "!=", False)]
        )
        cards = former._successor().card_id
        return (self - former.card_id) | cards.sudo(self.env.su)

    def _hand_over(self, into):
        """Let quotations, orders and histories of this card, whose account is given up,
        go on with the one that takes over: what they redeemed comes back there, and
        what they claim is paid from there.

        :param into: ``loyalty.card``
        """
        self.ensure_one()
        self.env.flush_all()
        for query in self._hand_over_queries(into):
            self.env.cr.execute(query)
        self.env.invalidate_all()

    def _hand_over_queries(self, into):
        """Return the statements that put a card in place of this one."""
        applied = self.env["sale.order"]._fields["applied_coupon_ids"]
        yield self._join_entries_query(into)
        yield SQL(
            "DELETE FROM %(table)s mine USING %(table)s other WHERE %(same)s",
            table=SQL.identifier(applied.relation),
            same=SQL(
                "mine.%(card)s = %(mine)s AND other.%(card)s = %(into)s"
                " AND other.%(order)s = mine.%(order)s",
                card=SQL.identifier(applied.column2),
                order=SQL.identifier(applied.column1),
                mine=self.id,
                into=into.id,
            ),
        )
        for table, column in (
            ("sale_order_coupon_points", "coupon_id"),
            (applied.relation, applied.column2),
            *self._known_by(),
        ):
            yield SQL(
                "UPDATE %(table)s SET %(column)s = %(into)s"
                " WHERE %(column)s = %(mine)s",
                table=SQL.identifier(table),
                column=SQL.identifier(column),
                into=into.id,
                mine=self.id,
            )

    def _join_entries_query(self, into):
        """Add up what orders that know both cards note for each."""
        known = SQL(
            """
            SELECT mine.id, other.id AS other_id, mine.points
              FROM sale_order_coupon_points mine
              JOIN sale_order_coupon_points other ON other.order_id = mine.order_id
             WHERE mine.coupon_id = %s AND other.coupon_id = %s
            """,
            self.id,
            into.id,
        )
        return SQL(
            """
            WITH known AS (%s),
                 gone AS (DELETE FROM sale_order_coupon_points p
                           USING known k WHERE p.id = k.id)
            UPDATE sale_order_coupon_points p SET points = p.points + k.points
              FROM known k WHERE p.id = k.other_id
            """,
            known,
        )

    def _known_by(self):
        """Return [(table, column)] of what else names cards; bridges add theirs."""
        return [("sale_order_line", "coupon_id"), ("loyalty_history", "card_id")]
