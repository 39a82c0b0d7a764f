"""Records as JSON: one field class and one reader for every such view."""

import json
from copy import deepcopy

from odoo import fields
from odoo.exceptions import ValidationError

from .text import is_storable

MISSING = object()


class JsonView(fields.Json):
    """JSON of the contract, as a rule a view of records: computed, with an inverse.

    Accepts a list or dict, or a text that holds one; an empty one reads back as such.
    ``shape`` is the type of the whole: list, dict, or both as a tuple.
    """

    shape = list
    readonly = False
    copy = False

    def convert_to_cache(self, value, record, validate=True):
        if value is None or value is False:
            return None
        if isinstance(value, str | bytes):
            value = self._parse(value, record)
        if not isinstance(value, self.shape):
            raise ValidationError(
                record.env._(
                    "%(field)s: %(value)s is not allowed; allowed is %(shape)s.",
                    field=self.name,
                    value=repr(value)[:100],
                    shape=_shape_name(record.env, self.shape),
                )
            )
        self._check_storable(value, record)
        return portable(value)

    def _check_storable(self, value, record):
        """PostgreSQL keeps no NUL, no half characters and no NaN."""
        try:
            text = json.dumps(portable(value), allow_nan=False, ensure_ascii=False)
            storable = "\\u0000" not in text and text.encode()
        except (TypeError, ValueError, RecursionError, OverflowError):
            storable = False
        if not storable:
            raise ValidationError(
                record.env._("%s: holds what JSON and the database cannot.", self.name)
            )

    def convert_to_record(self, value, record):
        return self._empty() if value is None else deepcopy(value)

    def _empty(self):
        return {} if self.shape is dict else []

    def _parse(self, text, record):
        try:
            return json.loads(text) if text.strip() else self._empty()
        except (ValueError, RecursionError) as error:
            raise ValidationError(
                record.env._(
                    "%(field)s: no JSON (%(error)s).", field=self.name, error=error
                )
            ) from error


class JsonReader:
    """Reads a JSON value piece by piece; what is wrong is named by its path.

    >>> JsonReader(env, [{"points": 5}], "rules").entries()[0].number("points")
    5
    """

    def __init__(self, env, value, path):
        self.env = env
        self.value = value
        self.path = path

    def entries(self):
        """Return a reader for each element of a list."""
        if not isinstance(self.value, list):
            self._refuse(self.path, self.value, _shape_name(self.env, list))
        return [
            JsonReader(self.env, value, f"{self.path}[{place}]")
            for place, value in enumerate(self.value)
        ]

    def check_keys(self, allowed, required=()):
        """Refuse anything but a dict with these keys."""
        if not isinstance(self.value, dict):
            self._refuse(self.path, self.value, _shape_name(self.env, dict))
        for name in self.value:
            if name not in allowed:
                raise ValidationError(
                    self.env._(
                        "%(path)s: the key %(key)s is unknown; allowed are "
                        "%(allowed)s.",
                        path=self.path,
                        key=repr(name)[:100],
                        allowed=", ".join(allowed),
                    )
                )
        for name in required:
            if name not in self.value:
                self._miss(name)

    def has(self, name):
        return name in self.value

    def text(self, name, default=MISSING):
        """Return a text that is not empty."""
        return self._typed(name, str, self.env._("a text"), default)

    def flag(self, name, default=MISSING):
        return self._typed(name, bool, self.env._("true or false"), default)

    def choice(self, name, allowed, default=MISSING):
        """Return one of ``allowed``."""
        value = self._get(name, default)
        if value is not default and value not in allowed:
            self._refuse(self._path(name), value, ", ".join(allowed))
        return value

    def number(self, name, low=0, high=10**9, default=MISSING, whole=False):
        """Return a number from ``low`` to ``high``."""
        value = self._get(name, default)
        if value is default:
            return value
        kind = int if whole else int | float
        # Turned round, so that "not a number" is refused, too.
        if (
            not isinstance(value, kind)
            or isinstance(value, bool)
            or not low <= value <= high
        ):
            what = self.env._("%(low)s to %(high)s", low=low, high=high)
            self._refuse(self._path(name), value, what)
        return value

    def record(self, name, model, default=MISSING):
        """Return the existing record of ``model`` that an id names."""
        number = self.number(name, 1, 2**31 - 1, default, whole=True)
        if number is default:
            return self.env[model]
        record = self.env[model].browse(number).exists()
        if not record:
            raise ValidationError(
                self.env._(
                    "%(path)s: there is no %(model)s %(id)s.",
                    path=self._path(name),
                    model=self.env[model]._description,
                    id=number,
                )
            )
        return record

    def _typed(self, name, kind, what, default):
        value = self._get(name, default)
        wrong = not isinstance(value, kind) or value == ""
        wrong = wrong or (kind is str and not is_storable(value))
        if value is not default and wrong:
            self._refuse(self._path(name), value, what)
        return value

    def _get(self, name, default):
        if name in self.value:
            return self.value[name]
        if default is MISSING:
            self._miss(name)
        return default

    def _miss(self, name):
        raise ValidationError(
            self.env._("%(path)s: %(key)s is missing.", path=self.path, key=name)
        )

    def _path(self, name):
        return f"{self.path}.{name}"

    def _refuse(self, path, value, allowed):
        raise ValidationError(
            self.env._(
                "%(path)s: %(value)s is not allowed; allowed is %(allowed)s.",
                path=path,
                value=repr(value)[:100],
                allowed=allowed,
            )
        )


def portable(value):
    """Return a copy of a JSON value that XML-RPC can carry: False stands for null, and
    what is beyond 32 bits is a float.

    >>> portable([["name", "=", None], 2**40])
    [['name', '=', False], 1099511627776.0]
    """
    if isinstance(value, dict):
        return {key: portable(entry) for key, entry in value.items()}
    if isinstance(value, list | tuple):
        return [portable(entry) for entry in value]
    if isinstance(value, int) and not -(2**31) <= value < 2**31:
        return float(value)
    return False if value is None else value


def whole(number):
    """Return a float as integer where it is one, as people write it in JSON."""
    return int(number) if number == int(number) else number


def domain_of(value):
    """Return the list form of a condition: ``{"field": value}`` means equality."""
    if isinstance(value, dict):
        return [(name, "=", wanted) for name, wanted in value.items()]
    return value


def _shape_name(env, shape):
    names = {list: env._("a list"), dict: env._("an object with keys")}
    return names.get(shape) or env._("a list or an object with keys")
