"""Whole purchase histories in a few statements, for tests and benchmarks.

Partners and orders are copied by SQL from one that the ORM made, so that every
column has the value that Odoo gives it. Confirmation hooks do not run: what stands
in the orders then is history that only a back-fill finds.
"""

from odoo.tools import SQL
from odoo.tools.sql import table_columns

PROTOTYPE = "Prototype customer"
# Columns of an order that are its own.
OWN = {
    "partner_id": SQL("r.partner_id"),
    "partner_invoice_id": SQL("r.partner_id"),
    "partner_shipping_id": SQL("r.partner_id"),
    "date_order": SQL("r.date_order"),
    "amount_total": SQL("r.amount"),
    "amount_untaxed": SQL("r.amount"),
    "state": SQL("'sale'"),
}


def insert_partners(env, names):
    """Insert one partner per name.

    :return: list of ids in the order of ``names``
    """
    prototype = env["res.partner"].create({"name": PROTOTYPE})
    env.flush_all()
    copied = _other_columns(env, "res_partner", ("id", "name", "complete_name"))
    copied = [c for c in copied if c.name not in ("commercial_partner_id",)]
    env.cr.execute(
        SQL(
            """
            WITH fresh AS (
                SELECT nextval('res_partner_id_seq') AS id, name
                  FROM unnest(%(names)s) WITH ORDINALITY AS n(name, place)
                 ORDER BY place
            )
            INSERT INTO res_partner (id, commercial_partner_id, name, complete_name,
                                     %(columns)s)
            SELECT f.id, f.id, f.name, f.name, %(values)s
              FROM fresh f, res_partner p WHERE p.id = %(prototype)s
            RETURNING id
            """,
            names=list(names),
            columns=SQL(", ").join(column.sql for column in copied),
            values=SQL(", ").join(column.of("p") for column in copied),
            prototype=prototype.id,
        )
    )
    ids = [row[0] for row in env.cr.fetchall()]
    prototype.unlink()
    env.cr.execute("ANALYZE res_partner")
    env.invalidate_all()
    return ids


def insert_orders(env, rows, company=None):
    """Insert confirmed orders.

    :param rows: list of (partner id, ``datetime`` in UTC, amount)
    :return: list of ids
    """
    prototype = _prototype_order(env, company or env.company)
    copied = _other_columns(env, "sale_order", ("id", "access_token", *OWN))
    env.cr.execute(
        SQL(
            """
            INSERT INTO sale_order (%(names)s, %(columns)s)
            SELECT %(own)s, %(values)s
              FROM unnest(%(partners)s::int[], %(dates)s::timestamp[],
                          %(amounts)s::numeric[])
                   AS r(partner_id, date_order, amount), sale_order p
             WHERE p.id = %(prototype)s
            RETURNING id
            """,
            names=SQL(", ").join(map(SQL.identifier, OWN)),
            columns=SQL(", ").join(column.sql for column in copied),
            own=SQL(", ").join(OWN.values()),
            values=SQL(", ").join(column.of("p") for column in copied),
            partners=[row[0] for row in rows],
            dates=[row[1] for row in rows],
            amounts=[row[2] for row in rows],
            prototype=prototype.id,
        )
    )
    ids = [row[0] for row in env.cr.fetchall()]
    partner = prototype.partner_id
    prototype.unlink()
    partner.unlink()
    env.cr.execute("ANALYZE sale_order")
    env.invalidate_all()
    return ids


def _prototype_order(env, company):
    partner = env["res.partner"].create({"name": PROTOTYPE})
    order = (
        env["sale.order"]
        .with_company(company)
        .create({"partner_id": partner.id, "company_id": company.id})
    )
    env.flush_all()
    return order


class _Column:
    def __init__(self, name):
        self.name = name
        self.sql = SQL.identifier(name)

    def of(self, alias):
        return SQL.identifier(alias, self.name)


def _other_columns(env, table, without):
    return [_Column(c) for c in table_columns(env.cr, table) if c not in without]
