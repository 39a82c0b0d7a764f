"""What an addon with steps of its own does before it goes."""

from odoo.tools import SQL

TEMPLATES = ["mail_template", "sms_template"]


def release_templates(env, module):
    """Let the templates of an addon go before the steps that name them.

    Odoo deletes shipped records first and tables last: the steps of copies and of a
    marketer's own journeys would keep each template, with an error in the log.

    :param str module: technical name of the addon that is uninstalled
    """
    data = env["ir.model.data"].search(
        [("module", "=", module), ("model", "=", "ir.model")]
    )
    names = env["ir.model"].browse(data.mapped("res_id")).mapped("model")
    tables = [env[name]._table for name in names if name in env]
    rows = env.execute_query(
        SQL(
            """
            SELECT holder.relname, k.conname
              FROM pg_constraint k
              JOIN pg_class holder ON holder.oid = k.conrelid
              JOIN pg_class template ON template.oid = k.confrelid
             WHERE k.contype = 'f'
               AND holder.relname = ANY(%s) AND template.relname = ANY(%s)
            """,
            tables,
            TEMPLATES,
        )
    )
    for table, key in rows:
        env.cr.execute(
            SQL(
                "ALTER TABLE %s DROP CONSTRAINT %s",
                SQL.identifier(table),
                SQL.identifier(key),
            )
        )
