import io
from base64 import b64encode
from datetime import date, datetime
from unittest.mock import patch

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import TransactionCase, new_test_user, tagged
from odoo.tools import mute_logger

from ..tools.history_layout import UnreadableFile
from ..wizard import lifecycle_import_run

# Lines of the CDNOW sample, one purchase twice as it stands there. The customer ids
# are no real ones: the database may hold the sample.
CDNOW = b"""\
 T00004 0001 19970101  2   29.33\r
 T00004 0001 19970118  2   29.73\r
 T00004 0001 19970802  1   14.96\r
 T00004 0001 19971212  2   26.48\r
 T00021 0002 19970101  3   63.34\r
 T00021 0002 19970113  1   11.77\r
 T00071 0007 19970101  1   11.77\r
 T00111 0011 19970101  2    0.00\r
 T00111 0011 19970101  2    0.00\r
"""
RUN = "odoo.addons.customer_lifecycle.wizard.lifecycle_import_run"


@tagged("post_install", "-at_install")
class LifecycleImportCase(TransactionCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.manager = new_test_user(
            cls.env, "history", "customer_lifecycle.group_lifecycle_manager"
        )
        cls.imports = cls.env["lifecycle.import"].with_user(cls.manager)

    def _new(self, content, **values):
        return self.imports.create(
            {"name": "history.csv", "data": b64encode(content), **values}
        )

    def _work(self, record):
        record._begin()
        record = record.sudo()
        job = {"open": record._open, "collisions": 0}
        while record.state == "running":
            record._step(job)
        return record

    def _load(self, content, **values):
        return self._work(self._new(content, **values))

    def _orders(self, record):
        return self.env["sale.order"].search(
            [("origin", "=", record.name), ("name", "like", f"IMP{record.id}-")],
            order="id",
        )

    def _assert_refused(self, content, code, **values):
        with self.assertRaises(UnreadableFile) as caught:
            self._load(content, **values)
        self.assertEqual(caught.exception.code, code)
        reason = self.env["lifecycle.import.error"]._file_reason(caught.exception)
        self.assertNotIn("%(", reason)


class TestLifecycleImport(LifecycleImportCase):
    def test_cdnow_lines_become_confirmed_orders(self):
        record = self._load(CDNOW, duplicates="keep")
        orders = self._orders(record)
        self.assertEqual((record.orders, record.customers, record.errors), (9, 4, 0))
        self.assertEqual(set(orders.mapped("state")), {"sale"})
        self.assertEqual(set(orders.mapped("invoice_status")), {"no"})
        self.assertTrue(all(orders.mapped("locked")))
        self.assertAlmostEqual(sum(orders.mapped("amount_total")), 187.38)
        self.assertFalse(orders.order_line.tax_ids)
        row = self.env["customer.lifecycle"].search(
            [("customer_id", "=", orders[0].partner_id.id)]
        )
        self.assertEqual((row.total_orders, row.current_stage), (4, "churned"))
        self.assertEqual(row.customer_since, date(1997, 1, 1))

    def test_orders_stand_at_noon_of_the_company(self):
        self.env.company.partner_id.tz = "Asia/Dhaka"
        orders = self._orders(self._load(b"c,date,amount\nA,2024-02-01,5\n"))
        self.assertEqual(orders.date_order, datetime(2024, 2, 1, 6))

    def test_nothing_is_sent_and_nothing_is_news(self):
        pending = self._pending()
        counted = ("mail.mail", "mail.message", "mail.activity", "mail.followers")
        before = {model: self.env[model].search_count([]) for model in counted}
        lifecycle = type(self.env["customer.lifecycle"])
        consumers = self.env["lifecycle.event"]._event_consumers()
        self.assertTrue(consumers)
        with patch.object(lifecycle, "_on_stage_changed", autospec=True) as hook:
            self._load(CDNOW, duplicates="keep", replay_months=2)
        hook.assert_not_called()
        after = {model: self.env[model].search_count([]) for model in counted}
        self.assertEqual(after, before)
        self.assertEqual(self._pending(), pending)

    def _pending(self):
        return self.env["lifecycle.event"].search_count([("is_pending", "=", True)])

    def test_exact_duplicates_are_skipped_and_reported(self):
        record = self._load(CDNOW)
        self.assertEqual((record.orders, record.duplicates_found), (8, 1))
        self.assertRecordValues(record.error_ids, [{"line": 9, "kind": "duplicate"}])
        self.assertIn("line 8", record.error_ids.reason)

    def test_the_same_file_again_loads_nothing(self):
        self._load(CDNOW, duplicates="keep")
        again = self._load(CDNOW, duplicates="keep")
        self.assertEqual((again.orders, again.customers, again.known), (0, 0, 9))

    def test_a_longer_file_loads_what_is_new(self):
        self._load(CDNOW)
        more = self._load(CDNOW + b" T00004 0001 19980101 1 9.99\r\n")
        self.assertEqual((more.orders, more.customers, more.known), (1, 0, 8))

    def test_the_customer_is_known_after_a_merge(self):
        orders = self._orders(self._load(b"c,date,amount\nA,2024-02-01,5\n"))
        target = self.env["res.partner"].create({"name": "Target"})
        merge = self.env["base.partner.merge.automatic.wizard"]
        merge._merge((orders.partner_id | target).ids, target)
        more = self._orders(self._load(b"c,date,amount\nA,2024-02-02,5\n"))
        self.assertEqual(more.partner_id, target)

    def test_names_and_addresses_tell_who_it_is(self):
        known = self.env["res.partner"].create(
            {"name": "Known", "email": "k@example.com"}
        )
        record = self._load(
            b"customer id;order date;amount;name;e-mail;order no\n"
            b"1;2024-02-01;5;Somebody;K@Example.com;A-1\n"
            b"2;2024-02-01;6;Ann Other;ann@example.com;A-2\n"
            b"3;2024-02-02;7;Ann O.;ann@example.com;A-3\n"
        )
        self.assertEqual((record.orders, record.customers), (3, 1))
        orders = self.env["sale.order"].search([("client_order_ref", "=like", "A-_")])
        by_name = {order.name: order.partner_id.name for order in orders}
        self.assertEqual(by_name["A-1"], known.name)
        self.assertEqual(by_name["A-2"], "Ann Other")
        self.assertEqual(by_name["A-3"], "Ann Other")

    def test_one_reference_cannot_mean_two_purchases(self):
        record = self._load(
            b"customer,date,amount,order\n"
            b"1,2024-02-01,5,A-1\n1,2024-02-01,6,A-1\n1,2024-02-01,5,A-1\n"
        )
        self.assertEqual((record.orders, record.errors), (1, 1))
        self.assertEqual(record.duplicates_found, 1)

    def test_bad_lines_are_told_by_number_while_good_ones_load(self):
        record = self._load(
            b"customer,date,amount\n"
            b"A,2024-01-31,5\n"
            b"A,2024-01-31,-5\n"
            b"A,2024-02-30,5\n"
            b"A,2999-01-01,5\n"
            b",2024-01-31,5\n"
            b"A,2024-01-31,9999999999999\n"
            b"A,2024-01-31,five\n"
            b"A,2024-01-31\n"
            b'"A,2024-01-31,5\n'
            b"A,2024-01-31,NaN\n" + b"A" * 200 + b",2024-01-31,5\nB,2024-01-31,0\n"
        )
        self.assertEqual((record.orders, record.errors, record.state), (2, 10, "done"))
        self.assertEqual(record.error_ids.mapped("line"), list(range(3, 13)))
        self.assertIn("negative", record.error_ids[0].reason)
        self.assertIn("future", record.error_ids[2].reason)

    def test_files_that_cannot_be_read_say_why(self):
        cases = [
            (b"", "empty"),
            (b"\n \n", "empty"),
            (b"customer,date,amount\n", "empty"),
            (b"PK\x03\x04 a spreadsheet", "binary"),
            (b"hello world\nno data here\n", "no_separator"),
            (b"name,date,amount\nA,01/02/2024,5\n", "ambiguous"),
            (b"customer,date,amount\nA,2024-13-01,x\n", "nothing_good"),
        ]
        for content, code in cases:
            with self.subTest(code=code, content=content), self.env.cr.savepoint():
                self._assert_refused(content or b" ", code)
        self._assert_refused(CDNOW, "one_column", separator="semicolon")

    def test_encodings_are_guessed(self):
        text = "Kunde;Datum;Betrag;Name\nÄ1;31.01.2024;1.234,50;Jürgen\n"
        for encoding in ("utf-8", "utf-8-sig", "latin-1", "utf-16", "utf-16-le"):
            with self.subTest(encoding), self.env.cr.savepoint():
                record = self._load(text.encode(encoding), name=encoding)
                order = self._orders(record)
                self.assertEqual(
                    sum(order.mapped("amount_total")), 0 if record.known else 1234.5
                )
                self.assertFalse(record.errors)
        names = self.env["res.partner"].search([("ref", "=", "Ä1")]).mapped("name")
        self.assertEqual(names, ["Jürgen"])

    def test_the_wrong_encoding_is_told_per_line(self):
        record = self._load(
            "customer,date,amount\nJürgen,2024-01-31,5\nAnn,2024-01-31,5\n".encode(
                "latin-1"
            ),
            encoding="utf-8-sig",
        )
        self.assertEqual((record.orders, record.error_ids.line), (1, 2))

    def test_order_of_dates_is_one_for_the_file_or_chosen(self):
        content = b"c,date,amount\nA,01/02/2024,5\nA,01/31/2024,6\n"
        orders = self._orders(self._load(content))
        self.assertEqual(orders[0].date_order.date(), date(2024, 1, 2))
        chosen = self._load(b"c,date,amount\nB,01/02/2024,5\n", day_order="dmy")
        self.assertEqual(self._orders(chosen).date_order.date(), date(2024, 2, 1))

    def test_columns_can_be_chosen(self):
        record = self._load(
            b"7,2024-01-31,A,2024-02-01,5\n",
            header="no",
            column_customer=3,
            column_date=4,
            column_amount=5,
        )
        order = self._orders(record)
        self.assertEqual(order.partner_id.ref, "A")
        self.assertEqual(order.date_order.date(), date(2024, 2, 1))

    def test_a_row_that_odoo_refuses_costs_no_other(self):
        create = type(self.env["sale.order"])._create_imported

        def refuse(orders, record, rows, customers):
            if any(row["customer"] == "T00021" for row in rows):
                raise ValidationError(record.name)
            return create(orders, record, rows, customers)

        with patch.object(type(self.env["sale.order"]), "_create_imported", refuse):
            record = self._load(CDNOW)
        self.assertEqual((record.orders, record.errors), (6, 2))
        self.assertEqual(
            record.error_ids.filtered(lambda e: e.kind == "error").mapped("line"),
            [5, 6],
        )

    def test_the_preview_shows_how_the_file_is_understood(self):
        draft = self._new(b"customer;date;amount\nA<b>;31.01.2024;1,50\nB;x;2\n")
        self.assertIn("A&lt;b&gt;", draft.preview)
        self.assertIn("2024-01-31", draft.preview)
        self.assertIn("no date", draft.preview)
        self.assertIn("empty", self._new(b" ").preview)
        self.assertIs(self.imports.create({}).preview, False, "plain over RPC, too")

    def test_bad_lines_download_as_harmless_csv(self):
        record = self._load(b"customer,date,amount\n=1+1,x,5\nA,2024-01-31,5\n")
        lines = io.StringIO(record._error_csv()).read().splitlines()
        self.assertIn("'=1+1,x,5", lines[1])

    def test_options_are_fixed_once_reading_began(self):
        record = self._load(CDNOW)
        with self.assertRaises(UserError):
            record.separator = "comma"
        record.action_reset()
        record.separator = "space"
        self.assertEqual(self._work(record).known, 8)

    def test_only_managers_import(self):
        record = self._new(CDNOW)
        for login, group in (
            ("marketer2", "customer_lifecycle.group_lifecycle_user"),
            ("portal2", "base.group_portal"),
        ):
            user = new_test_user(self.env, login, group)
            for name in ("start", "cancel", "reset", "download_errors"):
                with (
                    self.subTest(login=login, name=name),
                    self.assertRaises(AccessError),
                ):
                    getattr(record.with_user(user), f"action_{name}")()

    def test_another_company_does_not_see_it(self):
        record = self._new(CDNOW)
        company = self.env["res.company"].create({"name": "Other"})
        other = new_test_user(
            self.env,
            "history2",
            "customer_lifecycle.group_lifecycle_manager",
            company_id=company.id,
            company_ids=[(6, 0, company.ids)],
        )
        self.assertFalse(self.imports.with_user(other).search([("id", "=", record.id)]))
        with self.assertRaises(AccessError):
            record.with_user(other).action_start()


class TestLifecycleImportCron(LifecycleImportCase):
    def _cron(self):
        cron = self.env.ref("customer_lifecycle.ir_cron_lifecycle_import")
        with self.enter_registry_test_mode():
            cron.method_direct_trigger()
        self.env.invalidate_all()

    def test_the_cron_does_the_work(self):
        record = self._new(CDNOW, duplicates="keep")
        record.action_start()
        self.assertEqual(record.state, "running")
        self._cron()
        self.assertRecordValues(record, [{"state": "done", "orders": 9}])
        self.assertEqual(record.progress, 100)
        rows = self.env["lifecycle.import.row"]
        self.assertFalse(rows.search_count([("import_id", "=", record.id)]))

    def test_a_file_that_cannot_be_read_fails_with_the_reason(self):
        record = self._new(b"no data at all")
        record.action_start()
        self._cron()
        self.assertEqual(record.state, "failed")
        self.assertIn("no data at all", record.message)

    @mute_logger(RUN)
    def test_an_import_that_broke_goes_on_where_it_was(self):
        record = self._new(CDNOW, duplicates="keep")
        record.action_start()
        create = type(self.env["sale.order"])._create_imported
        calls = []

        def break_once(orders, *args):
            calls.append(args)
            if len(calls) == 2:
                raise ZeroDivisionError("Power failure")
            return create(orders, *args)

        with (
            patch.object(lifecycle_import_run, "LOAD_BATCH", 3),
            patch.object(lifecycle_import_run, "READ_BATCH", 2),
            patch.object(type(self.env["sale.order"]), "_create_imported", break_once),
        ):
            self._cron()
            self.assertEqual((record.state, record.orders), ("failed", 3))
            self.assertIn("Power failure", record.message)
            record.action_start()
            self._cron()
        self.assertEqual((record.state, record.orders), ("done", 9))
        self.assertEqual(len(self._orders(record)), 9)

    def test_reading_goes_on_behind_the_last_line(self):
        record = self._new(CDNOW, duplicates="keep").sudo()
        record._begin()
        with patch.object(lifecycle_import_run, "READ_BATCH", 4):
            # A new job each time, as after a kill.
            while record.phase == "read":
                record._step({"open": record._open})
        self.assertEqual((record.rows, record.lines_read), (9, 9))
