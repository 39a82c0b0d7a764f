"""The figures of the dashboard as tables, one per picture; no request in here."""

from odoo.addons.customer_lifecycle.controllers.dashboard_tables import (
    NUMBER,
    PERCENT,
    Table,
    number_cell,
    text_cell,
)


def tables(env, data, words):
    """Return all tables of ``nps.service.get_dashboard()``'s result.

    :param list words: as ``nps.service.get_verbatims`` tells them, all of them
    """
    return [
        _score(env, data),
        _over_time(env, env._("By month"), data["months"]),
        _over_time(env, env._("By week"), data["weeks"]),
        _distribution(env, data["distribution"]),
        _groups(env, env._("By stage"), data["stages"]),
        _groups(env, env._("By tier"), data["tiers"]),
        _groups(env, env._("By product category"), data["product_categories"]),
        _satisfaction(env, data["csat"]),
        _cases(env, data["cases"]["rows"]),
        _words(env, words),
    ]


def _score(env, data):
    labels = {
        "nps": env._("NPS"),
        "margin": env._("Margin (95 %)"),
        "promoters": env._("Promoters"),
        "passives": env._("Passives"),
        "detractors": env._("Detractors"),
        "responses": env._("Answers"),
        "invitations": env._("Asked"),
        "response_rate": env._("Response rate"),
    }
    headers = [env._("Figure"), env._("Value"), env._("Target"), env._("Period before")]
    rows = [
        [
            text_cell(label),
            number_cell(
                data["nps"][key], PERCENT if key == "response_rate" else NUMBER
            ),
            number_cell(data["target"] if key == "nps" else False),
            number_cell(data["previous"][key]),
        ]
        for key, label in labels.items()
    ]
    return Table(env._("Key figures"), headers, rows)


def _headers(env, first):
    return [
        first,
        env._("NPS"),
        env._("Margin (95 %)"),
        env._("Answers"),
        env._("Promoters"),
        env._("Passives"),
        env._("Detractors"),
    ]


def _figures(row):
    names = ("nps", "margin", "responses", "promoters", "passives", "detractors")
    return [number_cell(row[name]) for name in names]


def _over_time(env, title, periods):
    rows = [[text_cell(row["period"]), *_figures(row)] for row in periods]
    return Table(title, _headers(env, env._("From")), rows)


def _groups(env, title, groups):
    rows = [[text_cell(row["label"]), *_figures(row)] for row in groups]
    return Table(title, _headers(env, env._("Group")), rows)


def _distribution(env, scores):
    rows = [[number_cell(row["score"]), number_cell(row["count"])] for row in scores]
    return Table(env._("Scores"), [env._("Score"), env._("Answers")], rows)


def _satisfaction(env, groups):
    headers = [
        env._("About"),
        env._("Answers"),
        env._("Average"),
        env._("Satisfied (4 or 5)"),
    ]
    rows = [
        [
            text_cell(row["label"]),
            number_cell(row["responses"]),
            number_cell(row["average"]),
            number_cell(row["satisfied"], PERCENT),
        ]
        for row in groups
    ]
    return Table(env._("Satisfaction"), headers, rows)


def _cases(env, cases):
    headers = [
        env._("Customer"),
        env._("Score"),
        env._("Age (days)"),
        env._("In charge"),
        env._("In their words"),
    ]
    rows = [
        [
            text_cell(row["customer"]),
            number_cell(row["score"]),
            number_cell(row["age_days"]),
            text_cell(row["user"]),
            text_cell(row["words"]),
        ]
        for row in cases
    ]
    return Table(env._("Open cases"), headers, rows)


def _words(env, words):
    headers = [
        env._("Answered"),
        env._("Customer"),
        env._("Score"),
        env._("In their words"),
        env._("Survey"),
    ]
    rows = [
        [
            text_cell(row["responded_at"]),
            text_cell(row["customer"]),
            number_cell(row["score"]),
            text_cell(row["text"]),
            text_cell(row["survey"]),
        ]
        for row in words
    ]
    return Table(env._("Words"), headers, rows)
