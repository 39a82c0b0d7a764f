"""What both example clients ask of the server, and how they print the answers.

Each client brings ``connect(options)``, which returns a function
``call(model, method, **arguments)`` of its protocol.
"""

import argparse
import os
from statistics import median

PAGE = 1000


def options(description, key, key_help):
    """Read where the server is, and as whom to ask: options, else environment."""
    add = (parser := argparse.ArgumentParser(description=description)).add_argument
    known = os.environ.get
    add("--url", default=known("LIFECYCLE_URL", "http://localhost:8069"))
    add("--db", default=known("LIFECYCLE_DB", "lifecycle_demo"))
    add("--login", default=known("LIFECYCLE_LOGIN", "admin"), help="XML-RPC only")
    add("--key", default=known("LIFECYCLE_KEY", key), help=key_help)
    return parser.parse_args()


def print_report(connect, chosen):
    try:
        call = connect(chosen)
        _print_stages(call)
        _print_risks(call)
    except OSError as error:
        raise SystemExit(f"{chosen.url} does not answer: {error}") from None


def _print_risks(call):
    at_risk = call(
        "lifecycle.engine",
        "get_customers",
        stage="at_risk",
        limit=10,
        order="revenue_at_stake desc",
    )
    print("\nMost revenue at risk, a year")
    for row in at_risk:
        print(f"{row['customer_name']:<32}{row['revenue_at_stake']:>14,.2f}")
    if at_risk:
        _print_explanation(call, at_risk[0])


def _print_stages(call):
    counts = call("lifecycle.engine", "get_stage_counts")
    fields = call("customer.lifecycle", "fields_get", allfields=["current_stage"])
    customers = list(_all_customers(call))
    total = sum(counts.values()) or 1
    print(f"{'Stage':<16}{'Customers':>10}{'Share':>8}{'Revenue':>16}{'Silence':>10}")
    for stage, label in fields["current_stage"]["selection"]:
        rows = [row for row in customers if row["current_stage"] == stage]
        count, revenue = counts[stage], sum(row["total_revenue"] for row in rows)
        silence = [row["days_since_last_order"] for row in rows if row["total_orders"]]
        days = f"{median(silence):.0f} days" if silence else "-"
        share = f"{100 * count / total:.1f}%"
        print(f"{label:<16}{count:>10,}{share:>8}{revenue:>16,.2f}{days:>10}")


def _all_customers(call):
    """Yield every customer, page by page."""
    offset, page = 0, [None]
    while page:
        page = call("lifecycle.engine", "get_customers", limit=PAGE, offset=offset)
        offset += PAGE
        yield from page


def _print_explanation(call, customer):
    why = call("lifecycle.engine", "explain", customer_id=customer["customer_id"])
    print(f"\nWhy is {customer['customer_name']} {why['stage_label']}? {why['why']}.")
    for part in why["score_parts"]:
        print(f"  {part['label']:<24}{part['points']:>3} of {part['attainable']}")
    if change := why["next_change"]:
        print(f"  From {change['date']}: {change['stage_label']}. {change['why']}.")
