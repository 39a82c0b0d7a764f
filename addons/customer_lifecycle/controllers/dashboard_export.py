import csv
import io

from werkzeug.exceptions import NotFound

from odoo import http
from odoo.exceptions import ValidationError
from odoo.http import content_disposition, request

from .dashboard_tables import SHARE, tables

MIME_TYPES = {
    "csv": "text/csv;charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
FORMULA_MARKS = ("=", "+", "-", "@", "\t", "\r")
FORMATS = {
    "percent": '#,##0.0" %"',
    "share": "0.0 %",
    "number": "#,##0.##",
    "money": "#,##0.00",
    "text": "@",
}


class DashboardExport(http.Controller):
    """Everything the dashboard shows, as a file, for lifecycle managers."""

    @http.route(
        "/customer_lifecycle/dashboard/export/<string:file_format>",
        type="http",
        auth="user",
        methods=["GET"],
        readonly=True,
    )
    def export(self, file_format, date_from=None, date_to=None, companies="", **_kw):
        engine = self._reporter("lifecycle.engine", file_format, companies)
        data = engine.get_dashboard(date_from, date_to)
        name = "-".join(filter(None, ["customer-lifecycle", date_from, date_to]))
        return self._download(tables(engine.env, data), file_format, name)

    def _reporter(self, model, file_format, companies):
        """Return the model that tells the figures, of the companies asked for.

        :raises NotFound: there is no such format
        :raises AccessError: the user is no lifecycle manager
        """
        if file_format not in MIME_TYPES:
            raise NotFound
        service = request.env[model].with_context(
            allowed_company_ids=self._company_ids(companies)
        )
        service.env["lifecycle.engine"]._check_manager()
        return service

    def _download(self, sheets, file_format, name):
        build = {"csv": self._as_csv, "xlsx": self._as_xlsx}[file_format]
        headers = [
            ("Content-Type", MIME_TYPES[file_format]),
            ("Content-Disposition", content_disposition(f"{name}.{file_format}")),
        ]
        return request.make_response(build(sheets), headers)

    def _company_ids(self, companies):
        """Return the ids in ``companies`` ("1-2"); the user's company without any.

        Companies that are not the user's raise AccessError in ``env.companies``.
        """
        if not companies:
            return request.env.user.company_id.ids
        try:
            return [int(company) for company in companies.split("-")]
        except ValueError:
            raise ValidationError(
                request.env._("companies: %s is no list like 1-2.", companies[:50])
            ) from None

    def _as_csv(self, sheets):
        """One table below the other, an empty line between them."""
        output = io.StringIO()
        writer = csv.writer(output)
        for table in sheets:
            writer.writerow([_no_formula(table.title)])
            writer.writerow([_no_formula(header) for header in table.headers])
            writer.writerows([self._plain(cell) for cell in row] for row in table.rows)
            writer.writerow([])
        # The byte order mark tells spreadsheets that the text is UTF-8.
        return "\ufeff" + output.getvalue()

    def _plain(self, cell):
        value, kind = cell
        if kind == SHARE:
            return round(value, 4)
        return _no_formula(value)

    def _as_xlsx(self, sheets):
        # Here as in Odoo: the library is slow to load and seldom needed.
        import xlsxwriter

        output = io.BytesIO()
        options = {"in_memory": True, "strings_to_formulas": False}
        with xlsxwriter.Workbook(output, options) as workbook:
            bold = workbook.add_format({"bold": True, "bottom": 1})
            kinds = {
                kind: workbook.add_format({"num_format": text})
                for kind, text in FORMATS.items()
            }
            for table in sheets:
                self._write_sheet(
                    workbook.add_worksheet(table.title[:31]), table, bold, kinds
                )
        return output.getvalue()

    def _write_sheet(self, sheet, table, bold, kinds):
        sheet.write_row(0, 0, table.headers, bold)
        sheet.freeze_panes(1, 1)
        sheet.set_column(0, 0, 24)
        sheet.set_column(1, max(len(table.headers) - 1, 1), 14)
        for number, row in enumerate(table.rows, 1):
            for column, (value, kind) in enumerate(row):
                sheet.write(number, column, value, kinds[kind])


def _no_formula(value):
    """Return what a cell holds: a name is a text, whatever a spreadsheet would
    calculate of it.
    """
    is_formula = isinstance(value, str) and value.startswith(FORMULA_MARKS)
    return f"'{value}" if is_formula else value
