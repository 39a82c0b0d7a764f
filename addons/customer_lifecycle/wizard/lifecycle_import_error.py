from odoo import api, fields, models

from ..tools.history_values import MAX_AMOUNT

# A file of nothing but errors shall not fill the database: the rest is counted.
MAX_ERRORS = 10_000


class LifecycleImportError(models.Model):
    """A line of an imported file that was not taken over, and why."""

    _name = "lifecycle.import.error"
    _description = "Line Not Imported"
    _order = "line, id"
    _rec_name = "reason"

    import_id = fields.Many2one(
        "lifecycle.import", required=True, ondelete="cascade", index=True, readonly=True
    )
    company_id = fields.Many2one(related="import_id.company_id")
    line = fields.Integer("Line number", readonly=True, aggregator=None)
    kind = fields.Selection(
        [("error", "Error"), ("duplicate", "Duplicate")], readonly=True, required=True
    )
    reason = fields.Char(readonly=True, required=True)
    text = fields.Char("Line", readonly=True)

    @api.model
    def _log(self, record, kind, entries):
        """Keep what happened to some lines of the file of ``record``.

        :param list entries: (line number, reason, text)
        """
        kept = record.errors + record.duplicates_found
        if kind == "error":
            record.errors += len(entries)
        else:
            record.duplicates_found += len(entries)
        room = max(MAX_ERRORS - kept, 0)
        self.create(
            [
                {
                    "import_id": record.id,
                    "line": line,
                    "kind": kind,
                    "reason": reason,
                    "text": text,
                }
                for line, reason, text in entries[:room]
            ]
        )

    @api.model
    def _line_reason(self, problem):
        """Return in words why a line is refused (a ``Problem``)."""
        texts = {
            "columns": self.env._("%(count)s columns; at least %(wanted)s are needed."),
            "future": self.env._("The date %(value)s is in the future."),
            "huge": self.env._(
                "The amount %(value)s is too large (more than %(limit)s)."
            ),
            "long": self.env._(
                "%(value)s is too long (more than %(limit)s characters)."
            ),
            "negative": self.env._(
                "The amount %(value)s is negative: a return, no purchase."
            ),
            "no_amount": self.env._("“%(value)s” is no amount."),
            "no_customer": self.env._("The customer is missing."),
            "no_date": self.env._("“%(value)s” is no date."),
            "unreadable": self.env._(
                "Unreadable: foreign characters, an open quote or no end."
            ),
        }
        return texts[problem.code] % {"limit": f"{MAX_AMOUNT:,.0f}", **problem.values}

    @api.model
    def _file_reason(self, error):
        """Return in words why a whole file is refused (an ``UnreadableFile``)."""
        texts = {
            "ambiguous": self.env._(
                "Every date of the file could be day/month or month/day: "
                "choose the order of the dates."
            ),
            "binary": self.env._(
                "This is an Excel, zip or PDF file: save it as CSV, then import that."
            ),
            "empty": self.env._("The file is empty."),
            "encoding": self.env._(
                "Most lines cannot be read as %(encoding)s: choose another encoding."
            ),
            "no_column": self.env._(
                "No column was found for: %(roles)s. Choose the columns by number. "
                "Header: %(header)s"
            ),
            "no_separator": self.env._(
                "No purchases were found: a line needs at least a customer, a date and "
                "an amount, parted by comma, semicolon, tab, | or spaces. "
                "The first line is: %(line)s"
            ),
            "nothing_good": self.env._(
                "Of %(count)s lines none is good; probably the separator, the "
                "columns or the format of the dates is another one. "
                "Line %(line)s: %(reason)s"
            ),
            "one_column": self.env._(
                "Parted by “%(separator)s”, the first line has fewer than three "
                "columns: choose another separator. It is: %(line)s"
            ),
        }
        joined = {
            name: ", ".join(value) if isinstance(value, list) else value
            for name, value in error.values.items()
        }
        return texts[error.code] % joined
