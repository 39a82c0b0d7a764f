from odoo.tests import freeze_time, tagged

from .common import NOW, LoyaltyCommon

SPECIFICATION = {
    "points": {},
    "source_type": {},
    "source_id": {"fields": {"display_name": {}}},
}


@freeze_time(NOW)
@tagged("post_install", "-at_install")
class TestSources(LoyaltyCommon):
    """Views read rows whose source is a record, and those that name it by a word."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.account = cls._member()
        cls.order = cls._buy(cls.account, 30)
        cls.account.earn_points(5, "receipt", 77)
        cls.account.earn_points(6, "loyalty.expiry", 78)
        cls.account.earn_points(7, "receipt")
        cls.program.pending_days = 3
        cls._buy(cls.account, 40)
        cls.pending = cls.env["loyalty.pending"].search(
            [("loyalty_id", "=", cls.account.id)]
        )
        cls.env.cr.execute(
            "INSERT INTO loyalty_pending (loyalty_id, company_id, program_id, points,"
            " gross, available_at, source_type, source_id, idempotency_key, state,"
            " earned_at) SELECT loyalty_id, company_id, program_id, 8, 8, available_at,"
            " 'receipt', 79, 'receipt', 'waiting', earned_at FROM loyalty_pending"
            " WHERE id = %s",
            [cls.pending.id],
        )
        cls.domain = [("loyalty_id", "=", cls.account.id)]

    def _sources(self, rows):
        return {row["points"]: row["source_id"] for row in rows}

    def test_forms_and_lists_read_every_source(self):
        order = {"id": self.order.id, "display_name": self.order.display_name}
        rows = self.transactions.search(self.domain, order="id")
        found = rows.web_read(SPECIFICATION)
        self.assertEqual([row["id"] for row in found], rows.ids)
        wanted = {30: order, 5: False, 6: False, 7: False}
        self.assertEqual(self._sources(found), wanted)
        self.assertEqual(
            [row["source_type"] for row in found][1:3], ["receipt", "loyalty.expiry"]
        )
        found = self.transactions.web_search_read(self.domain, SPECIFICATION)
        self.assertEqual(self._sources(found["records"]), wanted)
        for row in rows:
            self.assertEqual(row.web_read(SPECIFICATION)[0]["id"], row.id)

    def test_pending_points_are_read_alike(self):
        rows = self.env["loyalty.pending"].search(self.domain, order="id")
        found = self._sources(rows.web_read(SPECIFICATION))
        self.assertEqual(found[8], False)
        self.assertEqual(found[40]["id"], self.pending.source_id)
        listed = rows.web_search_read(self.domain, SPECIFICATION)
        self.assertEqual(self._sources(listed["records"]), found)

    def test_the_numbers_themselves_are_read_and_exported(self):
        rows = self.transactions.search(self.domain, order="id")
        found = self._sources(rows.web_read({"points": {}, "source_id": {}}))
        self.assertEqual(found, {30: self.order.id, 5: 77, 6: 78, 7: 0})
        for records in (rows, self.env["loyalty.pending"].search(self.domain)):
            data = records.export_data(["source_type", "source_id", "points"])["datas"]
            numbers = {row[2]: row[1] for row in data}
            self.assertEqual(
                numbers, dict(records.mapped(lambda r: (r.points, r.source_id)))
            )
