import logging
from datetime import timedelta
from itertools import islice

from dateutil.relativedelta import relativedelta
from psycopg2 import DataError, IntegrityError
from psycopg2.errors import DeadlockDetected, SerializationFailure, UniqueViolation

from odoo import api, fields, models
from odoo.exceptions import LockError, UserError

from ..tools.history_layout import Layout, UnreadableFile
from ..tools.history_reader import Problem, guess_layout
from .lifecycle_import_customer import SILENT

_logger = logging.getLogger(__name__)

READ_BATCH = 2000
LOAD_BATCH = 500
# So many bad lines and not one good: the file is read the wrong way.
HOPELESS = 1000
REPLAY_STEP = timedelta(days=7)
# Another import took the same customers or purchases: look again.
COLLISIONS = (SerializationFailure, DeadlockDetected, UniqueViolation)
MAX_COLLISIONS = 20


class LifecycleImportRun(models.Model):
    """Do the work of an import, step by step; each step is one transaction."""

    _inherit = "lifecycle.import"

    @api.model
    def _cron_process(self):
        """Work on running imports; commits after each batch."""
        running = self.search([("state", "=", "running")], order="id")
        for record in running:
            if record._attachment() and not record._run():
                return

    def _run(self, open_stream=None, report=None):
        """Do steps until the import is over or the time of the cron is up. Commits.

        :param open_stream: returns the file as a binary stream; the uploaded one
            by default
        :param report: called with the import after each step
        :return: whether the import is over
        """
        record = self.sudo().with_company(self.company_id)
        job = {"open": open_stream or record._open, "collisions": 0}
        commit = self.env["ir.cron"]._commit_progress
        try:
            while record._step_safely(job):
                over = record.state != "running"
                seconds = commit(1, remaining=0 if over else 1)
                if report:
                    report(record)
                if over or not seconds:
                    return over
        finally:
            _forget_reader(job)
        return False

    def _step_safely(self, job):
        """Do one step; a failure is written down, not raised.

        :return: whether there is something to commit
        """
        try:
            return self._step(job)
        except LockError:
            return False  # another process is at it
        except COLLISIONS:
            self._take_back(job)
            job["collisions"] += 1
            if job["collisions"] > MAX_COLLISIONS:
                raise
        except UnreadableFile as error:
            self._take_back(job)
            self._fail(self.env["lifecycle.import.error"]._file_reason(error))
        except Exception as error:
            # Whatever it is: the user reads it beside the button to go on.
            self._take_back(job)
            _logger.exception("Import %s failed", self.id)
            self._fail(str(error))
        return True

    def _take_back(self, job):
        # pylint: disable=invalid-commit
        self.env.cr.rollback()
        _forget_reader(job)

    def _fail(self, reason):
        self.write({"state": "failed", "message": reason})

    def _step(self, job):
        self.lock_for_update()
        if self.state == "running":
            getattr(self, f"_step_{self.phase}")(job)
            self.env.flush_all()
        return True

    # -------------------------------------------------------------------- the file
    def _step_read(self, job):
        """Move lines of the file into waiting rows."""
        if not self.layout:
            self.layout = vars(guess_layout(job["open"], self._chosen()))
        reader = self._reader(job)
        entries = list(islice(reader, READ_BATCH))
        if not entries:
            self._check_found()
            self.phase = "match"
            return
        problems = [entry for entry in entries if isinstance(entry, Problem)]
        purchases = [entry for entry in entries if not isinstance(entry, Problem)]
        self.env["lifecycle.import.row"]._insert(self, purchases)
        self._log_problems(problems)
        self.rows += len(purchases)
        self.lines_read = job["line"] = entries[-1].line
        self.bytes_read = reader.tell()
        if not self.rows and self.errors >= HOPELESS:
            self._give_up(problems[0])

    def _reader(self, job):
        if job.get("line") != self.lines_read or "reader" not in job:
            _forget_reader(job)
            job["reader"] = self._reader_of(job["open"](), Layout(**self.layout))
            if self.lines_read:
                job["reader"].skip_to(self.lines_read)
            job["line"] = self.lines_read
        return job["reader"]

    def _log_problems(self, problems):
        log = self.env["lifecycle.import.error"]
        log._log(
            self, "error", [(p.line, log._line_reason(p), p.text) for p in problems]
        )

    def _check_found(self):
        if self.rows:
            return
        if not self.errors:
            raise UnreadableFile("empty")
        first = self.error_ids[:1]
        raise UnreadableFile(
            "nothing_good", count=self.errors, line=first.line, reason=first.reason
        )

    def _give_up(self, problem):
        raise UnreadableFile(
            "nothing_good",
            count=self.errors,
            line=problem.line,
            reason=self.env["lifecycle.import.error"]._line_reason(problem),
        )

    def _step_match(self, job):
        self.env.cr.execute("ANALYZE lifecycle_import_row")
        self.env["lifecycle.import.row"]._find_duplicates(self)
        self.phase = "load"

    # ------------------------------------------------------------------ the orders
    def _step_load(self, job):
        """Make orders of the next waiting rows."""
        rows = self.env["lifecycle.import.row"]._next_batch(self, LOAD_BATCH)
        if not rows:
            # The planner shall know what has become of these tables.
            self.env.cr.execute("ANALYZE sale_order, sale_order_line, res_partner")
            self.phase = "replay"
            return
        self._log_duplicates(rows)
        known = [row for row in rows if row["known"]]
        self.known += len(known)
        self._load([row for row in rows if not row["known"] and self._is_wanted(row)])
        self.lines_loaded = rows[-1]["line"]

    def _is_wanted(self, row):
        if row["occurrence"] == 1:
            return True
        return self.duplicates == "keep" and not row["differs"]

    def _log_duplicates(self, rows):
        log = self.env["lifecycle.import.error"]
        same, other = [], []
        for row in rows:
            if row["occurrence"] == 1:
                continue
            entry = (row["line"], self._duplicate_reason(row), row["content"])
            (other if row["differs"] else same).append(entry)
        log._log(self, "duplicate", same)
        log._log(self, "error", other)

    def _duplicate_reason(self, row):
        line = row["first_line"]
        if row["differs"]:
            return self.env._(
                "Order %(reference)s stands in line %(line)s with another customer, "
                "date or amount.",
                reference=row["reference"],
                line=line,
            )
        if self.duplicates == "keep":
            return self.env._("The same as line %s; taken over as told.", line)
        return self.env._("The same as line %s; skipped.", line)

    def _load(self, rows):
        """Create the orders of ``rows``; one that cannot be created costs no other."""
        if not rows:
            return
        try:
            with self.env.cr.savepoint():
                self._create_orders(rows)
        except UniqueViolation:
            raise
        except (UserError, IntegrityError, DataError) as error:
            self.invalidate_recordset()
            if len(rows) > 1:
                half = len(rows) // 2
                self._load(rows[:half])
                self._load(rows[half:])
            else:
                entry = (rows[0]["line"], str(error)[:500], rows[0]["content"])
                self.env["lifecycle.import.error"]._log(self, "error", [entry])

    def _create_orders(self, rows):
        customers, created = self.env["lifecycle.import.customer"]._resolve(
            self, {row["customer"] for row in rows}
        )
        self.env["sale.order"]._create_imported(self, rows, customers)
        self.orders += len(rows)
        self.customers += created

    # ----------------------------------------------------------------- afterwards
    def _step_replay(self, job):
        """Write the stages of one more week of the past."""
        engine = self._engine()
        today = engine._clock().today(self.company_id)
        day = self._next_replay_day(today)
        if not day or day >= today:
            self.phase = "backfill"
            return
        engine._replay_history(day, day)
        self.replayed_to = day

    def _next_replay_day(self, today):
        if self.replayed_to:
            return self.replayed_to + REPLAY_STEP
        if not self.replay_months:
            return None
        history = self.env["lifecycle.stage.history"]
        if history.search_count([("company_id", "=", self.company_id.id)], limit=1):
            self.message = self.env._(
                "The stages were not replayed: there is a history of stages already."
            )
            return None
        first = today - relativedelta(months=self.replay_months)
        # The last step falls on yesterday: today is told by the real evaluation.
        return today - timedelta(days=1) - (today - first) // REPLAY_STEP * REPLAY_STEP

    def _step_backfill(self, job):
        engine = self._engine()
        engine.backfill()
        engine._update_daily_statistics(engine._clock().now)
        self.phase = "finish"

    def _step_finish(self, job):
        self.env["lifecycle.import.row"]._discard(self)
        self.write({"state": "done", "finished_at": fields.Datetime.now()})

    def _engine(self):
        return self.env["lifecycle.engine"].with_context(
            allowed_company_ids=self.company_id.ids, **SILENT
        )


def _forget_reader(job):
    reader = job.pop("reader", None)
    if reader:
        reader.close()
