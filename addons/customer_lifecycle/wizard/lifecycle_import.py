from odoo import api, fields, models
from odoo.exceptions import UserError

from ..tools.history_layout import ROLES

# How the file is read: fixed as soon as reading has begun.
OPTIONS = {
    "data",
    "company_id",
    "separator",
    "encoding",
    "day_order",
    "decimal",
    "header",
    "duplicates",
    *(f"column_{role}" for role in ROLES),
}
# Share of the work that is over when a phase begins.
PHASE_STARTS = {
    "read": 0,
    "match": 20,
    "load": 22,
    "replay": 60,
    "backfill": 95,
    "finish": 99,
}
COUNTERS = (
    "lines_read",
    "bytes_read",
    "lines_loaded",
    "rows",
    "orders",
    "customers",
    "known",
    "duplicates_found",
    "errors",
)


class LifecycleImport(models.Model):
    """The purchase history of a shop, loaded from a file.

    The file is read as a stream into waiting rows, these become orders batch by
    batch. Each batch is one transaction with the counters, so that an import that
    was killed goes on where it was; unique keys see to it that nothing comes twice.
    """

    _name = "lifecycle.import"
    _description = "Purchase History Import"
    _order = "id desc"

    name = fields.Char("File", required=True, default="history.csv")
    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self.env.company
    )
    data = fields.Binary("File to import", attachment=True)
    bytes_total = fields.Integer("File size", readonly=True)
    checksum = fields.Char(readonly=True, index=True)
    separator = fields.Selection(
        [
            ("auto", "Guess"),
            ("comma", "Comma ,"),
            ("semicolon", "Semicolon ;"),
            ("tab", "Tab"),
            ("pipe", "Bar |"),
            ("space", "Spaces"),
        ],
        default="auto",
        required=True,
    )
    encoding = fields.Selection(
        [
            ("auto", "Guess"),
            ("utf-8-sig", "UTF-8"),
            ("utf-16", "UTF-16"),
            ("latin-1", "Latin-1"),
            ("cp1252", "Windows-1252"),
        ],
        default="auto",
        required=True,
    )
    day_order = fields.Selection(
        [("auto", "Guess"), ("dmy", "Day/Month/Year"), ("mdy", "Month/Day/Year")],
        "Order of dates",
        default="auto",
        required=True,
        help="For dates that do not begin with the year.",
    )
    decimal = fields.Selection(
        [("auto", "Guess"), ("point", "Point: 1,234.50"), ("comma", "Comma: 1.234,50")],
        "Decimal sign",
        default="auto",
        required=True,
    )
    header = fields.Selection(
        [("auto", "Guess"), ("yes", "Yes"), ("no", "No")],
        "First line is a header",
        default="auto",
        required=True,
    )
    column_customer = fields.Integer("Column of the customer id", help="0: guess")
    column_date = fields.Integer("Column of the date", help="0: guess")
    column_amount = fields.Integer("Column of the amount", help="0: guess")
    column_name = fields.Integer("Column of the name", help="0: guess")
    column_email = fields.Integer("Column of the e-mail", help="0: guess")
    column_reference = fields.Integer("Column of the order reference", help="0: guess")
    duplicates = fields.Selection(
        [
            ("skip", "Skip: the same purchase told twice"),
            ("keep", "Keep: two purchases that happen to look alike"),
        ],
        "Exact duplicates",
        default="skip",
        required=True,
    )
    replay_months = fields.Integer(
        "Replay stages of the last (months)",
        help="Also write how customers moved between the stages in these months. Only "
        "for a company that has no history of stages yet.",
    )
    state = fields.Selection(
        [
            ("draft", "Draft"),
            ("running", "Running"),
            ("done", "Done"),
            ("failed", "Failed"),
            ("cancelled", "Cancelled"),
        ],
        default="draft",
        required=True,
        readonly=True,
        index=True,
    )
    phase = fields.Selection(
        [
            ("read", "Reading the file"),
            ("match", "Looking for duplicates"),
            ("load", "Creating orders"),
            ("replay", "Replaying stages"),
            ("backfill", "Evaluating customers"),
            ("finish", "Tidying up"),
        ],
        default="read",
        readonly=True,
    )
    message = fields.Text("Remarks", readonly=True)
    layout = fields.Json(readonly=True)
    progress = fields.Float(compute="_compute_progress")
    lines_read = fields.Integer(readonly=True)
    bytes_read = fields.Integer(readonly=True)
    lines_loaded = fields.Integer("Last line loaded", readonly=True)
    rows = fields.Integer("Purchases found", readonly=True)
    orders = fields.Integer("Orders created", readonly=True)
    customers = fields.Integer("Customers created", readonly=True)
    known = fields.Integer("Imported earlier", readonly=True)
    duplicates_found = fields.Integer("Duplicates", readonly=True)
    errors = fields.Integer("Bad lines", readonly=True)
    replayed_to = fields.Date(readonly=True)
    started_at = fields.Datetime(readonly=True)
    finished_at = fields.Datetime(readonly=True)
    error_ids = fields.One2many("lifecycle.import.error", "import_id", readonly=True)

    # -------------------------------------------------------------------- computes
    @api.depends("state", "phase", "bytes_read", "lines_loaded", "lines_read")
    def _compute_progress(self):
        for record in self:
            if record.state == "done":
                record.progress = 100
                continue
            starts = dict(PHASE_STARTS)
            if not record.replay_months:
                del starts["replay"]
            start = starts.get(record.phase, starts["backfill"])
            end = min((s for s in starts.values() if s > start), default=100)
            record.progress = start + (end - start) * record._phase_share()

    def _phase_share(self):
        if self.phase == "read":
            return min(self.bytes_read / (self.bytes_total or 1), 1)
        if self.phase == "load":
            return min(self.lines_loaded / (self.lines_read or 1), 1)
        if self.phase == "replay" and self.replayed_to:
            left = (fields.Date.today() - self.replayed_to).days
            return 1 - min(left / (self.replay_months * 30 or 1), 1)
        return 0

    # ------------------------------------------------------------------------ CRUD
    @api.model_create_multi
    def create(self, vals_list):
        records = super().create(vals_list)
        records._measure()
        return records

    def write(self, vals):
        if not OPTIONS.isdisjoint(vals) and any(r.state != "draft" for r in self):
            raise UserError(
                self.env._("Start over first: the options hold for the whole file.")
            )
        result = super().write(vals)
        if "data" in vals:
            self._measure()
        return result

    def _measure(self):
        for record in self:
            if attachment := record._attachment():
                record.bytes_total = attachment.file_size

    @api.ondelete(at_uninstall=False)
    def _unlink_except_running(self):
        if any(record.state == "running" for record in self):
            raise UserError(self.env._("Cancel the import before deleting it."))

    # --------------------------------------------------------------------- actions
    def action_start(self):
        """Import the file in the background, or go on with an import that stopped."""
        self._check_rights()
        for record in self:
            if record.state in ("done", "running"):
                raise UserError(self.env._("This import is running or done already."))
            if not record._attachment():
                raise UserError(self.env._("Choose a file to import first."))
            record._begin()
        self.env.ref("customer_lifecycle.ir_cron_lifecycle_import").sudo()._trigger()

    def action_cancel(self):
        """Stop after the batch that is being worked on; what is loaded stays."""
        self._check_rights()
        self.filtered(lambda r: r.state == "running").write({"state": "cancelled"})

    def action_reset(self):
        """Make the import a draft again. Orders that it created stay, and are known."""
        self._check_rights()
        if any(record.state == "running" for record in self):
            raise UserError(self.env._("Cancel the import before starting over."))
        self.error_ids.sudo().unlink()
        for record in self:
            self.env["lifecycle.import.row"]._discard(record)
        self.write(
            dict.fromkeys(COUNTERS, 0)
            | {"state": "draft", "phase": "read", "message": False, "layout": False}
            | {"started_at": False, "finished_at": False, "replayed_to": False}
        )

    def action_refresh(self):
        """Show the form again, with the counters as they are now."""
        self._check_rights()

    def action_download_errors(self):
        """Download the bad lines and duplicates as CSV."""
        self.ensure_one()
        self._check_rights()
        return {
            "type": "ir.actions.act_url",
            "url": f"/web/content/{self._name}/{self.id}/error_file?download=true"
            "&filename_field=error_filename",
            "target": "self",
        }

    def _check_rights(self):
        self.env["lifecycle.engine"]._check_manager()
        self.check_access("write")

    def _begin(self):
        """Let the work begin, or go on behind the last batch that was committed."""
        self.write(
            {
                "state": "running",
                "message": False,
                "started_at": self.started_at or fields.Datetime.now(),
            }
        )

    @api.model
    def _resumable(self, company, checksum, values):
        """Return the unfinished import of the file with ``checksum``, else a new one.

        :param dict values: of the import; the same for the file to be read alike
        """
        wanted = {name: v for name, v in values.items() if name in OPTIONS}
        domain = [
            ("company_id", "=", company.id),
            ("checksum", "=", checksum),
            ("state", "in", ("running", "failed", "cancelled")),
            *((name, "=", value) for name, value in wanted.items()),
        ]
        found = self.search(domain, limit=1)
        if found.state == "failed" and not found.rows:
            found.action_reset()
        return found or self.create(
            values | {"company_id": company.id, "checksum": checksum}
        )
