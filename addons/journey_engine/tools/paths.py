"""The texts of steps: placeholders are paths to fields, never code."""

import re

from odoo.models import BaseModel
from odoo.tools.rendering_tools import parse_inline_template

PATH = re.compile(r"[a-z_][a-z0-9_]*(\.[a-z][a-z0-9_]*)*")
SECRET = ("res.users", "res.users.apikeys", "ir.config_parameter")


def placeholders(source):
    """Return the expressions between {{ and }} of a text."""
    return [expression for _text, expression, _default in _parts(source) if expression]


def _parts(source):
    return [
        (text, (expression or "").strip(), (default or "").strip())
        for text, expression, default in parse_inline_template(source or "")
    ]


def fill(source, values):
    """Return a text with its placeholders filled.

    :param dict values: roots of the paths, records or plain values
    :raises ValueError: a placeholder is no path to a field that everybody may see
    """
    filled = []
    for text, expression, default in _parts(source):
        filled.append(text)
        if expression:
            value = resolve(expression, values)
            filled.append(str(value) if value else default)
    return "".join(filled)


def resolve(path, values):
    """Return what a path leads to."""
    if not PATH.fullmatch(path):
        raise ValueError(f"{path}: only paths to fields are allowed")
    root, *names = path.split(".")
    if root not in values:
        raise ValueError(f"{path}: {root} is unknown")
    value = values[root]
    for name in names:
        check_field(path, value, name)
        value = value[:1][name]
    return value.display_name if isinstance(value, BaseModel) else value


def check_field(path, record, name):
    """Raise ValueError unless everybody may see a field of a record."""
    if not isinstance(record, BaseModel) or name not in record._fields:
        raise ValueError(f"{path}: there is no field {name}")
    field = record._fields[name]
    if field.groups or (record._name in SECRET and name != "name"):
        raise ValueError(f"{path}: {name} is not for everybody")
    # One of many would be anybody's: the first order of another company, too.
    if field.type in ("one2many", "many2many"):
        raise ValueError(f"{path}: {name} has several values")
    if not record.browse().has_access("read"):
        raise ValueError(f"{path}: {record._description} is not yours to read")
