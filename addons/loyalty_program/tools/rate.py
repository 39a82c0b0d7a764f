"""What a unit of an order's currency is in a program's."""


class Rate(float):
    """Told in the context of the environment: of this class, no client can send it."""


def rate_in(context):
    """Return the rate that a context tells, None without one.

    >>> rate_in({"loyalty_rate": 1000}), rate_in({"loyalty_rate": Rate(2)})
    (None, 2.0)
    """
    rate = context.get("loyalty_rate")
    return rate if isinstance(rate, Rate) else None
