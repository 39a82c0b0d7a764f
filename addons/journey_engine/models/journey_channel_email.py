from odoo import models
from odoo.tools import SQL, email_normalize, formataddr
from odoo.tools.mail import generate_tracking_message_id

MESSAGE = (
    "id",
    "message_id",
    "message_type",
    "model",
    "res_id",
    "subject",
    "email_from",
    "reply_to",
    "author_id",
    "mail_server_id",
    "record_company_id",
    "date",
    "reply_to_force_new",
    "is_internal",
    "create_uid",
    "create_date",
    "write_uid",
    "write_date",
)
MAIL = (
    "id",
    "mail_message_id",
    "body_html",
    "email_to",
    "state",
    "mailing_id",
    "is_notification",
    "auto_delete",
    "create_uid",
    "create_date",
    "write_uid",
    "write_date",
)
TRACE = (
    "id",
    "trace_type",
    "mail_mail_id",
    "mail_mail_id_int",
    "email",
    "message_id",
    "model",
    "res_id",
    "mass_mailing_id",
    "campaign_id",
    "trace_status",
    "create_uid",
    "create_date",
    "write_uid",
    "write_date",
)
NUMBERS = {"id", "mail_message_id", "mail_mail_id", "mail_mail_id_int", "res_id"}


class JourneyChannelEmail(models.AbstractModel):
    """E-mails go through the platform's queue, tracked by the step's mailing.

    The queue's rows are written in bulk: creating them record by record costs several
    times more than everything else that a batch does.
    """

    _inherit = "journey.channel"

    def _deliver_email(self, step, items, now):
        texts = self.env["journey.renderer"]._render_emails(step, items)
        people = self._addressees(items)
        senders = self._senders(step, items)
        ids = [self._reserve(table, len(items)) for table in ("message", "mail")]
        traces = self._reserve_ids("mailing_trace", len(items))
        rows = []
        for place, (item, person) in enumerate(zip(items, people, strict=True)):
            item.mail_id, item.trace_id = ids[1][place], traces[place]
            subject, body = texts[item.run_id]
            rows.append(
                {
                    "message": ids[0][place],
                    "mail": item.mail_id,
                    "trace": item.trace_id,
                    "mail_message_id": ids[0][place],
                    "mail_mail_id": item.mail_id,
                    "mail_mail_id_int": item.mail_id,
                    **self._mail_values(person, subject, body),
                    **senders[item.run_id],
                    "message_id": generate_tracking_message_id(
                        f"{person.id}-res.partner"
                    ),
                }
            )
            item.send()
        self._queue_mails(step, rows, now)

    def _reserve(self, table, count):
        return self._reserve_ids(f"mail_{table}", count)

    def _reserve_ids(self, table, count):
        """Take ids from a table's sequence."""
        self.env.cr.execute(
            "SELECT nextval(pg_get_serial_sequence(%s, 'id'))"
            " FROM generate_series(1, %s)",
            [table, count],
        )
        return [number for (number,) in self.env.cr.fetchall()]

    def _senders(self, step, items):
        """Return {run id: from whom a message comes, and where replies go}."""
        company = step.definition_id.company_id
        own = company.email_formatted or company.catchall_formatted
        renderer = self.env["journey.renderer"]
        senders = renderer._render_headers(step, items, "email_from")
        replies = renderer._render_headers(step, items, "reply_to")
        people = self._addressees(items)
        # Replies reach the customer's thread through the company's catch-all.
        answers = people[:1]._notify_get_reply_to(default=own)[people[:1].id]
        return {
            run: {
                "email_from": sender if email_normalize(sender) else own,
                "reply_to": replies[run] if email_normalize(replies[run]) else answers,
            }
            for run, sender in senders.items()
        }

    def _queue_mails(self, step, rows, now):
        log = {
            "create_uid": self.env.uid,
            "create_date": now,
            "write_uid": self.env.uid,
            "write_date": now,
        }
        mailing, company = step.mailing_id, step.definition_id.company_id
        common = {
            **log,
            "author_id": company.partner_id.id,
            "mail_server_id": step.template_id.mail_server_id.id or None,
            "message_type": "email_outgoing",
            "model": "res.partner",
            "record_company_id": company.id,
            "date": now,
            "reply_to_force_new": False,
            "is_internal": False,
            "state": "outgoing",
            "mailing_id": mailing.id,
            "mass_mailing_id": mailing.id,
            "campaign_id": mailing.campaign_id.id or None,
            # The message stays, so that a reply finds its thread.
            "is_notification": True,
            "auto_delete": True,
            "trace_type": "mail",
            "trace_status": "outgoing",
        }
        self._insert("mail_message", MESSAGE, common, rows, "message")
        self._insert("mail_mail", MAIL, common, rows, "mail")
        self._insert("mailing_trace", TRACE, common, rows, "trace")
        self._attach(step, [row["message"] for row in rows])
        cron = self.env.ref(
            "mail.ir_cron_mail_scheduler_action", raise_if_not_found=False
        )
        if cron:
            cron.sudo()._trigger()

    def _attach(self, step, messages):
        """Give messages the files of their template."""
        if files := step.template_id.sudo().attachment_ids.ids:
            self.env.cr.execute(
                "INSERT INTO message_attachment_rel (message_id, attachment_id)"
                " SELECT m, f FROM unnest(%s) m, unnest(%s) f",
                [messages, files],
            )

    def _mail_values(self, person, subject, body):
        return {
            "message_id": generate_tracking_message_id(f"{person.id}-res.partner"),
            "subject": subject,
            "body_html": body,
            "res_id": person.id,
            "email": person.email_normalized,
            "email_to": self._address(person),
        }

    def _address(self, person):
        """Return whom a mail is addressed to; a name never adds somebody else.

        The queue reads the text again, and takes an address within a name for one
        more to write to.
        """
        name = " ".join((person.name or "").split())
        if "@" in name:
            name = ""
        return formataddr((name, person.email_normalized))

    def _insert(self, table, columns, common, rows, key):
        """Insert rows, their ids under ``key``; what all share is sent once.

        Arrays, not rows of values: formatting those costs more than inserting them.
        """
        own = {"id": [row[key] for row in rows]}
        for name in columns:
            if name in rows[0]:
                own[name] = [row[name] for row in rows]
        values = [
            SQL("v.%s", SQL.identifier(name))
            if name in own
            else SQL("%s", common[name])
            for name in columns
        ]
        arrays = [
            SQL("%s::int[]" if name in NUMBERS else "%s::text[]", list(column))
            for name, column in own.items()
        ]
        self.env.cr.execute(
            SQL(
                "INSERT INTO %s (%s) SELECT %s FROM unnest(%s) v (%s)",
                SQL.identifier(table),
                SQL(", ").join(map(SQL.identifier, columns)),
                SQL(", ").join(values),
                SQL(", ").join(arrays),
                SQL(", ").join(map(SQL.identifier, own)),
            )
        )
