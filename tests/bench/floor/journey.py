"""The floor of journeys: bare texts and rows of e-mails, a bare INSERT of runs."""

from types import SimpleNamespace

from lxml import html

from odoo.tools.mail import generate_tracking_message_id

BATCH = 1000
RECIPIENTS = """
    SELECT r.id, p.id, p.name, p.email_normalized FROM test_journey_run r
      JOIN res_partner p ON p.id = r.addressee_id
     WHERE r.run_state = 'running' AND r.next_step_at <= %s AND r.id > %s
     ORDER BY r.id LIMIT %s
"""
TABLES = {
    "mail_message": (
        "id",
        "message_id",
        "message_type",
        "model",
        "res_id",
        "subject",
        "email_from",
        "reply_to",
        "author_id",
        "record_company_id",
        "date",
        "reply_to_force_new",
        "is_internal",
        "create_uid",
        "create_date",
        "write_uid",
        "write_date",
    ),
    "mail_mail": (
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
    ),
    "mailing_trace": (
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
    ),
}
ALIAS = {"mail_mail_id": "mail_mail_id_int"}
# Sorted: else PostgreSQL looks through the rows that it has just inserted, again and
# again (minutes for 100,000 into an empty table).
ENROL = """
    INSERT INTO test_journey_run (
        definition_id, company_id, version_id, step_id, customer_id, addressee_id,
        run_state, steps_completed, attempts, started_at, anchor_at, next_step_at,
        step_due_at, is_holdout, create_uid, create_date)
    SELECT %(definition)s, l.company_id, %(version)s, %(step)s, l.customer_id,
           l.customer_id, 'running', 0, 0, %(now)s, %(now)s, %(now)s, %(now)s, FALSE,
           %(user)s, now() AT TIME ZONE 'UTC'
      FROM customer_lifecycle l
      JOIN res_partner p ON p.id = l.customer_id AND p.active
     WHERE l.company_id = %(company)s AND l.engagement_score >= 50
       AND NOT EXISTS (SELECT FROM test_journey_run r
                        WHERE r.definition_id = %(definition)s
                          AND r.customer_id = l.customer_id)
     ORDER BY l.customer_id
    ON CONFLICT DO NOTHING
"""


def enrol(env, journey, now):
    """Let the segment in; return how many."""
    version = journey.version_id
    values = {
        "definition": journey.id,
        "version": version.id,
        "step": version._steps()[0].id,
        "company": journey.company_id.id,
        "user": env.uid,
        "now": now,
    }
    env.cr.execute(ENROL, values)
    return env.cr.rowcount


class Mails:
    """Texts and queue rows of a step's e-mails, and nothing else: no policy, no caps,
    no log of deliveries, no run moves.
    """

    def __init__(self, env, step, now):
        self.env, self.now = env, now
        self.cr = env.cr
        self.subject = "Milk for %s"
        source = env["journey.renderer"]._prepare_source(step)
        self.element = html.fragment_fromstring(source, create_parent="div")
        self.common = {
            "message_type": "email_outgoing",
            "model": "res.partner",
            "email_from": "shop@example.com",
            "reply_to": "shop@example.com",
            "author_id": env.company.partner_id.id,
            "record_company_id": env.company.id,
            "date": now,
            "reply_to_force_new": False,
            "is_internal": False,
            "state": "outgoing",
            "mailing_id": step.mailing_id.id,
            "mass_mailing_id": step.mailing_id.id,
            "campaign_id": step.mailing_id.campaign_id.id,
            "is_notification": True,
            "auto_delete": True,
            "trace_type": "mail",
            "trace_status": "outgoing",
            "create_uid": env.uid,
            "create_date": now,
            "write_uid": env.uid,
            "write_date": now,
        }

    def queue(self):
        """Queue a mail for everybody who is due; return how many."""
        done, last = 0, 0
        qweb = self.env["ir.qweb"].with_context(journey_compiled={})
        while True:
            self.cr.execute(RECIPIENTS, [self.now, last, BATCH])
            found = self.cr.fetchall()
            if not found:
                return done
            self._insert([self._row(qweb, *row[1:]) for row in found])
            self.cr.commit()
            done, last = done + len(found), found[-1][0]

    def _row(self, qweb, partner, name, email):
        person = SimpleNamespace(name=name)
        body = str(qweb._render(self.element, {"object": person}))[5:-6]
        return {
            **self.common,
            "message_id": generate_tracking_message_id(f"{partner}-res.partner"),
            "subject": self.subject % name,
            "body_html": body,
            "res_id": partner,
            "email": email,
            "email_to": f'"{name}" <{email}>',
        }

    def _insert(self, rows):
        for table, key in (
            ("mail_message", "mail_message_id"),
            ("mail_mail", "mail_mail_id_int"),
            ("mailing_trace", "trace"),
        ):
            self.cr.execute(
                "SELECT nextval(pg_get_serial_sequence(%s, 'id'))"
                " FROM generate_series(1, %s)",
                [table, len(rows)],
            )
            for row, (number,) in zip(rows, self.cr.fetchall(), strict=True):
                row["id"] = row[key] = number
            names = TABLES[table]
            self.cr.execute_values(
                f"INSERT INTO {table} ({', '.join(names)}) VALUES %s",
                [[row[ALIAS.get(name, name)] for name in names] for row in rows],
                page_size=BATCH,
            )
