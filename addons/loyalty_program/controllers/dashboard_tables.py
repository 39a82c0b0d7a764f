"""The figures of the loyalty dashboard as tables; no request in here."""

from odoo.addons.customer_lifecycle.controllers.dashboard_tables import (
    MONEY,
    NUMBER,
    PERCENT,
    TEXT,
    Table,
)

KINDS = {"enrollment_rate": PERCENT, "redemption_rate": PERCENT, "liability": MONEY}


def tables(env, data):
    """Return all tables of ``loyalty.service.get_dashboard()``'s result."""
    return [
        _figures(env, data),
        _by_month(env, data["months"]),
        _by_tier(env, data["tiers"]),
        _expiring(env, data["expiring"]),
    ]


def _figures(env, data):
    labels = {
        "members": env._("Members"),
        "active": env._("Active members"),
        "enrollment_rate": env._("Enrolment"),
        "issued": env._("Points issued"),
        "redeemed": env._("Points redeemed"),
        "expired": env._("Points expired"),
        "outstanding": env._("Points outstanding"),
        "code_points": env._("Points in open codes"),
        "liability": env._("Liability"),
        "redemption_rate": env._("Redemption rate"),
    }
    rows = [
        [(label, TEXT), (data["metrics"][key], KINDS.get(key, NUMBER))]
        for key, label in labels.items()
    ]
    headers = [env._("Figure"), data["program"]["name"]]
    return Table(env._("Key figures"), headers, rows)


def _by_month(env, months):
    keys = ("issued", "redeemed", "expired")
    rows = [
        [(month["month"], TEXT), *((month[key], NUMBER) for key in keys)]
        for month in months
    ]
    headers = [env._("Month"), env._("Issued"), env._("Redeemed"), env._("Expired")]
    return Table(env._("Points by month"), headers, rows)


def _by_tier(env, tiers):
    rows = [
        [(tier["name"], TEXT), (tier["min_points"], NUMBER), (tier["members"], NUMBER)]
        for tier in tiers
    ]
    headers = [env._("Tier"), env._("From points"), env._("Members")]
    return Table(env._("Members by tier"), headers, rows)


def _expiring(env, expiring):
    rows = [
        [(month["month"], TEXT), (month["points"], NUMBER)]
        for month in expiring["months"]
    ]
    headers = [env._("Month"), env._("Points")]
    return Table(env._("Points about to expire"), headers, rows)
