"""The peer: what the usual Odoo code does, one record after the other.

It reads the customer's orders, decides in Python (the oracle of the tests) and writes
through the ORM: row, history, timeline.
"""

from datetime import datetime, time

from ..oracle import lifecycle_oracle as oracle

COLUMNS = {
    "current_stage": "stage",
    "engagement_score": "engagement_score",
    "engagement_attainable": "engagement_attainable",
    "engagement_trend": "engagement_trend",
    "churn_risk_score": "churn_risk_score",
    "health_score": "health_score",
    "next_evaluation_date": "next_evaluation_date",
}


def evaluate(rows, now):
    """Evaluate the lifecycle rows one by one; return how many stages changed."""
    policy = _policy(rows.env)
    return sum(_evaluate(row, policy, now) for row in rows)


def backfill(partners, now):
    """Build the row, history and timeline of each partner; return their number."""
    policy = _policy(partners.env)
    for partner in partners:
        row = partners.env["customer.lifecycle"].create(
            {"customer_id": partner.id, "company_id": partners.env.company.id}
        )
        for order in _orders(row):
            _record(row, "order_confirmed", order, order.date_order)
        _evaluate(row, policy, now)
    return len(partners)


def _policy(env):
    policy = env["lifecycle.policy"].search(
        [("company_id", "=", env.company.id)], limit=1
    )
    return oracle.Policy(median_gap=policy.median_gap)


def _orders(row):
    return row.env["sale.order"].search(
        [("partner_id", "child_of", row.customer_id.id), ("state", "=", "sale")],
        order="date_order",
    )


def _evaluate(row, policy, now):
    bought = [(0, o.date_order.date(), o.amount_total) for o in _orders(row)]
    facts = oracle.facts_of(bought, now.date())
    verdict = oracle.evaluate(facts, policy, now.date())
    values = {name: getattr(verdict, key) for name, key in COLUMNS.items()}
    changed = {k: v for k, v in values.items() if row[k] != v}
    if "current_stage" in changed:
        _log(row, values["current_stage"], now)
        changed |= {"previous_stage": row.current_stage, "stage_changed_at": now}
    if changed:
        day = verdict.churned_on
        changed["churned_at"] = datetime.combine(day, time.min) if day else False
        row.write(changed | {"evaluated_on": now.date(), "updated_at": now})
    return "current_stage" in changed


def _log(row, stage, now):
    history = row.env["lifecycle.stage.history"].create(
        {
            "customer_id": row.customer_id.id,
            "lifecycle_id": row.id,
            "company_id": row.company_id.id,
            "from_stage": row.current_stage,
            "to_stage": stage,
            "transitioned_at": now,
        }
    )
    _record(row, "stage_changed", history, now)


def _record(row, event_type, source, moment):
    row.env["lifecycle.event"].create(
        {
            "customer_id": row.customer_id.id,
            "company_id": row.company_id.id,
            "event_type": event_type,
            "event_key": f"peer:{event_type}:{source.id}",
            "occurred_at": moment,
            "res_model": source._name,
            "res_id": source.id,
        }
    )
