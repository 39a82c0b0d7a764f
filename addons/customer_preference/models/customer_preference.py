import json

from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..const import PREFERENCE_TYPES, TYPE_KEYS, WEEKDAYS
from ..tools.quiet_hours import QuietHours, parse_clock

QUIET_KEY = "quiet_hours"
QUIET_NAMES = {"start", "end", "days"}
MAX_BYTES = 10_000


class CustomerPreference(models.Model):
    """What a person likes: any JSON value by type and key."""

    _name = "customer.preference"
    _description = "Customer Preference"
    _order = "customer_id, preference_type, preference_key"
    _rec_name = "preference_key"

    customer_id = fields.Many2one(
        "res.partner", "Person", required=True, ondelete="cascade"
    )
    preference_type = fields.Selection(PREFERENCE_TYPES, required=True)
    preference_key = fields.Char(required=True)
    preference_value = fields.Json()

    _key_uniq = models.UniqueIndex(
        "(customer_id, preference_type, preference_key)",
        "A person has one preference of a type and key.",
    )

    # ---------------------------------------------------------------------- checks
    @api.model
    def _check_type(self, value):
        """Return ``value`` if it is a preference type.

        :raises ValidationError: naming the allowed types
        """
        if value not in TYPE_KEYS:
            raise ValidationError(
                self.env._(
                    "preference_type: %(value)s is unknown; allowed are %(allowed)s.",
                    value=repr(value)[:100],
                    allowed=", ".join(TYPE_KEYS),
                )
            )
        return value

    @api.model
    def _check_key(self, value):
        if (
            not isinstance(value, str)
            or not 0 < len(value.strip()) <= 64
            or not value.isprintable()
        ):
            raise ValidationError(
                self.env._(
                    "preference_key: %s is no text of 1 to 64 characters.",
                    repr(value)[:100],
                )
            )
        return value.strip()

    @api.model
    def _check_value(self, preference_type, key, value):
        """Return ``value`` if it can be kept; a quiet_hours one must be one.

        :raises ValidationError: naming what is wrong
        """
        try:
            text = json.dumps(value, allow_nan=False, ensure_ascii=False)
            # PostgreSQL stores neither half characters nor the null character.
            size = MAX_BYTES + 1 if "\\u0000" in text else len(text.encode())
        except (TypeError, ValueError, RecursionError):
            size = MAX_BYTES + 1
        if size > MAX_BYTES:
            raise ValidationError(
                self.env._(
                    "preference_value of %s: must be JSON without null characters, "
                    "of at most 10,000 bytes.",
                    key,
                )
            )
        if (preference_type, key) == ("communication", QUIET_KEY):
            self._parse_quiet_hours(value)
        return value

    @api.model
    def _parse_quiet_hours(self, value, zone="UTC", closed=()):
        """Return the ``QuietHours`` that a preference means.

        :param dict value: ``start`` and ``end`` as HH:MM, ``days``: names of weekdays
        :raises ValidationError: naming what is wrong
        """
        try:
            if not isinstance(value, dict) or set(value) - QUIET_NAMES:
                raise ValueError(value)
            return QuietHours(
                parse_clock(value.get("start", "00:00")),
                parse_clock(value.get("end", "00:00")),
                frozenset(WEEKDAYS.index(day) for day in value.get("days", [])),
                zone,
                closed,
            )
        except (TypeError, ValueError):
            raise ValidationError(
                self.env._(
                    "quiet_hours: %(value)s is not understood; an example is "
                    '{"start": "21:00", "end": "09:00", "days": ["friday"]}.',
                    value=repr(value)[:100],
                )
            ) from None

    # ----------------------------------------------------------------------- store
    @api.model
    def _get(self, person, preference_type=None):
        """Return {type: {key: value}} of one person."""
        domain = [("customer_id", "=", person.id)]
        if preference_type:
            domain.append(("preference_type", "=", preference_type))
        found = {}
        for row in self.sudo().search(domain):
            values = found.setdefault(row.preference_type, {})
            values[row.preference_key] = row.preference_value
        return found

    @api.model
    def _put(self, person, preferences):
        """Insert or change preferences of one person; all or nothing.

        :param dict preferences: {type: {key: value}}
        :return: number of preferences written
        :raises ValidationError: naming the type, key or value that is wrong
        """
        if not isinstance(preferences, dict) or not all(
            isinstance(values, dict) for values in preferences.values()
        ):
            raise ValidationError(
                self.env._('preferences: must look like {"shopping": {"brand": "A"}}.')
            )
        rows = [
            (
                person.id,
                self._check_type(kind),
                self._check_key(key),
                json.dumps(self._check_value(kind, key, value)),
                self.env.uid,
                self.env.uid,
            )
            for kind, values in preferences.items()
            for key, value in values.items()
        ]
        # The last of two spellings of a key wins, as in a dict.
        rows = list({row[:3]: row for row in rows}.values())
        self._upsert(rows)
        return len(rows)

    def _upsert(self, rows):
        if not rows:
            return
        self.flush_model()
        # Two tabs saving at once: the database decides, neither fails.
        self.env.cr.execute_values(
            """
            INSERT INTO customer_preference AS p (customer_id, preference_type,
                preference_key, preference_value, create_uid, write_uid,
                create_date, write_date)
            VALUES %s
            ON CONFLICT (customer_id, preference_type, preference_key) DO UPDATE
               SET preference_value = excluded.preference_value,
                   write_uid = excluded.write_uid, write_date = excluded.write_date
            """,
            rows,
            template="(%s, %s, %s, %s::jsonb, %s, %s, now() at time zone 'utc',"
            " now() at time zone 'utc')",
        )
        self.invalidate_model()

    @api.model
    def _drop(self, person, preference_type=None, key=None):
        """Delete preferences of one person; return how many there were."""
        domain = [("customer_id", "=", person.id)]
        if preference_type:
            domain.append(("preference_type", "=", preference_type))
        if key:
            domain.append(("preference_key", "=", key))
        rows = self.sudo().search(domain)
        number = len(rows)
        rows.unlink()
        return number
