from unittest import SkipTest

from prometheus_client.parser import text_string_to_metric_families

from odoo import fields

from odoo.addons.test_journey_engine.tests.common import JourneyCommon


class Figures:
    """What a scrape said, read by the parser of ``prometheus-client``."""

    def __init__(self, text):
        self.families = {f.name: f for f in text_string_to_metric_families(text)}
        self.samples = {
            (sample.name, frozenset(sample.labels.items())): sample.value
            for family in self.families.values()
            for sample in family.samples
        }

    def get(self, metric, /, **labels):
        """Return the value of one sample, None where there is none."""
        return self.samples.get((metric, frozenset(labels.items())))

    def all(self, metric, *labels):
        """Return {values of the labels: value} of every sample of a metric."""
        return {
            tuple(dict(found).get(label, "") for label in labels): value
            for (known, found), value in self.samples.items()
            if known == metric
        }


class MetricsCommon(JourneyCommon):
    """A shop with the shortest journey there is, whose addon is for tests only."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        if "test.journey" not in cls.env:
            raise SkipTest("needs the addon test_journey_engine")
        cls.metrics = cls.env["lifecycle.metrics"]
        cls.access = cls.env["lifecycle.metrics.access"]

    @classmethod
    def _figures(cls):
        body, _content_type = cls.metrics._scrape()
        return Figures(body.decode())

    def _walk(self, journey, *customers):
        """Enter customers now, and have what is due processed."""
        now = fields.Datetime.now()
        runs = self._enrol(journey, *customers, now=now)
        self.scheduler.process_due(now)
        return runs

    def _rows(self, query, *arguments):
        """Rows of plain SQL, as a dict of their last column."""
        self.env.flush_all()
        self.env.cr.execute(query, arguments)
        return {tuple(labels): value for *labels, value in self.env.cr.fetchall()}
