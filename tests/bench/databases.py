"""Databases of the benchmark: copies, filled once and reused while they fit."""

from contextlib import closing, contextmanager

import psycopg2
from psycopg2 import sql

from odoo import SUPERUSER_ID, api
from odoo.modules.registry import Registry
from odoo.sql_db import close_db


def execute(database, *statements):
    """Run statements outside of any transaction (VACUUM, CHECKPOINT, ...)."""
    with closing(psycopg2.connect(dbname=database)) as connection:
        connection.autocommit = True
        with connection.cursor() as cursor:
            for statement in statements:
                cursor.execute(statement)
            return cursor.fetchall() if cursor.description else None


def settle(database, *tables):
    """Leave no work of the preparations to what is measured."""
    names = sql.SQL(", ").join(map(sql.Identifier, tables))
    execute(database, sql.SQL("VACUUM ANALYZE {}").format(names), "CHECKPOINT")


@contextmanager
def environment(database):
    """An environment of the superuser on ``database``."""
    with Registry(database).cursor() as cr:
        yield api.Environment(cr, SUPERUSER_ID, {})


def ensure(name, template, contents, fill):
    """Make ``name`` a copy of ``template``, filled, unless it is one already.

    The comment on the database is written last: it tells of which template, and
    whether the filling was completed.

    :param str contents: what ``fill`` puts into it
    :param fill: called with an environment
    """
    stamp = f"bench {contents} of {_identity(template)}"
    if _comment(name) == stamp:
        return
    drop(name)
    # What filled the template may keep its connection.
    close_db(template)
    identifier = sql.Identifier(name)
    execute(
        "postgres",
        sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(
            identifier, sql.Identifier(template)
        ),
        sql.SQL("ALTER DATABASE {} SET synchronous_commit = off").format(identifier),
    )
    with environment(name) as env:
        fill(env)
        env.cr.commit()
    execute(name, "VACUUM ANALYZE")
    execute(
        name,
        sql.SQL("COMMENT ON DATABASE {} IS {}").format(identifier, sql.Literal(stamp)),
    )


def drop(name):
    execute(
        "postgres",
        sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)),
    )


def _identity(name):
    query = sql.SQL("SELECT oid FROM pg_database WHERE datname = {}")
    return execute("postgres", query.format(sql.Literal(name)))[0][0]


def _comment(name):
    query = sql.SQL(
        "SELECT shobj_description(oid, 'pg_database') FROM pg_database"
        " WHERE datname = {}"
    )
    found = execute("postgres", query.format(sql.Literal(name)))
    return found[0][0] if found else None
