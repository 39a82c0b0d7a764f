"""What the processes of test_loyalty_install.py do.

The addon is installed in some of these databases, and missing in others: nothing of it
is imported here.
"""

from datetime import date

from odoo.tools import SQL

from tests.fault_workers import say

TABLES = (
    "loyalty_program",
    "loyalty_rule",
    "loyalty_reward",
    "loyalty_mail",
    "loyalty_card",
    "loyalty_history",
    "sale_order_coupon_points",
)
# Name of a program: what it is made of.
PROGRAMS = {
    "club": {"program_type": "loyalty"},
    "other": {"program_type": "loyalty"},
    "gift": {"program_type": "gift_card"},
    "wallet": {"program_type": "ewallet"},
    "offer": {
        "program_type": "promotion",
        "applies_on": "both",
        "trigger": "with_code",
    },
    "coupons": {"program_type": "coupons"},
}
# Whose card: points of each.
CARDS = {
    "Two cards": [120.5, 30.123456789],
    "Owing": [-40],
    "Expired": [60],
    "Archived card": [15],
    "Archived": [33],
    "Decimals": [0.1 + 0.2],
    "Thirds": [100 / 3],
    "Empty": [0],
    "Huge": [123456789.987654321],
    "": [77.7],
}


def fill(env):
    """Cards of every kind, and orders in the middle of their life."""
    env["loyalty.program"].search([]).action_archive()
    programs = {
        name: env["loyalty.program"].create({"name": name}) for name in PROGRAMS
    }
    for name, program in programs.items():
        # Its type brings its rules and rewards, when it is changed.
        program.write(PROGRAMS[name])
    people = {name: env["res.partner"].create({"name": name}) for name in CARDS if name}
    for program in programs.values():
        _fill_cards(env, program, people)
    people["Archived"].active = False
    bought = env["res.partner"].create({"name": "Bought before"})
    _order(env, bought, 500).action_confirm()
    quoting = env["res.partner"].create({"name": "Quoting"})
    env["loyalty.card"].create(
        [
            {"program_id": programs[name].id, "partner_id": quoting.id, "points": 500}
            for name in ("club", "other")
        ]
    )
    _claim(_order(env, quoting, 100), programs["club"])
    env.cr.commit()
    say({name: program.id for name, program in programs.items()})


def _fill_cards(env, program, people):
    cards = env["loyalty.card"].with_context(loyalty_no_mail=True)
    for name, points in CARDS.items():
        owner = people[name].id if name else False
        values = {"program_id": program.id, "partner_id": owner}
        found = cards.create([{**values, "points": number} for number in points])
        if name == "Expired":
            found.expiration_date = date(2020, 1, 31)
        if name == "Archived card":
            found.active = False


def _order(env, customer, amount):
    product = env["product.product"].search([("name", "=", "Install milk")], limit=1)
    product = product or env["product.product"].create(
        {"name": "Install milk", "type": "service", "taxes_id": False}
    )
    line = {"product_id": product.id, "price_unit": amount, "tax_ids": False}
    return env["sale.order"].create(
        {"partner_id": customer.id, "order_line": [(0, 0, line)]}
    )


def _claim(order, program):
    order._update_programs_and_rewards()
    card = order.env["loyalty.card"].search(
        [("partner_id", "=", order.partner_id.id), ("program_id", "=", program.id)],
        limit=1,
    )
    status = order._apply_program_reward(_discount(program), card)
    assert not status, status


def _discount(program):
    return program.reward_ids.filtered(lambda r: r.reward_type == "discount")[:1]


def stand(env, columns=None):
    """Tell every value of standard's tables, and the columns that they had.

    :param dict columns: {table: names}, as this told them before the addon came
    """
    found = {}
    for table in TABLES:
        env.cr.execute(
            "SELECT column_name FROM information_schema.columns"
            " WHERE table_name = %s ORDER BY 1",
            [table],
        )
        known = [name for (name,) in env.cr.fetchall()]
        names = columns[table] if columns else known
        # Numbers by their bytes: none is rounded on the way.
        parts = [
            SQL("encode(float8send(%s), 'hex')" if name == "points" else "%s::text", c)
            for name, c in ((name, SQL.identifier(name)) for name in names)
        ]
        query = SQL(
            "SELECT %s FROM %s ORDER BY id",
            SQL(", ").join(parts),
            SQL.identifier(table),
        )
        env.cr.execute(query)
        found[table] = {"columns": names, "rows": [list(r) for r in env.cr.fetchall()]}
    say(found)


def sell(env, program):
    """A new customer buys, claims a reward, and cancels; tell the card after each."""
    program = env["loyalty.program"].browse(program)
    others = env["loyalty.program"].search([("id", "!=", program.id)])
    others.action_archive()
    customer = env["res.partner"].create({"name": "Buyer"})
    _order(env, customer, 300).action_confirm()
    cards = env["loyalty.card"].search([("partner_id", "=", customer.id)])
    told = [cards.mapped("points")]
    order = _order(env, customer, 100)
    _claim(order, program)
    told.append(order.amount_total)
    order.action_confirm()
    told.append(cards.mapped("points"))
    order._action_cancel()
    told.append(cards.mapped("points"))
    told.append(env["loyalty.card"].search_count([("partner_id", "=", customer.id)]))
    env.cr.rollback()
    say(told)


def open_accounts(env, program):
    """Turn accounts on; tell what stands in them, by customer."""
    program = env["loyalty.program"].browse(program)
    program.is_active = True
    env.cr.commit()
    accounts = env["customer.loyalty"].search([])
    say(
        {
            account.customer_id.name: [
                account.points_balance,
                account.points_debt,
                account.transaction_ids.mapped("transaction_type"),
                account.lot_ids.mapped("remaining"),
                account.card_id.points,
            ]
            for account in accounts
        }
    )


def cards_of(env, program):
    """Tell [customer, points, is active] of all cards of a program."""
    cards = env["loyalty.card"].with_context(active_test=False)
    found = cards.search([("program_id", "=", program)], order="id")
    say([[c.partner_id.name or "", c.points, c.active] for c in found])


def go_on(env, program):
    """Orders from before: a quotation is confirmed, a confirmed one is cancelled."""
    orders = env["sale.order"]
    quotation = orders.search([("partner_id.name", "=", "Quoting")])
    quotation.action_confirm()
    confirmed = orders.search([("partner_id.name", "=", "Bought before")])
    confirmed._action_cancel()
    env.cr.commit()
    accounts = env["customer.loyalty"].search([("program_id", "=", program)])
    say(
        {
            account.customer_id.name: [
                (row.transaction_type, row.points)
                for row in account.transaction_ids.sorted("id")
            ]
            for account in accounts
            if account.customer_id in (quotation | confirmed).partner_id
        }
    )


def audit(env):
    say(env["loyalty.audit"]._differences())


def redeem(env, program):
    """Turn points into a code; tell it."""
    domain = [("program_id", "=", program), ("customer_id.name", "=", "Two cards")]
    account = env["customer.loyalty"].search(domain)
    account.earn_points(1000, "test")
    code = account._redeem_reward(_discount(account.program_id))["code"]
    env.cr.commit()
    say(code)


def use(env, code):
    """Pay with a code; tell the amount that is left to pay."""
    card = env["loyalty.card"].search([("code", "=", code)])
    order = _order(env, card.partner_id, 100)
    for coupon, rewards in order._try_apply_code(code).items():
        order._apply_program_reward(rewards, coupon)
    order.action_confirm()
    say([order.amount_total, card.points])


# What an addon leaves in a database when it goes: nothing.
LEFTOVERS = {
    "xml ids": "SELECT name FROM ir_model_data WHERE module ~ '^loyalty_program'",
    "tables": "SELECT tablename FROM pg_tables"
    " WHERE schemaname = 'public' AND tablename ~ 'loyalty'",
    # Some columns of the lifecycle, which stays, are known to SQL alone.
    "columns": "SELECT c.table_name || '.' || c.column_name"
    " FROM information_schema.columns c WHERE c.table_schema = 'public'"
    " AND EXISTS (SELECT FROM ir_model m WHERE replace(m.model, '.', '_') ="
    " c.table_name) AND NOT EXISTS (SELECT FROM ir_model_fields f"
    " WHERE replace(f.model, '.', '_') = c.table_name AND f.name = c.column_name)"
    " AND c.column_name NOT IN ('earlier_order_date', 'recent_order_days')",
    "indexes": "SELECT indexname FROM pg_indexes WHERE tablename ~ 'loyalty'",
    "constraints": "SELECT conname FROM pg_constraint"
    " WHERE conrelid::regclass::text ~ 'loyalty' AND contype <> 'n'",
    "functions": "SELECT proname FROM pg_proc WHERE proname ~ 'loyalty'",
    "crons": "SELECT cron_name FROM ir_cron WHERE cron_name ~ 'Loyalty:'",
    "mail templates": "SELECT name->>'en_US' FROM mail_template"
    " WHERE model ~ 'loyalty'",
    "models": "SELECT model FROM ir_model WHERE model ~ 'loyalty'",
    "views": "SELECT name FROM ir_ui_view WHERE model ~ 'loyalty'"
    " AND name !~ 'sale_loyalty_personal'",
    "menus": "SELECT name->>'en_US' FROM ir_ui_menu"
    " WHERE name->>'en_US' ~* 'loyal|tier|referral'",
    "rules": "SELECT r.name FROM ir_rule r JOIN ir_model m ON m.id = r.model_id"
    " WHERE m.model ~ 'loyalty'",
    "accesses": "SELECT a.name FROM ir_model_access a"
    " JOIN ir_model m ON m.id = a.model_id WHERE m.model ~ 'loyalty'",
    "parameters": "SELECT key FROM ir_config_parameter WHERE key ~ 'loyalty'",
}


def traces(env):
    """Tell what there is that may be the addon's."""
    found = {}
    for kind, query in LEFTOVERS.items():
        env.cr.execute(query)
        found[kind] = sorted(str(row[0]) for row in env.cr.fetchall())
    say(found)
