"""The floor of loyalty: the same rows in as few statements as they take."""

from . import statement


def expire(env, now):
    """Expire every lot that is due; return how many."""
    env.cr.execute(statement("loyalty_expiry"), {"now": now, "user": env.uid})
    return env.cr.fetchone()[0]


def backfill(env, program, now):
    """Credit the orders from before a program; return how many."""
    values = {
        "program": program.id,
        "company": program.company_id.id,
        "since": program.accounts_since,
        "user": env.uid,
        "now": now,
    }
    env.cr.execute(statement("loyalty_backfill"), values)
    return env.cr.fetchone()[0]
