import csv
import io

from odoo.tests import tagged

from .page_common import OnboardingPortalCase

ADDRESS = "/onboarding_journey/dashboard/export"
MANAGER = "base.group_user,customer_lifecycle.group_lifecycle_manager"
MARKETER = "base.group_user,customer_lifecycle.group_lifecycle_user"


@tagged("post_install", "-at_install")
class TestOnboardingExport(OnboardingPortalCase):
    """The statistics as a file."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.manager = cls._user("ob_export_manager", MANAGER)
        cls.marketer = cls._user("ob_export_marketer", MARKETER)
        cls.walk.complete_step("tick")
        cls.walk.skip_step("learn")
        cls.env.flush_all()

    def _export(self, user, file_format="csv", **values):
        self.authenticate(user.login, user.login)
        values = {"journey": self.journey.id, "companies": self.shop.id, **values}
        query = "&".join(f"{name}={value}" for name, value in values.items())
        return self.url_open(f"{ADDRESS}/{file_format}?{query}")

    def test_a_manager_gets_every_figure(self):
        answer = self._export(self.manager)
        self.assertEqual(answer.status_code, 200)
        rows = list(csv.reader(io.StringIO(answer.text.lstrip("\ufeff"))))
        found = {row[0]: row[1:] for row in rows if len(row) > 1}
        data = self.journey.with_user(self.manager).get_statistics()
        self.assertEqual(data["started"], 2)
        self.assertEqual(float(found["Started"][0]), 2)
        self.assertEqual(float(found["Under way"][0]), 2)
        self.assertEqual(float(found["Completed"][0]), 0)
        # Nobody has ordered yet: nothing was measured.
        self.assertEqual(found["Median days to first order"], [""])
        for step in data["steps"]:
            names = ("reached", "completed", "skipped", "open", "dropped", "drop_off")
            figures = [float(value) for value in found[step["name"]][1:7]]
            self.assertEqual(figures, [step[name] for name in names], step["id"])
        self.assertEqual(found["Tell us your day"][:3], ["tick", "2", "1"])

    def test_as_a_workbook(self):
        answer = self._export(self.manager, "xlsx")
        self.assertEqual(answer.status_code, 200)
        self.assertTrue(answer.content.startswith(b"PK"))
        self.assertIn(self.journey.code, answer.headers["Content-Disposition"])

    def test_what_is_refused(self):
        self.assertEqual(self._export(self.marketer).status_code, 403)
        self.assertEqual(self._export(self.user).status_code, 403)
        self.assertEqual(self._export(self.manager, "exe").status_code, 404)
        foreign = self.env.ref("onboarding_journey.journey_welcome").sudo()
        for journey in ("first", "", foreign.id, 0):
            answer = self._export(self.manager, journey=journey)
            self.assertGreaterEqual(answer.status_code, 400, journey)
