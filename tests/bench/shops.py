"""Which databases the rows are measured on, and what is in them."""

from setup.toolkit.database import BASE

from . import confirmation, databases, dataset

ORDERS = 10


def generated(template, customers, orders):
    """A generated shop whose lifecycle is back-filled; return the database's name."""
    name = f"{template}_{customers}"
    contents = f"{customers} customers, {orders} orders each"
    databases.ensure(
        name, template, contents, lambda env: _fill(env, customers, orders)
    )
    return name


def cdnow(template):
    """The full CDNOW history, back-filled."""
    name = f"{template}_cdnow"
    databases.ensure(name, template, "CDNOW", _fill_cdnow)
    return name


def pair(template):
    """Two equal shops, with and without the addon: (with, without)."""
    size = confirmation.CUSTOMERS
    with_addon = generated(template, size, ORDERS)
    without = f"{template}_without"
    databases.ensure(
        without,
        BASE,
        f"{size} customers",
        lambda env: dataset.generate(env, size, size * ORDERS, dataset.moment()),
    )
    return with_addon, without


def _fill(env, customers, orders):
    dataset.generate(env, customers, customers * orders, dataset.moment())
    env["lifecycle.engine"].backfill(dataset.moment())


def _fill_cdnow(env):
    dataset.load_cdnow(env)
    env["lifecycle.engine"].backfill(dataset.cdnow_moment())
