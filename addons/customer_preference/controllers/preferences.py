from odoo import http
from odoo.exceptions import ValidationError
from odoo.http import request

from odoo.addons.portal.controllers.portal import CustomerPortal

from ..const import CHANNEL_KEYS, WEEKDAYS
from ..models.customer_preference import QUIET_KEY

# Free texts of the page: field of the form, type and key of the preference.
TEXTS = {
    "favourite_categories": ("shopping", "categories"),
    "delivery_note": ("delivery", "note"),
    "delivery_time": ("delivery", "time"),
    "payment_method": ("payment", "method"),
}


class PreferencePortal(CustomerPortal):
    """The page on which people say how they like to be treated."""

    @http.route(
        "/my/preferences", type="http", auth="user", website=True, methods=["GET"]
    )
    def preferences_page(self, **_get):
        """Show what the person said so far."""
        return self._render_preferences()

    @http.route(
        "/my/preferences", type="http", auth="user", website=True, methods=["POST"]
    )
    def save_preferences(self, **post):
        """Write the changes: consent into the ledger, the rest as preferences."""
        try:
            with request.env.cr.savepoint():
                self._save_preferences(post)
                is_asked = self._save_channels(post)
                self._save_topics(post)
        except ValidationError as error:
            return self._render_preferences(error=str(error.args[0]))
        return request.redirect(f"/my/preferences?saved={'confirm' if is_asked else 1}")

    # ------------------------------------------------------------------------ save
    def _save_channels(self, post):
        """Write changed words; return whether one has to be confirmed by mail."""
        is_asked = False
        for channel, state in self._channel_states().items():
            wanted = f"channel_{channel}" in post
            if wanted != state:
                is_asked |= self._save_word(channel, None, wanted)
        return is_asked

    def _save_topics(self, post):
        for topic, state in self._topic_states():
            wanted = f"topic_{topic.id}" in post
            for channel in CHANNEL_KEYS if wanted != state else ():
                self._save_word(channel, topic, wanted)

    def _save_word(self, channel, topic, wanted):
        """Write a row into the ledger, or ask to confirm a new yes to e-mail.

        :return: whether it has to be confirmed by mail
        """
        partner = request.env.user.partner_id
        row = request.env["customer.preference.service"].record_consent(
            partner.id,
            channel,
            "granted" if wanted else "withdrawn",
            topic and topic.code,
            source="portal",
            evidence=request.env._("Preferences page"),
        )
        return not row

    def _save_preferences(self, post):
        partner = request.env.user.partner_id
        preferences = request.env["customer.preference"]
        values, known = {}, self._texts()
        for name, (kind, key) in TEXTS.items():
            text = post.get(name, "").strip()[:500]
            # What other systems wrote stays as they wrote it, unless it is changed.
            if text and text != known[name]:
                values.setdefault(kind, {})[key] = text
            elif not text:
                preferences._drop(partner, kind, key)
        if post.get("own_quiet_hours"):
            values.setdefault("communication", {})[QUIET_KEY] = {
                "start": post.get("quiet_start", ""),
                "end": post.get("quiet_end", ""),
                "days": [day for day in WEEKDAYS if post.get(f"quiet_{day}")],
            }
        else:
            preferences._drop(partner, "communication", QUIET_KEY)
        preferences._put(partner, values)

    # ------------------------------------------------------------------------ show
    def _texts(self):
        """Return {field of the form: text} of what the person likes."""
        partner = request.env.user.partner_id
        preferences = request.env["customer.preference"]._get(partner)
        found = {}
        for name, (kind, key) in TEXTS.items():
            value = preferences.get(kind, {}).get(key) or ""
            parts = value if isinstance(value, list) else [value]
            found[name] = ", ".join(str(part) for part in parts)
        return found

    def _current(self):
        partner = request.env.user.partner_id
        current = request.env["customer.consent"].sudo()._current(partner)
        return {key[1:]: status for key, status in current.items()}

    def _channel_states(self):
        """Return {channel: whether the person gets marketing by it}.

        What the company presumes of its customers shows as what it is: a yes.
        """
        customer = request.env.user.partner_id.commercial_partner_id
        presumed = request.env["contact.policy"].sudo()._presumed(customer.ids)
        current = self._current()
        return {
            channel: current.get(
                (channel, None),
                "granted" if customer.id in presumed.get(channel, ()) else "withdrawn",
            )
            == "granted"
            for channel in CHANNEL_KEYS
        }

    def _topic_states(self):
        """Return (topic, whether the person wants it); nobody asked means yes."""
        current = self._current()
        topics = request.env["contact.topic"].sudo().search([("active", "=", True)])
        return [
            (topic, current.get(("email", topic.id)) != "withdrawn") for topic in topics
        ]

    def _render_preferences(self, error=None):
        partner = request.env.user.partner_id
        preferences = request.env["customer.preference"]._get(partner)
        values = self._prepare_portal_layout_values() | {
            "page_name": "preferences",
            "error": error,
            "saved": request.params.get("saved") and not error,
            "waits_for_mail": request.params.get("saved") == "confirm",
            "channels": self._channel_states(),
            "topics": self._topic_states(),
            "texts": self._texts(),
            "quiet": preferences.get("communication", {}).get(QUIET_KEY),
            "weekdays": WEEKDAYS,
            "partner": partner,
        }
        return request.render("customer_preference.portal_my_preferences", values)
