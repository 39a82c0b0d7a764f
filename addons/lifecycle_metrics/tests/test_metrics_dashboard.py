import json
import re
from pathlib import Path

from odoo.tests import TransactionCase, tagged

from .common import Figures

FILE = Path(__file__).parents[3] / "config" / "grafana-lifecycle.json"
METRIC = re.compile(r"\b(?:lifecycle|crm)_\w+")
PANELS = {"timeseries", "stat", "bargauge", "table", "row", "heatmap"}


@tagged("post_install", "-at_install")
class TestMetricsDashboard(TransactionCase):
    """The dashboard of the repository asks for what the page exports."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.dashboard = json.loads(FILE.read_text(encoding="utf-8"))
        cls.panels = [p for p in cls.dashboard["panels"] if p["type"] != "row"]

    def _asked(self):
        """Names in the queries of all panels."""
        return {
            name
            for panel in self.panels
            for target in panel["targets"]
            for name in METRIC.findall(target["expr"])
        }

    def _exported(self):
        """{name of a sample: name of its family}, those without data included."""
        body, _content_type = self.env["lifecycle.metrics"]._scrape()
        suffixes = {
            "counter": ("_total",),
            "histogram": ("_bucket", "_count", "_sum"),
        }
        return {
            family.name + suffix: family.name
            for family in Figures(body.decode()).families.values()
            for suffix in suffixes.get(family.type, ("",))
        }

    def test_every_metric_it_asks_for_is_exported(self):
        self.assertFalse(self._asked() - set(self._exported()))

    def test_every_metric_that_is_exported_has_a_panel(self):
        exported = self._exported()
        shown = {exported[name] for name in self._asked()}
        self.assertFalse(set(exported.values()) - shown)

    def test_it_fits_any_grafana(self):
        self.assertIsNone(self.dashboard["id"])
        self.assertGreaterEqual(self.dashboard["schemaVersion"], 36)
        variables = {v["name"]: v for v in self.dashboard["templating"]["list"]}
        source = variables["datasource"]
        self.assertEqual(
            (source["type"], source["query"]), ("datasource", "prometheus")
        )
        expected = {"type": "prometheus", "uid": "${datasource}"}
        for panel in self.panels:
            with self.subTest(panel=panel["title"]):
                self.assertEqual(panel["datasource"], expected)
                self.assertIn(panel["type"], PANELS)
                for target in panel["targets"]:
                    self.assertEqual(target["datasource"], expected)

    def test_panels_neither_overlap_nor_repeat_themselves(self):
        panels = self.dashboard["panels"]
        self.assertEqual(len({p["id"] for p in panels}), len(panels))
        taken = set()
        for panel in panels:
            place = panel["gridPos"]
            cells = {
                (x, y)
                for x in range(place["x"], place["x"] + place["w"])
                for y in range(place["y"], place["y"] + place["h"])
            }
            with self.subTest(panel=panel["title"]):
                self.assertLessEqual(place["x"] + place["w"], 24)
                self.assertFalse(cells & taken)
            taken |= cells
