"""The statistics of a journey as tables, one per picture; no request in here."""

from odoo.addons.customer_lifecycle.controllers.dashboard_tables import (
    NUMBER,
    PERCENT,
    Table,
    number_cell,
    text_cell,
)

COUNTS = ("reached", "completed", "skipped", "open", "dropped")


def tables(env, data):
    """Return all tables of ``onboarding.journey.get_statistics()``'s result."""
    return [_figures(env, data), _steps(env, data["steps"])]


def _figures(env, data):
    labels = {
        "started": env._("Started"),
        "in_progress": env._("Under way"),
        "completed": env._("Completed"),
        "completion_rate": env._("Completed of those who started"),
        "skipped": env._("Left out or taken out"),
        "expired": env._("Expired"),
        "median_days": env._("Median days to completion"),
        "ordered": env._("Ordered since the start"),
        "median_days_to_first_order": env._("Median days to first order"),
    }
    rows = [
        [
            text_cell(label),
            number_cell(data[key], PERCENT if key == "completion_rate" else NUMBER),
        ]
        for key, label in labels.items()
    ]
    return Table(env._("Key figures"), [env._("Figure"), env._("Value")], rows)


def _steps(env, steps):
    headers = [
        env._("Step"),
        env._("Code"),
        env._("Their turn"),
        env._("Done"),
        env._("Left out"),
        env._("Open"),
        env._("Dropped off"),
        env._("Drop-off"),
        env._("Views"),
        env._("Seconds on average"),
    ]
    rows = [
        [
            text_cell(step["name"]),
            text_cell(step["id"]),
            *(number_cell(step[key]) for key in COUNTS),
            number_cell(step["drop_off"], PERCENT),
            number_cell(step["views"]),
            number_cell(step["seconds"]),
        ]
        for step in steps
    ]
    return Table(env._("How far customers came"), headers, rows)
