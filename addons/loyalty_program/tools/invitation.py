"""Who followed an invitation: a signed cookie, so that looking writes nothing."""

from datetime import datetime, timedelta
from typing import NamedTuple

from odoo import fields
from odoo.http import request
from odoo.tools.misc import hash_sign, verify_hash_signed

COOKIE = "loyalty_invitation"
SCOPE = "loyalty_program.invitation"
DAYS = 30


class Invitation(NamedTuple):
    """The code of the link that was followed, and when (naive UTC)."""

    code: str
    followed_at: datetime

    def is_open(self, now):
        """Whether it still counts at a moment (naive UTC)."""
        return timedelta(0) <= now - self.followed_at <= timedelta(days=DAYS)


def sign(env, invitation):
    """Return the value of the cookie."""
    stamp = fields.Datetime.to_string(invitation.followed_at)
    return hash_sign(env(su=True), SCOPE, [invitation.code, stamp])


def read(env, value):
    """Return the Invitation of a cookie; None when it is forged."""
    try:
        values = verify_hash_signed(env(su=True), SCOPE, value)
    except (ValueError, UnicodeError):
        return None
    if not values:
        return None
    return Invitation(values[0], fields.Datetime.to_datetime(values[1]))


def followed(env):
    """Return the Invitation of whoever sends this request, if it is still open.

    Nobody of the staff: their orders are their customers'.
    """
    value = request.httprequest.cookies.get(COOKIE) if request else None
    if not value or not request.env.uid or request.env.user._is_internal():
        return None
    invitation = read(env, value)
    if invitation and invitation.is_open(fields.Datetime.now()):
        return invitation
    return None
