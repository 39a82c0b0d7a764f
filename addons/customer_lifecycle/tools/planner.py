"""Where PostgreSQL's planner needs to be told something."""

from odoo.tools import SQL

SMALL_BYTES = 16 * 8192


def unless_known(cr, table, condition):
    """Return the condition that no row ``known`` of ``table`` meets ``condition``.

    For an INSERT that would burn an id for each row that ON CONFLICT leaves out. TRUE
    while the table is (almost) empty: an empty table is planned to be read once per
    new row, and by then it is no longer empty. ON CONFLICT alone is right there.
    """
    cr.execute("SELECT pg_relation_size(%s::regclass) < %s", [table, SMALL_BYTES])
    if cr.fetchone()[0]:
        return SQL("TRUE")
    # OFFSET 0 keeps it a look-up per new row. Batch after batch, the join that the
    # planner would make of it reads all of a growing table each time.
    return SQL(
        "NOT EXISTS (SELECT FROM %s known WHERE %s OFFSET 0)",
        SQL.identifier(table),
        condition,
    )
