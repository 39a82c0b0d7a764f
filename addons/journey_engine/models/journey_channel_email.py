from odoo import models
from odoo.tools import email_normalize, formataddr
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


class JourneyChannelEmail(models.AbstractModel):
    """E-mails go through the platform's queue, tracked by the step's mailing.

    The queue's rows are written in bulk: creating them record by record costs several
    times more than everything else that a batch does.
    """

    _inherit = "journey.channel"

    def _deliver_email(self, step, items, now):
        texts = self.env["journey.renderer"]._render_emails(step, items)
        people = self._addressees(items)
        sender = self._sender(step, items)
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
                    "person": person,
                    "subject": subject,
                    "body": body,
                    "message_id": generate_tracking_message_id(
                        f"{person.id}-res.partner"
                    ),
                }
            )
            item.send()
        self._queue_mails(step, rows, sender, now)

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

    def _sender(self, step, items):
        """Return from whom a step's messages come, and where replies go."""
        company = step.definition_id.company_id
        template = step.template_id
        email_from = template.email_from
        if email_from and "{{" in email_from:
            person = items[0].addressee_id
            email_from = template._render_field("email_from", [person])[person]
        if not email_normalize(email_from or ""):
            email_from = company.email_formatted or company.catchall_formatted
        reply_to = template.reply_to if "{{" not in (template.reply_to or "{{") else ""
        return {
            "email_from": email_from,
            "reply_to": reply_to or self._reply_to(items[0], email_from),
            "author_id": company.partner_id.id,
            "mail_server_id": template.mail_server_id.id or None,
            "company_id": company.id,
        }

    def _reply_to(self, item, email_from):
        """Replies reach the customer's thread through the company's catch-all."""
        person = self.env["res.partner"].sudo().browse(item.addressee_id)
        return person._notify_get_reply_to(default=email_from)[person.id]

    def _queue_mails(self, step, rows, sender, now):
        log = {
            "create_uid": self.env.uid,
            "create_date": now,
            "write_uid": self.env.uid,
            "write_date": now,
        }
        mailing = step.mailing_id
        common = {
            **log,
            **sender,
            "message_type": "email_outgoing",
            "model": "res.partner",
            "record_company_id": sender["company_id"],
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
        full = [{**common, **self._mail_values(row)} for row in rows]
        self._insert("mail_message", MESSAGE, full, {"id": "message"})
        self._insert("mail_mail", MAIL, full, {"id": "mail"})
        self._insert("mailing_trace", TRACE, full, {"id": "trace"})
        cron = self.env.ref(
            "mail.ir_cron_mail_scheduler_action", raise_if_not_found=False
        )
        if cron:
            cron.sudo()._trigger()

    def _mail_values(self, row):
        person = row["person"]
        return {
            "message": row["message"],
            "mail": row["mail"],
            "trace": row["trace"],
            "mail_message_id": row["message"],
            "mail_mail_id": row["mail"],
            "mail_mail_id_int": row["mail"],
            "message_id": row["message_id"],
            "subject": row["subject"],
            "body_html": row["body"],
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

    def _insert(self, table, columns, rows, renamed):
        self.env.cr.execute_values(
            f"INSERT INTO {table} ({', '.join(columns)}) VALUES %s",
            [[row.get(renamed.get(name, name)) for name in columns] for row in rows],
            page_size=1000,
        )
