"""E-mail steps: by the scheduler, by hand, by mass_mailing, by a template."""

import warnings
from unittest.mock import patch

from odoo.addons.link_tracker.models.link_tracker import LinkTracker

from . import journey_shop
from .floor import journey as floor
from .measure import side_by_side
from .report import Bound, Row, against

# mass_mailing slows down with the number of recipients; a sample flatters it.
SAMPLE = 2000
TEMPLATE_SAMPLE = 1000


def send(env, database, now):
    """10,000 due steps; per recipient, against three other ways to queue them."""
    journey = journey_shop.journey(env)
    step = journey.version_id._steps()[0]
    mails = floor.Mails(env, step, now)

    def prepare():
        env.cr.commit()  # no lock of ours in the way of the other connection
        journey_shop.empty(database)
        env.invalidate_all()
        journey._enrol(journey_shop.first_customers(journey_shop.STEPS), now)
        env.cr.commit()
        journey_shop.databases.settle(database, "test_journey_run")

    sides = {
        "ours": (lambda: journey_shop.process(env, now), journey_shop.STEPS),
        "floor": (mails.queue, journey_shop.STEPS),
        "mass_mailing": (lambda: _mass_mailing(env), SAMPLE),
        "mail.template": (lambda: _template(env, step), TEMPLATE_SAMPLE),
    }
    checked = {
        name: lambda work=work, n=number: _checked(env, work, n)
        for name, (work, number) in sides.items()
    }
    prepare()
    journey_shop.process(env, now)  # compiles, and fills Odoo's caches
    with patch.object(LinkTracker, "_get_title_from_url", lambda _self, url: url):
        found = side_by_side(env.cr, checked, prepare)
    journey_shop.empty(database)
    return _row({name: (found[name], sides[name][1]) for name in sides})


def _checked(env, work, number):
    """Do the work and see that so many mails wait in the queue, tracked or not."""
    work()
    env.cr.execute("SELECT count(*) FROM mail_mail WHERE state = 'outgoing'")
    (queued,) = env.cr.fetchone()
    assert queued == number, (queued, number)
    return queued


def _recipients(env, number):
    runs = env["test.journey.run"].search([], limit=number, order="customer_id")
    return runs.customer_id


def _mass_mailing(env):
    """Queue as a mailing does that is sent to so many of its recipients."""
    mailing = env["mailing.mailing"].create(
        {
            "subject": journey_shop.SUBJECT,
            "body_html": journey_shop.BODY,
            "mailing_model_id": env["ir.model"]._get_id("res.partner"),
            "keep_archives": True,
        }
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # Odoo's own, per 50 mails
        mailing._action_send_mail(_recipients(env, SAMPLE).ids)


def _template(env, step):
    people = _recipients(env, TEMPLATE_SAMPLE)
    step.template_id.send_mail_batch(people.ids)


def _row(found):
    ours, size = found["ours"]
    each = {name: sample.seconds / number for name, (sample, number) in found.items()}
    row = Row(
        "journey_email",
        "E-mail steps of a journey",
        size,
        ours.seconds,
        ours.statements,
        sides={
            f"{name}, {number:,} recipients": sample.seconds
            for name, (sample, number) in found.items()
        },
        ratios=against("floor", ours, found["floor"][0]),
    )
    row.ratios["peer"] = each["ours"] / each["mass_mailing"]
    for name, (sample, number) in found.items():
        row.notes.append(
            f"{name}: {each[name] * 1e3:.3f} ms per recipient,"
            f" {1000 * sample.statements / number:.3g} statements per 1,000"
        )
    row.notes.append("peer: mass_mailing; aims: 5 times faster than it, 2 x floor")
    for name, limit in (("mass_mailing", 3), ("mail.template", 1)):
        times = each[name] / each["ours"]
        row.bounds.append(Bound(f"times faster than {name}", times, limit, above=True))
    return row
