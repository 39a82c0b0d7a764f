"""Numbers within bounds: one check and one wording for every field."""

from odoo.exceptions import ValidationError


def named(record, name):
    """Return what a refusal calls a field: by its label, which a screen shows, and by
    its name, which an integrator writes.

    :param record: of the field's model; may be empty
    :param str name: of the field
    """
    label = record._fields[name]._description_string(record.env)
    return f"{label} ({name})"


def check_range(record, name, low, high):
    """Refuse a field whose number lies beyond its bounds.

    :param record: a single record
    :param str name: of the field
    :raises ValidationError: below ``low``, above ``high``, or not a number at all
    """
    check_number(record.env, named(record, name), record[name], low, high)


def check_whole(env, name, value, low, high):
    """Refuse what is no whole number, or beyond its bounds (True is no number)."""
    if not isinstance(value, int) or isinstance(value, bool):
        _refuse(env, name, repr(value)[:100], low, high)
    check_number(env, name, value, low, high)


def check_number(env, name, value, low, high):
    """Refuse a number beyond its bounds.

    :param str name: what the refusal calls it
    """
    # Turned round, so that "not a number" is refused, too.
    if not low <= value <= high:
        _refuse(env, name, value, low, high)


def _refuse(env, name, value, low, high):
    raise ValidationError(
        env._(
            "%(name)s: %(value)s is not allowed; allowed are %(low)s to %(high)s.",
            name=name,
            value=value,
            low=low,
            high=high,
        )
    )
