from uuid import uuid4

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import SQL

from ..const import REDEMPTION_TYPES
from ..tools.inputs import is_storable, shown
from ..tools.movement import Movement, rounded

MOST = 10**9
# Before the key of what a person, or a program of somebody's, gives.
BY_HAND = "earn_points:"


class CustomerLoyaltyMoves(models.AbstractModel):
    """What moves the points of an account; each is a row of the ledger."""

    _name = "customer.loyalty.moves"
    _description = "Movements of a Loyalty Account"

    def _locked(self):
        """Lock the account; return its Standing."""
        self.ensure_one()
        ledger = self.env["loyalty.ledger"].sudo()
        return ledger._lock(SQL("a.id = %s", self.id))[self.sudo().card_id.id]

    def _move(self, *movements, now=None):
        """Post movements; return the ids of their transactions."""
        ledger = self.env["loyalty.ledger"].sudo()
        return ledger._move(self._locked(), movements, now)

    # -------------------------------------------------------------------- contract
    def earn_points(self, points, source_type, source_id=None, description=None):
        """Credit points; they expire as the program says. What trips a limit of the
        program is held for review: the balance stays as it is.

        :param float points: how many; none or fewer than none change nothing
        :param str source_type: what they are for: the name of a model, or a word
        :param int source_id: id of the record, or None
        :param str description: what the customer reads
        :return: the balance afterwards
        :raises ValidationError: no number, too many, an archived customer, or the
            program is switched off or has ended
        :raises AccessError: the user is no lifecycle manager
        """
        self._check_manager()
        points = self._check_points(points)
        if points <= 0:
            return self.points_balance
        self._check_open()
        self._check_customer()
        now = fields.Datetime.now()
        source_type = self._check_text("source_type", source_type)
        source_id = self._check_id("source_id", source_id) if source_id else None
        movement = Movement(
            "earn",
            points,
            source_type,
            source_id,
            self._check_text("description", description) if description else None,
            self._key_by_hand(source_type, source_id),
            self.sudo().program_id._expiry(now),
        )
        self.sudo()._credit(self._locked(), movement, now, pends=False)
        return self.points_balance

    def _key_by_hand(self, source_type, source_id):
        """Return a key that no other call has: whoever asks twice earns twice. What is
        for an order goes with it, until it is confirmed anew.
        """
        about = ""
        if source_type == "sale.order" and source_id:
            order = self.env["sale.order"].sudo().browse(source_id).exists()
            about = f"{order._loyalty_key()}:" if order else ""
        return f"{BY_HAND}{about}{uuid4().hex}"

    def redeem_points(self, points, redemption_type, value, code=None):
        """Take points for something that the customer gets.

        :param float points: how many
        :param str redemption_type: discount, product or code
        :param float value: what they are worth, in the program's currency
        :param str code: the code that the customer got
        :return: True; False where points are none, or more than there are
        :raises ValidationError: no number, an unknown type, too much for one day, or
            the program is switched off
        :raises AccessError: the user is no lifecycle manager
        """
        self._check_manager()
        points = self._check_points(points)
        if redemption_type not in list(dict(REDEMPTION_TYPES)):
            raise ValidationError(
                self.env._(
                    "redemption_type: %(value)s is not allowed; allowed are %(words)s.",
                    value=shown(redemption_type),
                    words=", ".join(dict(REDEMPTION_TYPES)),
                )
            )
        value = self._check_points(value, "value")
        if value < 0:
            raise ValidationError(
                self.env._(
                    "value: %s is not allowed; allowed are numbers from 0.", value
                )
            )
        code = self._check_text("code", code) if code else None
        self._check_open()
        return self._redeem(points, redemption_type, value, code)

    def _redeem(self, points, redemption_type, value, code=None, **values):
        """Take points; False where they are none, or more than there are."""
        self._expire_due(fields.Datetime.now())
        standing = self._locked()
        if points <= 0 or points > standing.available:
            return False
        movement = Movement(
            **{
                "kind": "redeem",
                "points": -points,
                "source_type": self._name,
                "source_id": self.id,
                "redemption_type": redemption_type,
                "redemption_value": value,
                "redemption_code": code,
                **values,
            }
        )
        self.env["loyalty.ledger"].sudo()._move(standing, [movement])
        return True

    def adjust_points(self, points, reason):
        """Correct a balance by hand; lifetime points and tier stay as they are.

        :param float points: added, or taken when below zero
        :param str reason: kept with the transaction
        :return: the balance afterwards
        :raises ValidationError: none, more than there are, or no reason
        :raises AccessError: the user is no lifecycle manager
        """
        self._check_manager()
        points = self._check_points(points)
        reason = self._check_text("reason", reason)
        if not points:
            raise ValidationError(self.env._("points: 0 is not allowed."))
        standing = self._locked()
        if -points > standing.available:
            self.env["loyalty.ledger"]._refuse(standing, -points)
        now = fields.Datetime.now()
        expires = self.sudo().program_id._expiry(now) if points > 0 else None
        movement = Movement(
            "adjust", points, self._name, self.id, reason, expires_at=expires
        )
        self.env["loyalty.ledger"].sudo()._move(standing, [movement], now)
        return self.points_balance

    def transfer_points(self, to_customer_id, points):
        """Give points to another member of the program; their expiry stays theirs.

        :param int to_customer_id: id of a customer with an account in the program
        :param float points: above 0, not more than there are
        :return: the balance afterwards
        :raises ValidationError: no member, an archived one, oneself, not as many
            points, more than one day allows, or the program is switched off or has
            ended
        :raises AccessError: the user is no lifecycle manager
        """
        self._check_manager()
        customer = self.env["loyalty.service"]._customer(
            to_customer_id, "to_customer_id"
        )
        points = self._check_points(points)
        target = self.env["customer.loyalty"]._account_of(self.program_id, customer)
        if not target or target == self or points <= 0:
            raise ValidationError(
                self.env._(
                    "to_customer_id, points: allowed are another member of the program "
                    "and a number above 0."
                )
            )
        self._check_open()
        target._check_customer()
        self._expire_due(fields.Datetime.now())
        self.sudo()._transfer(target, points)
        return self.points_balance

    # ------------------------------------------------------------------------ expiry
    def _expire_due(self, now):
        """Expire what is due of these accounts, before points go out of them: nobody
        spends what only waits for the nightly job.

        Whoever takes a Standing takes it afterwards. Costs one query where nothing is
        due.

        :param datetime now: naive UTC
        :return: whether anything was due
        """
        rows = self.env.execute_query(
            SQL(
                "SELECT DISTINCT loyalty_id FROM loyalty_point_lot"
                " WHERE loyalty_id = ANY(%s) AND remaining > 0 AND expires_at <= %s",
                self.ids,
                now,
            )
        )
        if not rows:
            return False
        due = [number for (number,) in rows]
        # Expiry passes over what others have locked; this waits for them.
        self.env["loyalty.ledger"].sudo()._lock(SQL("a.id = ANY(%s)", due))
        self.env["loyalty.expiry"].sudo()._expire(now, due)
        return True

    # ------------------------------------------------------------------------ checks
    def _check_open(self):
        """Raise ValidationError while the account's program is switched off, or beyond
        its dates; balances may be corrected all the same, and what is due expires.
        """
        program = self.sudo().program_id
        if not program._runs():
            text = (
                self.env._(
                    "program_id: %s has not begun, or has ended; points are neither "
                    "earned nor redeemed nor transferred.",
                    program.name,
                )
                if program._earns()
                else self.env._(
                    "program_id: %s is switched off; points are neither earned nor "
                    "redeemed nor transferred.",
                    program.name,
                )
            )
            raise ValidationError(text)

    def _check_customer(self):
        """Raise ValidationError where nobody is left to use the points."""
        customer = self.sudo().customer_id
        if not customer.active:
            raise ValidationError(
                self.env._("customer_id: %s is archived.", customer.display_name)
            )

    def _check_manager(self):
        """Raise AccessError unless a manager of the account's company asks."""
        engine = self.env["lifecycle.engine"]
        engine._check_manager()
        engine._check_ids("ids", self.ids)
        if len(self) != 1:
            raise ValidationError(self.env._("ids: one account at a time."))
        self.check_access("read")
        if not self.exists():
            raise ValidationError(self.env._("ids: there is no account %s.", self.id))
        for account in self.sudo().filtered("merged_into_id"):
            raise ValidationError(
                self.env._(
                    "This account was merged into the one of %s.",
                    account.merged_into_id.customer_id.name,
                )
            )

    @api.model
    def _check_points(self, points, name="points"):
        """Return a number to the hundredth.

        :raises ValidationError: no number, or beyond what the ledger keeps
        """
        is_number = isinstance(points, int | float) and not isinstance(points, bool)
        if not is_number or not -MOST < points < MOST:
            raise ValidationError(
                self.env._(
                    "%(name)s: %(value)s is not allowed; allowed are numbers.",
                    name=name,
                    value=shown(points),
                )
            )
        return rounded(points)

    @api.model
    def _check_text(self, name, text):
        if not isinstance(text, str) or not text.strip() or not is_storable(text):
            raise ValidationError(
                self.env._(
                    "%(name)s: %(value)s is not allowed; allowed is a text.",
                    name=name,
                    value=shown(text),
                )
            )
        return text.strip()[:500]

    @api.model
    def _check_id(self, name, value):
        (number,) = self.env["lifecycle.engine"]._check_ids(name, [value])
        return number
