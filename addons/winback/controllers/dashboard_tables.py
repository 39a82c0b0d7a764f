"""The results of win-back as tables, one per picture; no request in here."""

from odoo.addons.customer_lifecycle.controllers.dashboard_tables import (
    MONEY,
    NUMBER,
    PERCENT,
    TEXT,
    Table,
)

KINDS = {
    "targeted": NUMBER,
    "active": NUMBER,
    "ended": NUMBER,
    "won_back": NUMBER,
    "rate": PERCENT,
    "target_rate": PERCENT,
    "revenue": MONEY,
    "offer_cost": MONEY,
    "net": MONEY,
}


def tables(env, data):
    """Return all tables of ``winback.service.get_dashboard()``'s result."""
    labels = _labels(env)
    return [
        Table(
            env._("Key figures"),
            [env._("Figure"), env._("Value")],
            [
                [(labels[name], TEXT), (data["totals"][name], KINDS[name])]
                for name in data["totals"]
            ],
        ),
        _table(env._("By month"), env._("Month"), "month", data["months"], labels),
        _table(
            env._("By campaign"), env._("Campaign"), "name", data["campaigns"], labels
        ),
    ]


def _table(title, header, key, rows, labels):
    names = [name for name in KINDS if rows and name in rows[0]]
    return Table(
        title,
        [header, *(labels[name] for name in names)],
        [
            [(row[key], TEXT), *((row[name], KINDS[name]) for name in names)]
            for row in rows
        ],
    )


def _labels(env):
    return {
        "targeted": env._("Targeted"),
        "active": env._("Under way"),
        "ended": env._("Ended"),
        "won_back": env._("Won back"),
        "rate": env._("Win-back rate"),
        "target_rate": env._("Target"),
        "revenue": env._("Revenue recovered"),
        "offer_cost": env._("Cost of offers"),
        "net": env._("Left after offers"),
    }
