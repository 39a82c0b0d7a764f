import csv
import io

from odoo.tests import tagged

from .page_common import WinbackPageCase

ADDRESS = "/winback/dashboard/export"


@tagged("post_install", "-at_install")
class TestWinbackExport(WinbackPageCase):
    """The results as a file."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._create_people(20)
        cls.campaign = cls._create_campaign(
            name="=1+1", holdout_percent=0, max_days_inactive=3650
        )
        cls._tell(cls.campaign)
        cls.env.flush_all()

    def _export(self, login, file_format="csv", **values):
        self.authenticate(login, login)
        query = "&".join(f"{name}={value}" for name, value in values.items())
        company = f"companies={self.company.id}"
        return self.url_open(f"{ADDRESS}/{file_format}?{company}&{query}")

    def test_a_manager_gets_every_figure(self):
        answer = self._export("tour_manager")
        self.assertEqual(answer.status_code, 200)
        rows = list(csv.reader(io.StringIO(answer.text.lstrip("\ufeff"))))
        found = {row[0]: row[1:] for row in rows if len(row) > 1}
        service = self.env["winback.service"].with_user(self.manager)
        data = service.get_dashboard()
        self.assertEqual(float(found["Targeted"][0]), data["totals"]["targeted"])
        self.assertGreater(data["totals"]["targeted"], 5)
        self.assertAlmostEqual(
            float(found["Revenue recovered"][0]), data["totals"]["revenue"]
        )
        for month in data["months"]:
            self.assertEqual(float(found[month["month"]][0]), month["targeted"])
        # A name is a text, whatever a spreadsheet would calculate of it.
        self.assertIn("'=1+1", found)

    def test_as_a_workbook(self):
        answer = self._export("tour_manager", "xlsx")
        self.assertEqual(answer.status_code, 200)
        self.assertTrue(answer.content.startswith(b"PK"))

    def test_what_is_refused(self):
        self.assertEqual(self._export("tour_marketer").status_code, 403)
        self.assertEqual(self._export("tour_manager", "exe").status_code, 404)
        wrong = self._export("tour_manager", date_from="yesterday")
        self.assertGreaterEqual(wrong.status_code, 400)
