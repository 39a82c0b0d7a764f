"""Two workers lead the same customers, and one of them dies: every step once."""

import pytest

from .test_faults import Worker, query

CUSTOMERS = 150
STEPS = ["first", "hello", "second", "tick"]
RUNS = """
    SELECT o.status, o.run_state, o.completion_rate, l.onboarding_status, count(*)
      FROM customer_onboarding o
      JOIN onboarding_journey j ON j.id = o.definition_id
      JOIN customer_lifecycle l ON l.customer_id = o.customer_id
                               AND l.company_id = o.company_id
     WHERE j.code = '{code}' GROUP BY 1, 2, 3, 4"""
BOOKS = """
    SELECT c.step_id, c.status, count(*), count(DISTINCT c.onboarding_id)
      FROM onboarding_step_completion c
      JOIN customer_onboarding o ON o.id = c.onboarding_id
      JOIN onboarding_journey j ON j.id = o.definition_id
     WHERE j.code = '{code}' GROUP BY 1, 2 ORDER BY 1"""
TIMELINE = """
    SELECT e.event_type, count(*), count(DISTINCT e.customer_id)
      FROM lifecycle_event e JOIN customer_onboarding o ON o.id = e.res_id
      JOIN onboarding_journey j ON j.id = o.definition_id
     WHERE j.code = '{code}' AND e.res_model = 'customer.onboarding'
     GROUP BY 1 ORDER BY 1"""
MAILS = """
    SELECT d.step_code, d.state, count(*), count(DISTINCT d.run_id),
           count(DISTINCT m.id)
      FROM journey_delivery d
      JOIN customer_onboarding o ON o.id = d.run_id
      JOIN onboarding_journey j ON j.id = o.definition_id
      LEFT JOIN mail_mail m ON m.id = d.mail_mail_id
     WHERE j.code = '{code}' AND d.run_model = 'customer.onboarding'
     GROUP BY 1, 2 ORDER BY 1"""
SLOTS = "SELECT count(*) FROM journey_slot WHERE exclusive_group = '{code}'"


def start(database, *calls):
    return Worker(database, "from tests.onboarding_workers import *", *calls)


def assert_once(database, code):
    """Whatever happened meanwhile: all have arrived, and nothing happened twice."""

    def ask(text):
        return query(database, text.format(code=code))

    everybody = CUSTOMERS
    assert ask(RUNS) == [("completed", "done", 100.0, "completed", everybody)]
    assert ask(BOOKS) == [(s, "completed", everybody, everybody) for s in STEPS]
    assert ask(TIMELINE) == [
        (f"onboarding_{what}", everybody, everybody)
        for what in ("completed", "started")
    ]
    assert ask(MAILS) == [
        (step, "queued", everybody, everybody, everybody)
        for step in ("_closing", "hello")
    ]
    assert ask(SLOTS) == [(0,)]


@pytest.mark.parametrize("dies", [False, True])
def test_two_workers_advance_a_journey_once(scratch_database, dies):
    code = f"steps_{dies}".lower()
    prepared = start(scratch_database, f"prepare(env, '{code}', {CUSTOMERS})").finish()
    assert prepared == CUSTOMERS
    first, second = (start(scratch_database, f"live(env, '{code}')") for _n in range(2))
    if dies:
        for _chunk in range(3):
            first.hear()
        first.kill()
    else:
        assert first.finish() == "over"
    assert second.finish() == "over"
    assert_once(scratch_database, code)
