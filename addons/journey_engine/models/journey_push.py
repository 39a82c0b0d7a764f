from odoo import api, models
from odoo.tools import SQL

from ..tools.push_text import as_text, cut, size

# The longest parts of a notification, in bytes; the text gets what is left.
MAX_TITLE, MAX_TAG, MAX_URL = 400, 100, 1500


class JourneyPush(models.AbstractModel):
    """Notifications in the browsers of customers."""

    _name = "journey.push"
    _description = "Notifications in the browsers of customers"

    @api.model
    def _push(self, messages):
        """Queue notifications; the platform's job sends them after the commit.

        :param messages: dicts of ``partner_id``, ``title``, ``body`` (plain text),
            ``url`` (or False), ``tag`` (a newer one replaces an older one that still
            shows; or False) and ``company_id``
        :return: set of the partner ids that have at least one device
        """
        parameters = self.env["ir.config_parameter"].sudo()
        if not parameters.get_param("mail.web_push_vapid_private_key"):
            return set()
        devices = self._devices([message["partner_id"] for message in messages])
        base_url = self.get_base_url()
        rows = [
            (device_id, payload)
            for message in messages
            if message["partner_id"] in devices
            for payload in [as_text(self._payload(message, base_url))]
            for device_id in devices[message["partner_id"]]
        ]
        if rows:
            self._queue(rows)
        return set(devices)

    @api.model
    def _devices(self, partner_ids):
        """Return {partner id: [device ids]} of those who have one."""
        domain = [("partner_id", "in", partner_ids)]
        groups = self.env["mail.push.device"].sudo()
        groups = groups._read_group(domain, ["partner_id"], ["id:array_agg"])
        return {partner.id: device_ids for partner, device_ids in groups}

    @api.model
    def _queue(self, rows):
        """Hand (device id, payload) to the platform's queue, in one statement.

        The ORM would insert a hundred rows at a time.
        """
        self.env.execute_query(
            SQL(
                """
                INSERT INTO mail_push (mail_push_device_id, payload, create_uid,
                                       write_uid, create_date, write_date)
                SELECT device_id, payload, %(uid)s, %(uid)s, now_utc, now_utc
                  FROM unnest(%(device_ids)s::int[], %(payloads)s::text[])
                       WITH ORDINALITY AS row (device_id, payload, number),
                       timezone('UTC', now()) AS now_utc
                 ORDER BY number
                RETURNING id
                """,
                uid=self.env.uid,
                device_ids=[device_id for device_id, _payload in rows],
                payloads=[payload for _device_id, payload in rows],
            )
        )
        self.env.ref("mail.ir_cron_web_push_notification")._trigger()

    @api.model
    def _payload(self, message, base_url):
        """Return what our worker shows; the platform's worker of staff reads it, too.

        :return: dict as of https://notifications.spec.whatwg.org/#api
        """
        url = message.get("url") or False
        if url and url.startswith(f"{base_url}/"):
            # People may know the shop by another name: a path holds for each of them.
            url = url.removeprefix(base_url)
        payload = {
            "title": cut(message["title"] or "", MAX_TITLE),
            "options": {
                "body": "",
                "icon": f"/logo.png?company={message['company_id']}",
                "data": {
                    # Who is staff sees the customer's page instead of the link.
                    "model": "res.partner",
                    "res_id": message["partner_id"],
                    "url": url if size(url) <= MAX_URL else False,
                },
            },
        }
        if message.get("tag"):
            payload["options"]["tag"] = cut(message["tag"], MAX_TAG)
        room = self.env["mail.thread"]._truncate_payload_get_max_payload_length()
        body = cut(message["body"] or "", room - size(payload) + len('""'))
        payload["options"]["body"] = body
        return payload
