import csv
import io
from datetime import date, timedelta

from odoo import api, fields, models
from odoo.tools import SQL

from odoo.addons.customer_lifecycle.const import STAGES
from odoo.addons.customer_lifecycle.tools.history_reader import (
    HistoryReader,
    guess_layout,
)

from ..tools.demo_names import person
from ..tools.demo_plan import amounts, customers

# Which chapters of the story are told already; survives a killed run.
MARKER = "customer_lifecycle_suite.demo_chapter"
# The day the story was begun: all of its dates are counted from it.
TODAY = "customer_lifecycle_suite.demo_today"
CHAPTERS = (
    "shop",
    "team",
    "people",
    "subscriptions",
    "history",
    "assignment",
    "consents",
    "campaigns",
    "loyalty",
)
# More than the year that the dashboard looks back.
REPLAY_MONTHS = 13
# Generated people come behind those of the history.
FIRST_GENERATED = 10_000


class LifecycleDemo(models.AbstractModel):
    """The demo story: a real shop's history, moved to now, and a generated part.

    Each chapter is one transaction with its marker, but for the history: that is an
    import, which goes on where it was stopped.
    """

    _name = "lifecycle.demo"
    _description = "Demo Story"

    @api.model
    def _load(self, open_history, report):
        """Tell the chapters that are not told yet. Commits.

        :param open_history: returns the file of the history as a binary stream
        :param report: called with (title), returns a context manager whose ``show``
            takes a share of 0 to 1
        :return: whether there was anything left to tell
        """
        left = CHAPTERS[self._chapters_told() :]
        for chapter in left:
            with report(self._titles()[chapter]) as bar:
                getattr(self, f"_tell_{chapter}")(open_history, bar)
            self._mark(chapter)
        return bool(left)

    @api.model
    def _titles(self):
        return {
            "shop": self.env._("Shop"),
            "team": self.env._("Users and sales team"),
            "people": self.env._("Sign-ups and generated customers"),
            "history": self.env._("Purchase history and its stages"),
            "subscriptions": self.env._("Subscriptions"),
            "assignment": self.env._("Salespersons"),
            "consents": self.env._("Consents"),
            "campaigns": self.env._("Two months of campaigns"),
            "loyalty": self.env._("Loyalty club with points of the past"),
        }

    @api.model
    def _chapters_told(self):
        last = self.env["ir.config_parameter"].sudo().get_param(MARKER)
        return CHAPTERS.index(last) + 1 if last in CHAPTERS else 0

    @api.model
    def _mark(self, chapter):
        self.env["ir.config_parameter"].sudo().set_param(MARKER, chapter)
        self.env.cr.commit()  # pylint: disable=invalid-commit

    @api.model
    def _today(self):
        """Return the day the story was begun, in the time zone of the shop."""
        parameters = self.env["ir.config_parameter"].sudo()
        if not parameters.get_param(TODAY):
            today = self.env["lifecycle.engine"]._clock().today(self.env.company)
            parameters.set_param(TODAY, today.isoformat())
        return date.fromisoformat(parameters.get_param(TODAY))

    # --------------------------------------------------------------------- history
    @api.model
    def _tell_history(self, open_history, bar):
        """Import the history and the orders of the generated part as one file."""
        data = self._history_file(open_history)
        imports = self.env["lifecycle.import"]
        record = imports._resumable(
            self.env.company,
            fields.Date.to_string(self._today()),
            {
                "name": "demo-history.csv",
                "bytes_total": len(data),
                "duplicates": "keep",
                "replay_months": REPLAY_MONTHS,
            },
        )
        record._begin()
        record._run(
            lambda: io.BytesIO(data),
            lambda r: bar.show(r.progress / 100, self._history_note(r)),
        )
        if record.state != "done":
            raise RuntimeError(record.message or record.state)

    @api.model
    def _history_note(self, record):
        if record.phase == "replay" and record.replayed_to:
            return self.env._("stages of %s", record.replayed_to)
        return self.env._("%s orders", record.orders)

    @api.model
    def _history_file(self, open_history):
        rows = [*self._past_purchases(open_history), *self._generated_purchases()]
        rows.sort(key=lambda row: row[1])
        output = io.StringIO()
        writer = csv.writer(output)
        writer.writerow(["customer", "date", "amount", "name", "email"])
        writer.writerows(rows)
        return output.getvalue().encode()

    @api.model
    def _past_purchases(self, open_history):
        """Rows of the real history, moved so that the last purchase is yesterday."""
        layout = guess_layout(open_history, {})
        with open_history() as stream:
            purchases = [
                p for p in HistoryReader(stream, layout) if hasattr(p, "amount")
            ]
        last = max(purchase.moment.date() for purchase in purchases)
        shift = self._today() - timedelta(days=1) - last
        numbers = {
            key: n for n, key in enumerate(sorted({p.customer for p in purchases}))
        }
        return [
            (
                f"C{purchase.customer}",
                (purchase.moment.date() + shift).isoformat(),
                purchase.amount,
                *person(numbers[purchase.customer]),
            )
            for purchase in purchases
        ]

    @api.model
    def _generated_purchases(self):
        return [
            (
                f"G{number:05}",
                (self._today() - timedelta(days=days)).isoformat(),
                amount,
                *person(FIRST_GENERATED + number),
            )
            for number, customer in enumerate(customers())
            for days, amount in zip(
                customer.orders, amounts(len(customer.orders), number), strict=True
            )
        ]

    # ------------------------------------------------------------------ every time
    @api.model
    def _run_jobs(self, report):
        """Do what the scheduled actions do: events, due customers, statistics."""
        # Nobody is written to about demo customers who need attention.
        engine = self.env["lifecycle.engine"].with_context(
            mail_activity_quick_update=True
        )
        with report(self.env._("Events")):
            self.env["lifecycle.event.retry"]._cron_dispatch()
        with report(self.env._("Evaluation of due customers")):
            engine._cron_evaluate()
        with report(self.env._("Daily statistics")):
            engine._cron_statistics()

    @api.model
    def _stage_table(self):
        """Return one row per stage: label, customers, share, revenue, median silence.

        Share in percent; silence in days, None where nobody ever ordered.
        """
        self.env.flush_all()
        # percentile_cont: _read_group has no median.
        self.env.cr.execute(
            SQL(
                """
                SELECT l.current_stage, count(*),
                       100.0 * count(*) / sum(count(*)) OVER (),
                       sum(l.total_revenue),
                       percentile_cont(0.5) WITHIN GROUP (
                           ORDER BY %(today)s - l.last_order_date)
                  FROM customer_lifecycle l
                  JOIN res_partner p ON p.id = l.customer_id AND p.active
                 WHERE l.company_id = %(company)s
                 GROUP BY l.current_stage
                """,
                today=self.env["lifecycle.engine"]._clock().today(self.env.company),
                company=self.env.company.id,
            )
        )
        found = {row[0]: row[1:] for row in self.env.cr.fetchall()}
        return [(label, *found.get(key, (0, 0, 0, None))) for key, label in STAGES]
