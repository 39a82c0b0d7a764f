"""May these customers be written to? The contact policy, asked by the batch."""

from datetime import timedelta

from .databases import execute, settle
from .measure import side_by_side
from .report import Bound, Row

SIZES = (1_000, 10_000)
# Everybody had a message two, four and six days ago.
LOGGED = """
    INSERT INTO contact_log (customer_id, addressee_id, company_id, address_hash,
                             channel, category, sent_at)
    SELECT l.customer_id, l.customer_id, l.company_id, md5(l.customer_id::text),
           'email', 'marketing', %s - make_interval(days => d)
      FROM customer_lifecycle l, unnest(ARRAY[2, 4, 6]) d
"""


def decide(env, database, now):
    """One decision for each of 1,000 and of 10,000 customers; the caps look back."""
    execute(database, "TRUNCATE contact_log")
    env.cr.execute(LOGGED, [now])
    env.cr.commit()
    settle(database, "contact_log", "customer_consent", "res_partner")
    policy = env["contact.policy"].with_company(env.company)
    rows = env["customer.lifecycle"].search([], limit=max(SIZES), order="customer_id")
    requests = [
        (number, number, "email", "marketing", None, 10, f"bench:{number}", now)
        for number in rows.customer_id.ids
    ]

    def work(size):
        env.invalidate_all()
        decisions = policy.decide(requests[:size], now + timedelta(minutes=1))
        return sum(decision.decision == "send" for decision in decisions)

    work(SIZES[0])
    sides = {size: lambda size=size: work(size) for size in SIZES}
    found = side_by_side(env.cr, sides, lambda: None, repeat=5)
    execute(database, "TRUNCATE contact_log")
    assert all(found[size].result == size for size in SIZES), found
    return _row(*(found[size] for size in SIZES))


def _row(few, many):
    row = Row(
        "contact_policy",
        "Contact policy",
        SIZES[1],
        many.seconds,
        many.statements,
        sides={f"{SIZES[0]:,}": few.seconds, f"{SIZES[1]:,}": many.seconds},
    )
    row.notes.append(f"statements: {few.statements} and {many.statements}")
    row.bounds.append(Bound("more statements", many.statements - few.statements, 0))
    return row
