import csv
import io
from base64 import b64encode
from itertools import islice

from markupsafe import Markup

from odoo import api, fields, models

from ..tools.history_layout import ROLES, UnreadableFile
from ..tools.history_reader import HistoryReader, Problem, guess_layout
from .lifecycle_import import OPTIONS

SEPARATORS = {"comma": ",", "semicolon": ";", "tab": "\t", "pipe": "|", "space": " "}
DECIMALS = {"point": ".", "comma": ","}
PREVIEW_ROWS = 10
# A look at the file must be quick, however large it is.
PREVIEW_BYTES = 1 << 20


class LifecycleImportFile(models.Model):
    """The file of an import: how it is read, its first lines, its bad lines."""

    _inherit = "lifecycle.import"

    preview = fields.Html(compute="_compute_preview", sanitize=False)
    error_file = fields.Binary(compute="_compute_error_file")
    error_filename = fields.Char(compute="_compute_error_file")

    # ------------------------------------------------------------------------ file
    def _attachment(self):
        return (
            self.env["ir.attachment"]
            .sudo()
            .search(
                [
                    ("res_model", "=", self._name),
                    ("res_field", "=", "data"),
                    ("res_id", "=", self.id),
                ],
                limit=1,
            )
        )

    def _open(self):
        """Return the uploaded file as a binary stream; it is never all in memory."""
        attachment = self._attachment()
        if attachment.store_fname:
            return open(attachment._full_path(attachment.store_fname), "rb")
        return io.BytesIO(attachment.raw or b"")

    def _chosen(self):
        """Return the options that are not to be guessed, as ``guess_layout`` wants."""
        chosen = {
            "separator": SEPARATORS.get(self.separator),
            "encoding": self.encoding,
            "day_order": self.day_order,
            "decimal": DECIMALS.get(self.decimal),
            "has_header": {"yes": True, "no": False}.get(self.header),
            "columns": {
                role: self[f"column_{role}"] - 1
                for role in ROLES
                if self[f"column_{role}"] > 0
            },
        }
        return {name: v for name, v in chosen.items() if v not in (None, "auto", {})}

    def _reader_of(self, stream, layout):
        zone = self.company_id.sudo().partner_id.tz or "UTC"
        today = self.env["lifecycle.engine"]._clock().today(self.company_id)
        return HistoryReader(
            stream, layout, zone, today, self.company_id.currency_id.decimal_places
        )

    # --------------------------------------------------------------------- preview
    @api.depends(lambda self: ["name", *sorted(OPTIONS - {"data"})])
    def _compute_preview(self):
        for record in self:
            # Not while the form is edited: the file comes with saving.
            stored = isinstance(record.id, int) and bool(record._attachment())
            record.preview = stored and record.state == "draft" and record._preview()

    def _preview(self):
        try:
            layout = guess_layout(self._open, self._chosen(), PREVIEW_BYTES)
        except UnreadableFile as error:
            reason = self.env["lifecycle.import.error"]._file_reason(error)
            return Markup("<p class='text-danger'>%s</p>") % reason
        with self._open() as stream:
            reader = self._reader_of(stream, layout)
            entries = list(islice(reader, PREVIEW_ROWS))
        head = [self.env._("Line"), *(self._role_labels()[role] for role in ROLES)]
        return Markup("<p>%s</p><table class='table table-sm'>%s%s</table>") % (
            self._describe(layout),
            self._preview_row(head, "th"),
            Markup("").join(map(self._preview_entry, entries)),
        )

    def _preview_entry(self, entry):
        if isinstance(entry, Problem):
            reason = self.env["lifecycle.import.error"]._line_reason(entry)
            line = "<tr class='text-danger'><td>%s</td><td colspan='6'>%s</td></tr>"
            return Markup(line) % (entry.line, reason)
        zone = self.company_id.sudo().partner_id.tz or "UTC"
        record = self.with_context(tz=zone)
        moment = fields.Datetime.context_timestamp(record, entry.moment)
        return self._preview_row(
            [
                entry.line,
                entry.customer,
                moment.strftime("%Y-%m-%d"),
                entry.amount,
                entry.name,
                entry.email,
                entry.reference,
            ]
        )

    @api.model
    def _preview_row(self, cells, tag="td"):
        cell = Markup("<%s>%%s</%s>") % (Markup(tag), Markup(tag))
        return Markup("<tr>%s</tr>") % Markup("").join(cell % text for text in cells)

    def _describe(self, layout):
        separators = {sign: name for name, sign in SEPARATORS.items()}
        labels = dict(self._fields["separator"]._description_selection(self.env))
        return self.env._(
            "Read as: %(encoding)s, parted by %(separator)s, dates %(order)s, decimal "
            "sign %(decimal)s. Columns: %(columns)s.",
            encoding=layout.encoding,
            separator=labels[separators[layout.separator]],
            order=layout.day_order or "?",
            decimal=layout.decimal,
            columns=", ".join(
                f"{self._role_labels()[role]} {column + 1}"
                for role, column in layout.columns.items()
            ),
        )

    @api.model
    def _role_labels(self):
        return {
            "customer": self.env._("Customer"),
            "date": self.env._("Date"),
            "amount": self.env._("Amount"),
            "name": self.env._("Name"),
            "email": self.env._("E-mail"),
            "reference": self.env._("Order reference"),
        }

    # ----------------------------------------------------------------- error lines
    def _compute_error_file(self):
        for record in self:
            record.error_filename = f"{record.name}-errors.csv"
            record.error_file = b64encode(record._error_csv().encode("utf-8-sig"))

    def _error_csv(self):
        output = io.StringIO()
        writer = csv.writer(output)
        writer.writerow(["line", "kind", "reason", "text"])
        for error in self.error_ids:
            texts = map(_harmless, (error.reason, error.text or ""))
            writer.writerow([error.line, error.kind, *texts])
        return output.getvalue()


def _harmless(text):
    """Keep a spreadsheet from taking a text for a formula."""
    return f"'{text}" if text.startswith(("=", "+", "-", "@", "\t")) else text
