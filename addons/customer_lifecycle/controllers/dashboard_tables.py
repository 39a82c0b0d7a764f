"""The figures of the dashboard as tables, one per picture; no request in here."""

from dataclasses import dataclass, field

PERCENT, NUMBER, MONEY, TEXT, SHARE = "percent", "number", "money", "text", "share"
UNITS = {"%": PERCENT, "currency": MONEY}


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of (value, kind) cells under headers."""

    title: str
    headers: list
    rows: list = field(default_factory=list)


def tables(env, data):
    """Return all tables of ``lifecycle.engine.get_dashboard()``'s result."""
    stages = {row["stage"]: row["label"] for row in data["stages"]}
    return [
        _kpi_table(env, data["kpis"]),
        _stage_table(env, data["stages"]),
        _flow_table(env, data["flow"], stages),
        _trend_table(env, data["trend"], stages),
        _funnel_table(env, data["funnel"]),
        _cohort_table(env, data["cohorts"]),
    ]


def text_cell(value):
    return (value or "", TEXT)


def number_cell(value, kind=NUMBER):
    """A figure, or an empty cell when there was nothing to measure."""
    return ("", TEXT) if value is False else (value, kind)


def _kpi_table(env, kpis):
    headers = [env._("Figure"), env._("Value"), env._("Target"), env._("Period before")]
    rows = [
        [
            text_cell(kpi["label"]),
            *(
                number_cell(kpi[name], UNITS.get(kpi["unit"], NUMBER))
                for name in ("value", "target", "previous")
            ),
        ]
        for kpi in kpis
    ]
    return Table(env._("Key figures"), headers, rows)


def _stage_table(env, stages):
    total = sum(row["customers"] for row in stages) or 1
    headers = [env._("Stage"), env._("Customers"), env._("Share"), env._("Revenue")]
    rows = [
        [
            text_cell(row["label"]),
            number_cell(row["customers"]),
            (row["customers"] / total, SHARE),
            (row["revenue"], MONEY),
        ]
        for row in stages
    ]
    return Table(env._("Customers by stage"), headers, rows)


def _flow_table(env, flow, labels):
    rows = [
        [
            text_cell(labels.get(move["from"], env._("New"))),
            text_cell(labels[move["to"]]),
            number_cell(move["count"]),
        ]
        for move in flow
    ]
    headers = [env._("From"), env._("To"), env._("Moves")]
    return Table(env._("Moves between stages"), headers, rows)


def _trend_table(env, trend, labels):
    rows = [
        [
            text_cell(day["date"]),
            *(number_cell(day["customers"][stage]) for stage in labels),
        ]
        for day in trend
    ]
    headers = [env._("Day"), *labels.values()]
    return Table(env._("Customers over time"), headers, rows)


def _funnel_table(env, steps):
    counts = [step["count"] for step in steps]
    rows = [
        [
            text_cell(step["label"]),
            number_cell(step["count"]),
            (step["count"] / (counts[max(index - 1, 0)] or 1), SHARE),
            (step["count"] / (counts[0] or 1), SHARE),
        ]
        for index, step in enumerate(steps)
    ]
    headers = [
        env._("Step"),
        env._("Customers"),
        env._("Of the step before"),
        env._("Of all"),
    ]
    return Table(env._("Funnel"), headers, rows)


def _cohort_table(env, cohorts):
    months = max((len(row["active"]) for row in cohorts), default=0)
    rows = [
        [
            text_cell(row["cohort"]),
            number_cell(row["customers"]),
            *((share, SHARE) for share in row["active"]),
        ]
        for row in cohorts
    ]
    headers = [env._("Signed up"), env._("Customers"), *map(str, range(months))]
    return Table(env._("Sign-up months"), headers, rows)
