"""The floor: hand-written SQL for the same work on the same data."""

from functools import cache
from pathlib import Path

HERE = Path(__file__).parent


@cache
def statement(name, rows="customer_lifecycle"):
    """The text of one statement; parameters stay as ``%(name)s``."""
    text = (HERE / f"{name}.sql").read_text(encoding="utf-8")
    if "{verdict}" in text:
        text = text.replace("{verdict}", statement("verdict", rows).strip())
    return text.replace("{rows}", rows)


def evaluate(cr, now):
    """Evaluate everybody; return how many stages changed."""
    cr.execute(statement("evaluate"), {"now": now})
    return cr.fetchone()[0]


def backfill(cr, now):
    """Build facts, rows, history and timeline; return the number of customers."""
    for name in ("backfill_facts", "backfill_median"):
        cr.execute(statement(name), {"now": now})
    cr.execute("ANALYZE floor_fact")
    cr.execute(statement("backfill_rows", "floor_fact"), {"now": now})
    rows = cr.fetchone()[0]
    cr.execute(statement("backfill_events"), {"now": now})
    return rows


def dashboard(cr, companies, before, start, end):
    """The dashboard's figures of [start, end) and of the period before."""
    values = {"companies": companies, "before": before, "start": start, "end": end}
    cr.execute(statement("dashboard"), values)
    return cr.fetchone()
