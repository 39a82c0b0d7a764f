import csv
import io
from datetime import date, datetime, time, timedelta

from odoo import api, fields, models
from odoo.tools import SQL

from odoo.addons.customer_lifecycle.const import STAGES
from odoo.addons.customer_lifecycle.tools.history_reader import (
    HistoryReader,
    guess_layout,
)

from ..tools.demo_names import person
from ..tools.demo_plan import amounts, customers
from ..tools.frozen_clock import FrozenClock

# Which chapters of the story are told already; survives a killed run.
MARKER = "customer_lifecycle_suite.demo_chapter"
# The day the story ends: all of its dates are counted from it.
TODAY = "customer_lifecycle_suite.demo_today"
# How many days before it are lived, not imported.
DAYS = "customer_lifecycle_suite.demo_days"
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
    "year",
    "end",
)
# The dashboard looks back over a year.
REPLAY_MONTHS = 13
# Generated people come behind those of the history.
FIRST_GENERATED = 10_000
# When the shop opens, in UTC: eight in the morning in Dhaka.
DAWN = time(2)


class LifecycleDemo(models.AbstractModel):
    """The demo story: a real shop's history, moved to now, and a generated part.

    What is older than the days that are lived is imported; each of these is lived
    through with a clock that stands where the story is. Each chapter is one
    transaction with its marker, but for the import and the days: they go on where they
    were stopped.
    """

    _name = "lifecycle.demo"
    _description = "Demo Story"

    @api.model
    def _load(self, open_history, report, days=0, today=None):
        """Tell the chapters that are not told yet. Commits.

        :param open_history: returns the file of the history as a binary stream
        :param report: called with (title), returns a context manager whose ``show``
            takes a share of 0 to 1
        :param int days: how many days are lived, for a story that begins now
        :param date today: the day on which it ends; today by default
        :return: whether there was anything left to tell
        """
        left = CHAPTERS[self._chapters_told() :]
        if not left:
            return False
        self._begin(days, today)
        dawn = datetime.combine(self._first_day(), DAWN)
        with FrozenClock(self.env.cr, dawn) as clock:
            demo = self.with_context(demo_clock=clock)
            for chapter in left:
                with report(self._titles()[chapter]) as bar:
                    getattr(demo, f"_tell_{chapter}")(open_history, bar)
                demo._mark(chapter)
        return True

    @api.model
    def _titles(self):
        return {
            "shop": self.env._("Shop"),
            "team": self.env._("Users and sales team"),
            "people": self.env._("Generated customers of before"),
            "history": self.env._("Purchase history and its stages"),
            "subscriptions": self.env._("Subscriptions"),
            "assignment": self.env._("Salespersons"),
            "consents": self.env._("Consents"),
            "campaigns": self.env._("Journeys, campaigns and surveys"),
            "loyalty": self.env._("Loyalty club with points of the past"),
            "year": self.env._("Day after day"),
            "end": self.env._("Today"),
        }

    @api.model
    def _chapters_told(self):
        last = self.env["ir.config_parameter"].sudo().get_param(MARKER)
        return CHAPTERS.index(last) + 1 if last in CHAPTERS else 0

    @api.model
    def _mark(self, chapter):
        self.env["ir.config_parameter"].sudo().set_param(MARKER, chapter)
        self.env.cr.commit()  # pylint: disable=invalid-commit

    # ------------------------------------------------------------------------ dates
    @api.model
    def _begin(self, days, today):
        """Write down what all dates are counted from, unless it is there."""
        parameters = self.env["ir.config_parameter"].sudo()
        if not parameters.get_param(TODAY):
            today = today or self.env["lifecycle.engine"]._clock().today(
                self.env.company
            )
            parameters.set_param(TODAY, today.isoformat())
            parameters.set_param(DAYS, days)

    @api.model
    def _today(self):
        """Return the day on which the story ends, in the time zone of the shop."""
        self._begin(0, None)
        text = self.env["ir.config_parameter"].sudo().get_param(TODAY)
        return date.fromisoformat(text)

    @api.model
    def _first_day(self):
        """Return the first day that is lived."""
        days = self.env["ir.config_parameter"].sudo().get_param(DAYS)
        return self._today() - timedelta(days=int(days or 0))

    # --------------------------------------------------------------------- history
    @api.model
    def _tell_history(self, open_history, bar):
        """Import what was bought before the days that are lived, as one file."""
        data = self._history_file(open_history)
        imports = self.env["lifecycle.import"]
        record = imports._resumable(
            self.env.company,
            fields.Date.to_string(self._today()),
            {
                "name": "demo-history.csv",
                "bytes_total": len(data),
                "duplicates": "keep",
                "replay_months": self._months_before(),
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
    def _months_before(self):
        """Return how many months of stages are replayed before the first day."""
        lived = (self._today() - self._first_day()).days // 30
        return max(REPLAY_MONTHS - lived, 6)

    @api.model
    def _history_note(self, record):
        if record.phase == "replay" and record.replayed_to:
            return self.env._("stages of %s", record.replayed_to)
        return self.env._("%s orders", record.orders)

    @api.model
    def _history_file(self, open_history):
        first = self._first_day().isoformat()
        rows = [row for row in self._purchases(open_history) if row[1] < first]
        output = io.StringIO()
        writer = csv.writer(output)
        writer.writerow(["customer", "date", "amount", "name", "email"])
        writer.writerows(rows)
        return output.getvalue().encode()

    @api.model
    def _purchases(self, open_history):
        """Return (customer, date, amount, name, e-mail) of the whole story by date."""
        rows = [*self._past_purchases(open_history), *self._generated_purchases()]
        return sorted(rows, key=lambda row: row[1])

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
