from odoo import api, models
from odoo.tools import SQL

# Who of a hundred agreed to e-mails, who took it back, who agreed to SMS.
AGREED, WITHDREW, TEXTED = 62, 70, 30
# Of a hundred, how many told their birthday.
BORN = 40


class LifecycleDemoConsents(models.AbstractModel):
    """What the customers of the demo agreed to, and told of themselves: generated,
    always alike.
    """

    _inherit = "lifecycle.demo"

    @api.model
    def _tell_consents(self, open_history, bar):
        """Let customers agree, and object, in shares as shops see them."""
        self._agree()

    @api.model
    def _agree(self):
        """Ask those who were not asked yet."""
        self._give_phones()
        self._give_birthdays()
        for channel, low, high, status in (
            ("email", 0, AGREED, "granted"),
            ("email", AGREED, WITHDREW, "withdrawn"),
            ("sms", 0, TEXTED, "granted"),
        ):
            self.env.cr.execute(
                SQL(
                    """
                    INSERT INTO customer_consent (customer_id, company_id, channel,
                        status, source, occurred_at, evidence, create_uid, create_date)
                    SELECT l.customer_id, l.company_id, %(channel)s, %(status)s,
                           'import', l.customer_since, 'Demo: generated', %(uid)s,
                           now() AT TIME ZONE 'UTC'
                      FROM customer_lifecycle l
                     WHERE l.company_id = %(company)s
                       AND %(dice)s >= %(low)s AND %(dice)s < %(high)s
                       AND NOT EXISTS (SELECT FROM customer_consent c
                                        WHERE c.customer_id = l.customer_id
                                          AND c.channel = %(channel)s)
                    """,
                    channel=channel,
                    status=status,
                    uid=self.env.uid,
                    company=self.env.company.id,
                    dice=self._dice(channel, SQL("l.customer_id::text")),
                    low=low,
                    high=high,
                )
            )
        self.env.invalidate_all()

    @api.model
    def _give_phones(self):
        self.env.flush_all()
        self.env.cr.execute(
            """
            UPDATE res_partner p SET phone = v.number, phone_sanitized = v.number
              FROM (SELECT customer_id,
                           '+88017' || lpad(customer_id::text, 8, '0') AS number
                      FROM customer_lifecycle) v
             WHERE p.id = v.customer_id AND p.phone IS NULL
            """
        )

    @api.model
    def _give_birthdays(self):
        key = SQL("l.customer_id::text")
        self.env.cr.execute(
            SQL(
                """
                UPDATE res_partner p
                   SET birthday = '1956-01-01'::date + 163 * %(far)s + %(near)s
                  FROM customer_lifecycle l
                 WHERE p.id = l.customer_id AND p.birthday IS NULL
                   AND %(told)s < %(born)s
                """,
                far=self._dice("year", key),
                near=self._dice("day", key),
                told=self._dice("birthday", key),
                born=BORN,
            )
        )

    @api.model
    def _dice(self, what, key):
        """Return an expression from 0 to 99 that is always the same for a key."""
        return SQL(
            "mod(('x' || substr(md5(%s || ':' || %s), 1, 7))::bit(28)::int, 100)",
            what,
            key,
        )
