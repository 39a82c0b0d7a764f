"""A survey asks 10,000 customers: eleven buttons each, with a signed link."""

from odoo.tools import SQL

from setup.toolkit import addons

from . import databases, journey_shop
from .measure import side_by_side
from .report import Bound, Row, against

ADDON = "nps_feedback"
CUSTOMERS = 12_500
ASKED = 10_000
# Per recipient, against the engine's plain message.
LIMIT = 2
NOTHING = SQL("'{}'::jsonb")


def ensure(template):
    """Name of the database; made anew when the addons that it measures change."""
    name = f"{template}_survey"
    code = addons.fingerprint(addons.closure(ADDON))[:16]
    contents = f"{CUSTOMERS} customers, surveys {code}"
    databases.ensure(name, template, contents, _fill)
    return name


def _fill(env):
    modules = env["ir.module.module"]
    modules.update_list()
    modules.search([("name", "=", ADDON)]).button_immediate_install()
    env.transaction.reset()
    journey_shop.fill(env, CUSTOMERS)
    env.company.write({"quiet_hours_start": 0, "quiet_hours_end": 0})
    env["nps.survey"].create(
        {"name": "Bench", "code": "bench", "target_domain": "[]", "is_active": True}
    )


def send(env, database, now):
    """The questions of a survey, beside as many plain messages of the engine."""
    survey = env["nps.survey"].search([("code", "=", "bench")])
    journey = journey_shop.journey(env)
    scope = journey_shop.first_customers(ASKED)

    def prepare():
        env.cr.commit()
        journey_shop.empty(database, "nps_invitation")
        env.invalidate_all()

    def ours():
        return _sent(env, lambda: survey._let_in(scope, now, NOTHING, 0), now)

    def engine():
        return _sent(env, lambda: journey._enrol(scope, now), now)

    prepare()
    ours()  # compiles, and fills Odoo's caches
    found = side_by_side(env.cr, {"ours": ours, "engine": engine}, prepare)
    prepare()
    return _row(found)


def _sent(env, enter, now):
    entered = len(enter())
    env.cr.commit()
    journey_shop.process(env, now)
    env.cr.execute("SELECT count(*) FROM mail_mail WHERE state = 'outgoing'")
    (queued,) = env.cr.fetchone()
    assert queued == entered == ASKED, (queued, entered)
    return queued


def _row(found):
    ours = found["ours"]
    row = Row(
        "survey_sending",
        "Questions of a survey",
        ASKED,
        ours.seconds,
        ours.statements,
        sides={name: sample.seconds for name, sample in found.items()},
        ratios=against("engine", ours, found["engine"]),
    )
    row.notes.append("both sides: customers let in, and their first message queued")
    row.bounds.append(Bound("x engine", row.ratios["engine"], LIMIT))
    return row
