"""Evaluate everybody (all change, none changes), and the nightly run."""

from unittest.mock import patch

from odoo import fields

from . import floor, peer
from .databases import execute, settle
from .measure import once, side_by_side
from .report import Bound, Row, against

WRITTEN = ("customer_lifecycle", "lifecycle_stage_history", "lifecycle_event")
SAMPLE = 500
# Everybody into a stage that is not the one of the rules.
MISPLACE = """
    UPDATE customer_lifecycle l
       SET current_stage = CASE v.stage WHEN 'acquired' THEN 'churned'
                                        ELSE 'acquired' END
      FROM bench_stage v WHERE v.id = l.id
"""
FORGET = (
    "DELETE FROM lifecycle_event WHERE event_type = 'stage_changed'",
    "DELETE FROM lifecycle_stage_history",
)
# One customer in a hundred is due; the others look as if evaluated this very day.
DUE = """
    UPDATE customer_lifecycle
       SET next_evaluation_date = %(day)s, current_stage = 'acquired'
     WHERE id %% 100 = 0
"""


class Evaluation:
    """The three rows on one database."""

    def __init__(self, env, database, now):
        self.env = env
        self.cr = env.cr
        self.database = database
        self.now = now
        self.engine = env["lifecycle.engine"]
        self._settle_stages()
        self.size = env["customer.lifecycle"].search_count([])

    def _settle_stages(self):
        """Evaluate once, and remember what the rules say."""
        self.ours()
        self.cr.commit()
        execute(
            self.database,
            "DROP TABLE IF EXISTS bench_stage",
            "CREATE TABLE bench_stage AS"
            " SELECT id, current_stage AS stage FROM customer_lifecycle",
            "ANALYZE bench_stage",
        )

    def ours(self):
        return self.engine.evaluate_all_customers(self.now)

    def floor(self):
        return floor.evaluate(self.cr, self.now)

    def misplace(self):
        execute(self.database, *FORGET, MISPLACE)
        self.settle()

    def settle(self):
        settle(self.database, *WRITTEN, "res_partner")

    def all_change(self):
        """Row 1: every customer is in another stage than the rules say."""
        self.misplace()  # once more, so that both sides find the same free space
        found = side_by_side(
            self.cr, {"ours": self.ours, "floor": self.floor}, self.misplace
        )
        ours, below = found["ours"], found["floor"]
        assert ours.result == below.result == self.size, (ours, below)
        self.misplace()
        loop, sample = self._peer()
        row = self._row("evaluate_all", "Evaluate all, every row changes", found)
        row.ratios["peer"] = (ours.seconds / self.size) / (loop.seconds / sample)
        row.notes.append(
            f"peer: record by record through the ORM, on {sample} customers:"
            f" {loop.seconds / sample * 1e6:,.0f} us per row"
        )
        row.bounds.append(Bound("x floor", row.ratios["floor"], 1.5))
        return row

    def none_changes(self):
        """Row 2: everybody is where the rules say, and nobody is due."""
        self.ours()
        self.cr.commit()
        self.settle()
        sides = {"ours": self.ours, "floor": self.floor}
        found = side_by_side(self.cr, sides, lambda: None, repeat=7)
        assert found["ours"].result == found["floor"].result == 0, found
        loop, sample = self._peer()
        row = self._row("evaluate_same", "Evaluate all, nothing changes", found)
        row.ratios["peer"] = (row.seconds / self.size) / (loop.seconds / sample)
        row.bounds.append(Bound("x floor", row.ratios["floor"], 2))
        return row

    def nightly(self):
        """Row 3: one in a hundred is due, and all of these change their stage.

        Compared with evaluating everybody when everybody changes: the same work per
        customer. Beside it: with evaluating everybody in the very same state.
        """
        whole = self._once_everybody_changes()
        found = side_by_side(
            self.cr,
            {"nightly": self._run_nightly, "everybody": self.ours},
            self._make_due,
        )
        night, everybody = found["nightly"], found["everybody"]
        row = Row(
            "nightly",
            "Nightly run, 1 % due",
            self.size // 100,
            night.seconds,
            night.statements,
            sides={
                "nightly": night.seconds,
                "everybody, all change": whole.seconds,
                "everybody, the same 1 % changes": everybody.seconds,
            },
        )
        for name, other in (
            ("everybody, all change", whole),
            ("everybody, the same 1 % changes", everybody),
        ):
            row.ratios[name] = night.seconds / other.seconds
        times = whole.seconds / night.seconds
        row.bounds.append(Bound("times cheaper", times, 20, above=True))
        return row

    def _once_everybody_changes(self):
        self.misplace()
        return once(self.cr, self.ours)

    def _make_due(self):
        self.ours()
        self.cr.execute(DUE, {"day": self.now.date()})
        self.cr.commit()
        self.settle()

    def _run_nightly(self):
        with patch.object(fields.Datetime, "now", lambda: self.now):
            return self.engine._cron_evaluate()

    def _peer(self):
        rows = self.env["customer.lifecycle"].search([], limit=SAMPLE)
        self.env.invalidate_all()
        sample = once(self.cr, lambda: peer.evaluate(rows, self.now))
        return sample, len(rows)

    def _row(self, key, title, found):
        ours, below = found["ours"], found["floor"]
        return Row(
            key,
            title,
            self.size,
            ours.seconds,
            ours.statements,
            sides={"ours": ours.seconds, "floor": below.seconds},
            ratios=against("floor", ours, below),
        )
