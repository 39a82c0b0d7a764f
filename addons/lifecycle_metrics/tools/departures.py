"""Triggers that count rows as they are deleted, whoever deletes them and however.

Contacts take their runs and deliveries along by cascades of the database, which no
code of the ORM sees.
"""

from odoo.tools import SQL

TRIGGER = "lifecycle_metrics_departed"
RUN = SQL("lifecycle_metrics_run_departed")
DELIVERY = SQL("lifecycle_metrics_delivery_departed")

# What was under way when it was deleted has come to an end by that.
RUN_BODY = SQL(
    """
    INSERT INTO lifecycle_metrics_departed (
        source, company_id, definition_id, state, reason, number)
    SELECT TG_ARGV[0], company_id, definition_id,
           CASE run_state WHEN 'running' THEN 'cancelled' ELSE run_state END,
           CASE run_state WHEN 'running' THEN 'deleted' ELSE exit_reason END,
           count(*)
      FROM departed WHERE is_holdout IS NOT TRUE GROUP BY 2, 3, 4, 5;
    -- As JSON, since not every model of runs has the column.
    INSERT INTO lifecycle_metrics_departed (
        source, company_id, definition_id, state, number)
    SELECT TG_ARGV[0] || ':recovered', company_id, definition_id, 'done', count(*)
      FROM departed d WHERE to_jsonb(d)->>'recovered_at' IS NOT NULL
     GROUP BY 2, 3;
    RETURN NULL;
    """
)
# Old deliveries become figures instead: journey.delivery.summary._summarise().
DELIVERY_BODY = SQL(
    """
    IF current_setting('lifecycle_metrics.summarising', TRUE) = 'yes' THEN
        RETURN NULL;
    END IF;
    INSERT INTO lifecycle_metrics_departed (
        source, company_id, channel, state, reason, number)
    SELECT TG_ARGV[0], company_id, channel,
           CASE state WHEN 'queued' THEN 'cancelled' ELSE state END,
           CASE state WHEN 'queued' THEN 'deleted' ELSE reason END, count(*)
      FROM departed WHERE state <> 'held' GROUP BY 2, 3, 4, 5;
    INSERT INTO lifecycle_metrics_departed (
        source, company_id, channel, state, number)
    SELECT TG_ARGV[0] || ':undelivered', company_id, channel, 'failed', count(*)
      FROM departed
     WHERE sent_at IS NOT NULL
       AND state IN ('queued', 'failed', 'cancelled', 'skipped')
     GROUP BY 2, 3;
    RETURN NULL;
    """
)


def watch_runs(model):
    """Count the deleted runs of a concrete model."""
    _watch(model, RUN, RUN_BODY)


def watch_deliveries(model):
    """Count the deleted deliveries."""
    _watch(model, DELIVERY, DELIVERY_BODY)


def _watch(model, function, body):
    cr = model.env.cr
    cr.execute(
        SQL(
            "CREATE OR REPLACE FUNCTION %s() RETURNS trigger LANGUAGE plpgsql AS"
            " $$ BEGIN %s END $$",
            function,
            body,
        )
    )
    cr.execute(
        "SELECT 1 FROM pg_trigger WHERE tgrelid = %s::regclass AND tgname = %s",
        [model._table, TRIGGER],
    )
    # Made once: making it again would wait for everybody who uses the table.
    if cr.fetchone():
        return
    cr.execute(
        SQL(
            "CREATE TRIGGER %s AFTER DELETE ON %s REFERENCING OLD TABLE AS departed"
            " FOR EACH STATEMENT EXECUTE FUNCTION %s(%s)",
            SQL.identifier(TRIGGER),
            SQL.identifier(model._table),
            function,
            model._name,
        )
    )


def drop_watches(cr):
    """Remove the functions and with them the triggers."""
    for function in (RUN, DELIVERY):
        cr.execute(SQL("DROP FUNCTION IF EXISTS %s() CASCADE", function))
