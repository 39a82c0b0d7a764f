"""Shops with a loyalty program: orders that come in, points that grow old, and orders
from before the program.
"""

from odoo import Command

from setup.toolkit import addons

from . import confirmation, databases, dataset, shops

CUSTOMERS = 200_000
LOTS = 10
ADDON = "loyalty_program"
NAME = "Bench"
PREFIX = "loyalty"
# What moves of points write.
WRITTEN = (
    "loyalty_transaction",
    "loyalty_point_lot",
    "loyalty_lot_move",
    "customer_loyalty",
    "loyalty_card",
    "lifecycle_event",
)
CARDS = """
    INSERT INTO loyalty_card (program_id, company_id, partner_id, code, active, points)
    SELECT %(program)s, %(company)s, id, 'bench-' || id, TRUE, %(points)s
      FROM res_partner WHERE name LIKE 'Customer %%' ORDER BY id
    RETURNING id
"""
# Ten earnings each; every other one has expired by now.
EARNED = """
    INSERT INTO loyalty_transaction (loyalty_id, program_id, company_id,
        transaction_type, points, balance_before, balance_after, source_type,
        idempotency_key, created_at, expires_at, user_id)
    SELECT a.id, a.program_id, a.company_id, 'earn', 10, 10 * (n - 1), 10 * n, 'bench',
           'bench:' || n, %(now)s::timestamp + (n - 12) * interval '30 days',
           %(now)s::timestamp + CASE n %% 2 WHEN 1 THEN n - 12 ELSE n END
                                * interval '1 day', %(user)s
      FROM customer_loyalty a CROSS JOIN generate_series(1, %(lots)s) n
     ORDER BY a.id, n
"""
LOT = """
    INSERT INTO loyalty_point_lot (loyalty_id, transaction_id, points, remaining,
        issued_at, expires_at)
    SELECT loyalty_id, id, points, points, created_at, expires_at
      FROM loyalty_transaction ORDER BY id
"""
BALANCES = """
    UPDATE customer_loyalty SET points_balance = %(points)s,
           points_lifetime = %(points)s, next_tier_points = 1000 - %(points)s
"""
# One line for each order, like that of the order that the ORM makes.
LINES = """
    INSERT INTO sale_order_line (order_id, company_id, currency_id, order_partner_id,
        product_id, product_uom_id, state, name, product_uom_qty, price_unit,
        price_subtotal, price_tax, price_total, customer_lead)
    SELECT id, company_id, currency_id, partner_id, %(product)s, %(uom)s, state, 'Milk',
           1, amount_total, amount_total, 0, amount_total, 0
      FROM sale_order ORDER BY id
"""
# Tables of the ledger are emptied together; cards stay out of it.
DETACH = "ALTER TABLE loyalty_card DROP CONSTRAINT loyalty_card_redemption_id_fkey"


def pair(template):
    """Two equal shops of members, with accounts and without: (with, without)."""
    plain = shops.generated(template, confirmation.CUSTOMERS, shops.ORDERS)
    names = f"{template}_{PREFIX}_with", f"{template}_{PREFIX}_without"
    for name, fill in zip(names, (_fill_members, _give_cards), strict=True):
        contents = f"{confirmation.CUSTOMERS} members {_code()}"
        databases.ensure(name, plain, contents, fill)
    return names


def points(template):
    """A shop of accounts with ten lots each; about half of the lots are due."""
    name = f"{template}_{PREFIX}_points"
    contents = f"{CUSTOMERS} accounts, {LOTS} lots each {_code()}"
    databases.ensure(name, template, contents, _fill_points)
    return name


def orders(template, customers, number):
    """A shop whose orders are older than its program.

    :param int number: orders per customer
    """
    history = shops.generated(template, customers, number)
    name = f"{template}_{PREFIX}_{customers}"
    contents = f"{customers} customers, {number} orders each {_code()}"
    databases.ensure(name, history, contents, _fill_orders)
    return name


def program(env):
    """The program of the benchmark."""
    return env["loyalty.program"].search([("name", "=", NAME)])


def _code():
    return addons.fingerprint(addons.closure(ADDON))[:16]


def _install(env):
    modules = env["ir.module.module"]
    modules.update_list()
    modules.search([("name", "=", ADDON)]).button_immediate_install()
    env.transaction.reset()


def _make_program(env, **values):
    """One point for each unit of money, a discount for a hundred of them."""
    env["loyalty.program"].search([]).action_archive()
    return env["loyalty.program"].create(
        {
            "name": NAME,
            "program_type": "loyalty",
            "applies_on": "both",
            "trigger": "auto",
            "company_id": env.company.id,
            "rule_ids": [Command.create({"reward_point_mode": "money"})],
            "reward_ids": [
                Command.create(
                    {
                        "discount": 10,
                        "discount_mode": "per_order",
                        "required_points": 100,
                    }
                ),
            ],
            **values,
        }
    )


def _give_cards(env, points=500):
    """A program without accounts, and a card for everybody; return both."""
    made = _make_program(env)
    env.flush_all()
    values = {"program": made.id, "company": env.company.id, "points": points}
    env.cr.execute(CARDS, values)
    cards = [number for (number,) in env.cr.fetchall()]
    env.invalidate_all()
    return made, env["loyalty.card"].browse(cards)


def _fill_members(env):
    """The same cards; with the accounts, the ledger opens with what is on them."""
    _install(env)
    made, _cards = _give_cards(env)
    made.is_active = True


def _fill_points(env):
    _install(env)
    dataset.generate(env, CUSTOMERS, CUSTOMERS, dataset.moment())
    made, _cards = _give_cards(env, 0)
    made.is_active = True
    env.flush_all()
    values = {"now": dataset.moment(), "user": env.uid, "lots": LOTS}
    env.cr.execute(EARNED, values)
    env.cr.execute(LOT)
    env.cr.execute(BALANCES, {"points": 10 * LOTS})
    env.cr.execute("UPDATE loyalty_card SET points = %s", [10 * LOTS])
    env.invalidate_all()
    assert not env["loyalty.audit"]._differences()


def _fill_orders(env):
    _install(env)
    service = env["product.product"].create({"name": "Milk", "type": "service"})
    env.flush_all()
    env.cr.execute(LINES, {"product": service.id, "uom": service.uom_id.id})
    env.cr.execute(DETACH)
    env.cr.commit()
    _make_program(env, is_active=True, points_expiry_months=0)
