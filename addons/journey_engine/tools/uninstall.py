"""What an addon with steps of its own does before it goes."""

from odoo.tools import SQL

TEMPLATES = ["mail_template", "sms_template"]


def release_journeys(env, module):
    """Let everything go that only an addon's own journeys hold.

    Whoever walks one of them is free for other journeys of its exclusive group, and
    what is still in a queue does not leave; the log keeps what was sent.

    :param str module: technical name of the addon that is uninstalled
    """
    names = _models(env, module)
    waiting = env.execute_query(
        SQL(
            "SELECT run_model, array_agg(DISTINCT run_id) FROM journey_delivery"
            " WHERE run_model = ANY(%s) AND state IN ('queued', 'held') GROUP BY 1",
            names,
        )
    )
    for run_model, ids in waiting:
        env["journey.delivery"]._call_back(run_model, ids, "uninstalled")
    env.cr.execute("DELETE FROM journey_slot WHERE run_model = ANY(%s)", [names])
    env["journey.slot"].invalidate_model()
    _release_records(env, names)


def _models(env, module):
    """Return the names of the models that an addon brought."""
    data = env["ir.model.data"].search(
        [("module", "=", module), ("model", "=", "ir.model")]
    )
    return env["ir.model"].browse(data.mapped("res_id")).mapped("model")


def _release_records(env, names):
    """Let shipped templates, tutorials and the like go before the steps that name them.

    Odoo deletes shipped records first and tables last: the steps of copies and of a
    marketer's own journeys would keep each of them, with an error in the log.
    """
    tables = [env[name]._table for name in names if name in env]
    rows = env.execute_query(
        SQL(
            """
            SELECT holder.relname, k.conname
              FROM pg_constraint k
              JOIN pg_class holder ON holder.oid = k.conrelid
              JOIN pg_class held ON held.oid = k.confrelid
             WHERE k.contype = 'f'
               AND holder.relname = ANY(%s) AND held.relname = ANY(%s)
            """,
            tables,
            TEMPLATES + tables,
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
