import logging
import time
from contextlib import contextmanager
from itertools import product

from prometheus_client import CollectorRegistry
from prometheus_client.exposition import choose_encoder

from odoo import api, fields, models
from odoo.tools import SQL

from odoo.addons.customer_lifecycle.const import STAGE_KEYS

from ..tools.figures import gauge

_logger = logging.getLogger(__name__)

# Less than the 10 seconds that Prometheus waits by default.
BUDGET = 8.0


class Snapshot:
    """Figures that are read already, as ``prometheus_client`` takes them."""

    def __init__(self, families):
        self.families = families

    def collect(self):
        return self.families


class LifecycleMetrics(models.AbstractModel):
    """What operators and their alarms see.

    Every figure is read from the database when it is asked for, in one snapshot: all
    workers of all hosts give the same answer, and none keeps a file.
    """

    _name = "lifecycle.metrics"
    _description = "Metrics"

    @api.model
    def _metric_families(self):
        """Return who measures what: {name: method name}; an addon adds its own entry.

        A method takes the moment (naive UTC datetime) and returns a list of
        ``prometheus_client`` metric families. It only reads, in a number of queries
        that does not grow with the data. Where it fails, the others still answer.
        """
        return {"customers": "_measure_customers"}

    # ---------------------------------------------------------------------- scrape
    @api.model
    def _scrape(self, accept=""):
        """Measure everything and write it down.

        :param str accept: the scraper's header of that name
        :return: (bytes, content type)
        """
        registry = CollectorRegistry()
        registry.register(Snapshot(self._measure(fields.Datetime.now())))
        encoder, content_type = choose_encoder(accept)
        return encoder(registry), content_type

    @api.model
    def _measure(self, now):
        """Return all metric families, how each measurement went among them.

        :param datetime now: naive UTC
        """
        families, success, seconds = [], {}, {}
        with self._reading():
            deadline = time.monotonic() + BUDGET
            for name, method in self._metric_families().items():
                start = time.perf_counter()
                found = self._try_measure(method, now, deadline)
                families += found or []
                success[name] = int(found is not None)
                seconds[name] = time.perf_counter() - start
        return [*families, *self._measure_scrape(success, seconds)]

    def _measure_scrape(self, success, seconds):
        labels = ["collector"]
        return [
            gauge(
                "lifecycle_scrape_success",
                "1 where the figures could be read",
                labels,
                success,
            ),
            gauge(
                "lifecycle_scrape_duration_seconds",
                "Time that reading the figures took",
                labels,
                seconds,
            ),
        ]

    @contextmanager
    def _reading(self):
        """Let the database refuse every write, and take back what was set for that."""
        self.env.flush_all()
        with self.env.cr.savepoint(flush=False) as savepoint:
            self.env.cr.execute("SET TRANSACTION READ ONLY")
            yield
            savepoint.rollback()

    def _try_measure(self, method, now, deadline):
        """Return the families of one measurement, None where it failed."""
        left = max(int((deadline - time.monotonic()) * 1000), 1)
        try:
            with self.env.cr.savepoint(flush=False):
                self.env.cr.execute("SET LOCAL statement_timeout = %s", [left])
                return getattr(self, method)(now)
        except Exception:
            _logger.warning("Metrics: %s failed", method, exc_info=True)
            return None

    # ------------------------------------------------------------------- customers
    def _measure_customers(self, now):
        rows = self.env.execute_query(self._customers_query())
        companies = {company for company, _stage, _number in rows}
        counts = dict.fromkeys(product(companies, STAGE_KEYS), 0)
        counts |= {(company, stage): number for company, stage, number in rows if stage}
        return [
            gauge(
                "lifecycle_customers",
                "Active customers by stage",
                ["company", "stage"],
                counts,
            )
        ]

    def _customers_query(self):
        """Select a row of each company and stage; of a new company, one without."""
        return SQL(
            """
            SELECT c.name, f.current_stage, f.number FROM res_company c
              LEFT JOIN (
                SELECT l.company_id, l.current_stage, count(*) AS number
                  FROM customer_lifecycle l
                  JOIN res_partner p ON p.id = l.customer_id AND p.active
                 GROUP BY 1, 2) f ON f.company_id = c.id
             ORDER BY c.name
            """
        )
