"""What clients write into fields, looked at before Odoo converts it.

Conversions of Odoo raise what other systems see as an error of the server; here it is
named: the field, the value and what is allowed.
"""

from contextlib import contextmanager
from math import isfinite

from psycopg2 import IntegrityError

from odoo import fields
from odoo.exceptions import ValidationError
from odoo.models import BaseModel

# What the smallest numeric columns keep before the point.
MOST = 10**12
MOST_WHOLE = 2**31 - 1
MAY_BE_EMPTY = {"boolean", "integer", "float", "monetary", "one2many", "many2many"}
COMMANDS = range(7)


def check_values(model, vals):
    """Refuse what the fields of a model cannot hold.

    :param model: recordset whose ``create`` or ``write`` gets the values
    :param dict vals: as for ``write``
    :raises ValidationError: naming the field and what is allowed
    """
    for name, value in vals.items():
        field = model._fields.get(name)
        if field is None:
            continue
        is_empty = value is None or value is False
        if field.type not in ("one2many", "many2many"):
            is_empty = is_empty or value == ""
        if not is_empty:
            CHECKS.get(field.type, _check_nothing)(model.env, name, field, value)
        elif field.required and field.store and field.type not in MAY_BE_EMPTY:
            _refuse(model.env, name, value, model.env._("something"))


@contextmanager
def named_errors(model):
    """Say what the database refuses as a message for people.

    :param model: recordset whose constraints are concerned
    :raises ValidationError: with the message of the constraint
    """
    try:
        with model.env.cr.savepoint():
            yield
    except IntegrityError as error:
        raise ValidationError(model._sql_error_to_message(error)) from error


def shown(value):
    """Return a value as messages quote it: not all of what is huge.

    >>> shown("x" * 200) == repr("x" * 200)[:100]
    True
    """
    try:
        return repr(value)[:100]
    except ValueError:
        # Python does not write numbers of thousands of digits.
        return "..."


def is_storable(text):
    """Whether PostgreSQL keeps a text: no NUL, and no halves of characters.

    >>> is_storable("a\\0b"), is_storable("\\ud800"), is_storable("ab")
    (False, False, True)
    """
    try:
        return "\0" not in text and bool(text.encode())
    except UnicodeError:
        return False


def _refuse(env, name, value, allowed):
    raise ValidationError(
        env._(
            "%(name)s: %(value)s is not allowed; allowed is %(allowed)s.",
            name=name,
            value=shown(value),
            allowed=allowed,
        )
    )


def _check_nothing(env, name, field, value):
    """Booleans take anything; JSON and the rest look for themselves."""


def _number(value):
    """Return a finite float, or None."""
    try:
        number = None if value is True else float(value)
    except (TypeError, ValueError, OverflowError):
        return None
    return number if number is not None and isfinite(number) else None


def _check_float(env, name, field, value):
    number = _number(value)
    if number is None or not -MOST < number < MOST:
        _refuse(env, name, value, env._("a number of at most 12 digits"))


def _check_integer(env, name, field, value):
    number = _number(value)
    if number is None or number != int(number) or abs(number) > MOST_WHOLE:
        what = env._(
            "a whole number from %(low)s to %(high)s", low=-MOST_WHOLE, high=MOST_WHOLE
        )
        _refuse(env, name, value, what)


def _check_text(env, name, field, value):
    text = "" if isinstance(value, dict | list | tuple | set | bytes) else str(value)
    if not text or not is_storable(text):
        _refuse(env, name, value, env._("a text"))


def _check_selection(env, name, field, value):
    words = field.get_values(env)
    if value not in words:
        _refuse(env, name, value, ", ".join(map(str, words)))


def _check_moment(env, name, field, value):
    parse = fields.Date.to_date if field.type == "date" else fields.Datetime.to_datetime
    try:
        parse(value)
    except (TypeError, ValueError, AttributeError, OverflowError):
        _refuse(env, name, value, env._("an ISO date"))


def _check_many2one(env, name, field, value):
    if isinstance(value, BaseModel):
        return
    number = value[0] if isinstance(value, tuple) and value else value
    _check_exists(env, name, field, value, [number])


def _check_x2many(env, name, field, value):
    if isinstance(value, BaseModel):
        return
    named = [_named(item) for item in value] if isinstance(value, list | tuple) else [0]
    if not all(isinstance(ids, list) for ids in named):
        _refuse(env, name, value, env._("a list of ids or commands"))
    if ids := [number for numbers in named for number in numbers]:
        _check_exists(env, name, field, value, ids)


def _named(item):
    """Return the ids of records that an element of a list takes as they are; None for
    what is neither an id nor a command.
    """
    if isinstance(item, int):
        return [item]
    if not isinstance(item, list | tuple) or not item or item[0] not in COMMANDS:
        return None
    kind, number, values, *_more = [*item, None, None]
    if kind == 0:
        return [] if isinstance(values, dict) else None
    if kind == 6:
        return list(values) if isinstance(values, list | tuple) else [values]
    return [number] if kind in (1, 4) else []


def _check_exists(env, name, field, value, ids):
    comodel = env[field.comodel_name].sudo()
    is_known = all(
        isinstance(number, int) and 0 < number <= MOST_WHOLE and number is not True
        for number in ids
    )
    if not is_known or len(comodel.browse(ids).exists()) != len(set(ids)):
        what = env._("the id of a record of %s", comodel._description)
        _refuse(env, name, value, what)


CHECKS = {
    "float": _check_float,
    "monetary": _check_float,
    "integer": _check_integer,
    "char": _check_text,
    "text": _check_text,
    "html": _check_text,
    "selection": _check_selection,
    "date": _check_moment,
    "datetime": _check_moment,
    "many2one": _check_many2one,
    "many2many": _check_x2many,
    "one2many": _check_x2many,
}
