"""What the processes of test_loyalty_faults.py do.

One shell of Odoo stays and is asked; it forks those who race each other, or are killed,
as Odoo's own server forks its workers.
"""

import json
import math
import multiprocessing
import random
import threading
import time
from datetime import datetime, timedelta
from functools import partial
from unittest.mock import patch

from freezegun import freeze_time

from odoo import SUPERUSER_ID, api, sql_db
from odoo.exceptions import UserError
from odoo.orm.registry import Registry
from odoo.service.model import retrying
from odoo.tools import SQL

from odoo.addons.customer_lifecycle.tests.history import insert_partners
from odoo.addons.loyalty_program.tests.flaws import FLAWS
from odoo.addons.loyalty_program.tools.movement import Movement

from tests.fault_workers import say

FORK = multiprocessing.get_context("fork")
# Seconds; whoever waits longer waits for nobody.
PATIENCE = 60
MOMENT = datetime(2040, 6, 15, 12)
MODELS = "odoo.addons.loyalty_program.models"
# Customers in a batch of those jobs that are killed: few, so that there are many.
BATCH = 5
# What must be the same whether a process was killed or not; ids may differ.
TRACES = {
    "accounts": """
        SELECT p.name, a.points_balance, a.points_debt, a.points_lifetime,
               a.points_redeemed, a.points_expired, a.current_tier, c.points
          FROM customer_loyalty a JOIN loyalty_card c ON c.id = a.card_id
          JOIN res_partner p ON p.id = a.customer_id""",
    "transactions": """
        SELECT p.name, t.transaction_type, t.points, t.balance_before, t.balance_after,
               t.source_type, t.source_description, t.created_at, t.expires_at
          FROM loyalty_transaction t JOIN customer_loyalty a ON a.id = t.loyalty_id
          JOIN res_partner p ON p.id = a.customer_id""",
    "lots": """
        SELECT p.name, l.points, l.remaining, l.issued_at, l.expires_at
          FROM loyalty_point_lot l JOIN customer_loyalty a ON a.id = l.loyalty_id
          JOIN res_partner p ON p.id = a.customer_id""",
    "pending": """
        SELECT p.name, e.points, e.state
          FROM loyalty_pending e JOIN customer_loyalty a ON a.id = e.loyalty_id
          JOIN res_partner p ON p.id = a.customer_id""",
    "events": """
        SELECT p.name, e.event_type, e.occurred_at, e.data::text, e.is_pending
          FROM lifecycle_event e JOIN res_partner p ON p.id = e.customer_id""",
    "mails": "SELECT email_to, count(*) FROM mail_mail GROUP BY 1",
    "backfills": """
        SELECT state, customer_count, order_count, points, points_expired
          FROM loyalty_backfill""",
}


# ------------------------------------------------------------------------- processes
def serve(env, path):
    """Do what is asked: lines of JSON with the name of a function and arguments."""
    with open(path) as calls:
        for line in calls:
            name, *args = json.loads(line)
            env.cr.rollback()
            env.invalidate_all()
            say(globals()[name](env, *args))


class Rival:
    """A process with a connection of its own."""

    def __init__(self, env, work, *args):
        self.talk, theirs = FORK.Pipe()
        args = (env.cr.dbname, theirs, work, *args)
        self.process = FORK.Process(target=_live, args=args)
        self.process.start()
        theirs.close()

    def hear(self):
        assert self.talk.poll(PATIENCE), "it says nothing"
        return self.talk.recv()

    def end(self):
        self.process.join(PATIENCE)
        assert self.process.exitcode == 0

    def kill(self):
        """End it as a power cut would."""
        self.process.kill()
        self.process.join(PATIENCE)


def _live(database, talk, work, *args):
    # The connections that were inherited are the parent's.
    sql_db._Pool = sql_db._Pool_readonly = None
    registry = Registry(database)
    registry._db = sql_db.db_connect(database)
    with registry.cursor() as cr:
        work(api.Environment(cr, SUPERUSER_ID, {}), talk, *args)


def race(env, *works):
    """Do everything at once: each process has its snapshot before any begins.

    :return: list of [how it ended: done or refused, answer, how often it was tried]
    """
    env.cr.commit()
    rivals = [Rival(env, _attempt, work) for work in works]
    for rival in rivals:
        assert rival.hear() == "ready"
    for rival in rivals:
        rival.talk.send("go")
    answers = [rival.hear() for rival in rivals]
    for rival in rivals:
        rival.end()
    env.invalidate_all()
    return answers


def _attempt(env, talk, work):
    tries = []

    def trying():
        tries.append(1)
        return work(env)

    env.cr.execute("SELECT 1 FROM res_users LIMIT 1")
    talk.send("ready")
    talk.recv()
    try:
        # As the RPC layer does it, but without its long waits.
        with patch("odoo.service.model.time.sleep", _nap):
            answer = ["done", retrying(partial(trying), env), len(tries)]
    except UserError as error:
        env.cr.rollback()
        answer = ["refused", str(error), len(tries)]
    talk.send(answer)


def _nap(seconds, sleep=time.sleep):
    sleep(seconds / 20)


# ------------------------------------------------------------------------------ shop
def prepare(env):
    """A shop with one program."""
    env["loyalty.program"].search([]).action_archive()
    program = env["loyalty.program"].create(
        {
            "name": "Milk club",
            "code": "faults",
            "program_type": "loyalty",
            "company_id": env.company.id,
            "is_active": True,
            "earning_rules": [{"type": "purchase", "points_per_unit": 1}],
            "redemption_rules": [{"points": 100, "value": 10, "type": "discount"}],
        }
    )
    env["product.product"].create(
        {"name": "Fault milk", "type": "service", "taxes_id": False}
    )
    # Its program of codes is made once.
    program.reward_ids._code_program()
    env.cr.commit()
    return program.ids


def _program(env):
    return env["loyalty.program"].search([("code", "=", "faults")])


def _customer(env):
    return env["res.partner"].create({"name": f"Racer {random.getrandbits(40)}"})


def _member(env, points=0):
    now = datetime.now().replace(microsecond=0)
    account = env["customer.loyalty"]._enroll(_program(env), _customer(env), now)
    account.earn_points(points, "test")
    return account


def _orders(env, customer, number=1, amount=100.0, **values):
    product = env["product.product"].search([("name", "=", "Fault milk")], limit=1)
    line = {"product_id": product.id, "price_unit": amount, "tax_ids": False}
    order = {"partner_id": customer.id, "order_line": [(0, 0, line)], **values}
    return env["sale.order"].create([order] * number)


def _account_of(env, customer):
    return env["customer.loyalty"]._account_of(_program(env), customer)


def _figures(account):
    account.env.flush_all()
    account.invalidate_recordset()
    return [account.points_balance, account.points_debt, account.points_lifetime]


def flaws(env):
    """Tell what is wrong with the accounts; empty when nothing is."""
    found = {"audit": env["loyalty.audit"]._differences()}
    for name, statement in FLAWS.items():
        env.cr.execute(statement)
        found[name] = env.cr.fetchall()
    return {name: rows[:3] for name, rows in found.items() if rows}


# ----------------------------------------------------------------------------- races
def redeem_twice(env, how):
    """Two who want the same 100 points."""
    account = _member(env, 100)
    orders = env["sale.order"]
    if how == "orders":
        # Fewer points than the reward costs: nothing is left for the second.
        orders = _orders(env, account.customer_id, 2, 50)
        for order in orders:
            order._update_programs_and_rewards()
            status = order._apply_program_reward(
                account.program_id.reward_ids, account.card_id
            )
            assert not status, status
    numbers = (account.id, *(orders.ids or (0, 0)))
    works = [
        partial(_redeem, how=how, account=numbers[0], order=n) for n in numbers[1:]
    ]
    answers = race(env, *works)
    kinds = account.transaction_ids.mapped("transaction_type")
    codes = env["loyalty.card"].search_count(
        [("redemption_id", "in", account.code_ids.ids)]
    )
    return [answers, _figures(account), kinds.count("redeem"), codes]


def _redeem(env, how, account, order):
    account = env["customer.loyalty"].browse(account)
    if how == "contract":
        return account.redeem_points(80, "discount", 8)
    if how == "portal":
        return bool(account._redeem_reward(account.program_id.reward_ids)["code"])
    return bool(env["sale.order"].browse(order).action_confirm())


def use_code_twice(env):
    """Two orders of one customer that want the same code."""
    account = _member(env, 100)
    code = account._redeem_reward(account.program_id.reward_ids)["code"]
    orders = _orders(env, account.customer_id, 2)
    for order in orders:
        for card, rewards in order._try_apply_code(code).items():
            order._apply_program_reward(rewards, card)
    answers = race(env, *(partial(_confirm, number=n) for n in orders.ids))
    return [answers, orders.mapped("state")]


def _confirm(env, number):
    return bool(env["sale.order"].browse(number).action_confirm())


def redeem_while_expiring(env):
    """80 points of a lot are redeemed while the lot expires."""
    account = _member(env)
    past = datetime.now().replace(microsecond=0) - timedelta(days=1)
    account._move(Movement("earn", 100, "test", expires_at=past))
    redeem = partial(_redeem, how="contract", account=account.id, order=0)
    answers = race(env, redeem, _expire)
    _expire(env)
    figures = [account.points_redeemed, account.points_expired]
    return [answers, _figures(account), figures]


def _expire(env):
    env["loyalty.expiry"]._cron_expire()
    env.cr.commit()


def confirm_at_once(env, which):
    """The same order twice, or two orders of a customer who is a member or not yet."""
    customer = _customer(env)
    if which != "first":
        env["customer.loyalty"]._enroll(_program(env), customer, datetime.now())
    orders = _orders(env, customer, 1 if which == "same" else 2)
    numbers = orders.ids * (2 if which == "same" else 1)
    answers = race(env, *(partial(_confirm, number=n) for n in numbers))
    account = _account_of(env, customer)
    earned = account.transaction_ids.filtered(lambda t: t.transaction_type == "earn")
    return [answers, _figures(account), sorted(earned.mapped("points"))]


def process_at_once(env):
    """One past order that two other systems ask to be credited."""
    order = _orders(env, _member(env).customer_id)
    _program(env).is_active = False
    order.action_confirm()
    _program(env).is_active = True
    answers = race(env, *(partial(_process, number=order.id) for _each in range(2)))
    return [answers, _figures(_account_of(env, order.partner_id))]


def _process(env, number):
    return env["loyalty.service"].process_order(number)["points"]


def cancel_while_redeeming(env, shortfall):
    """An order is cancelled while the points that it earned are redeemed."""
    _program(env).shortfall = shortfall
    account = _member(env)
    order = _orders(env, account.customer_id)
    order.action_confirm()
    redeem = partial(_redeem, how="contract", account=account.id, order=0)
    answers = race(env, partial(_cancel, number=order.id), redeem)
    return [answers, _figures(account), order.state]


def _cancel(env, number):
    return bool(env["sale.order"].browse(number)._action_cancel())


def transfer_across(env):
    """A gives to B while B gives to A."""
    one, other = _member(env, 100), _member(env, 100)
    answers = race(
        env,
        partial(_transfer, giver=one.id, taker=other.id, points=30),
        partial(_transfer, giver=other.id, taker=one.id, points=45),
    )
    return [answers, _figures(one)[0], _figures(other)[0]]


def _transfer(env, giver, taker, points):
    accounts = env["customer.loyalty"]
    accounts.browse(giver)._transfer(accounts.browse(taker), points)
    return True


def refund_while_releasing(env):
    """A third of an order is taken back while its points, whose time has come, are
    credited.
    """
    program = _program(env)
    program.pending_days = 1
    account = _member(env)
    order = _orders(env, account.customer_id, amount=90)
    order.action_confirm()
    program.pending_days = 0
    past = datetime.now().replace(microsecond=0) - timedelta(hours=1)
    account.pending_ids.available_at = past
    answers = race(env, partial(_take_back, number=order.id, share=1 / 3), _release)
    for _again in range(2):
        _release(env)
    return [answers, _figures(account), account.pending_ids.mapped("state")]


def _take_back(env, number, share):
    order = env["sale.order"].browse(number)
    with patch.object(type(order), "_loyalty_refunded_share", return_value=share):
        order._loyalty_reverse(by_refunds=True)
    return True


def _release(env):
    env["loyalty.pending"]._release_due(datetime.now(), 100)
    return True


def grow_at_once(env):
    """Two people who raise the same order."""
    order = _orders(env, _member(env).customer_id)
    order.action_confirm()
    answers = race(
        env, *(partial(_raise, number=order.id, price=p) for p in (150, 200))
    )
    account = _account_of(env, order.partner_id)
    order.invalidate_recordset()
    return [answers, _figures(account), order.amount_total]


def _raise(env, number, price):
    env["sale.order"].browse(number).order_line.price_unit = price
    return True


def merge_while(env, what):
    """A contact is merged into another one while it orders, or redeems."""
    source, target = _member(env, 100), _member(env)
    order = _orders(env, source.customer_id)
    works = {
        "ordering": partial(_confirm, number=order.id),
        "redeeming": partial(_redeem, how="contract", account=source.id, order=0),
    }
    people = (source | target).customer_id.ids
    answers = race(env, partial(_merge, people=people), works[what])
    source.invalidate_recordset()
    return [answers, _figures(source)[:2], _figures(target), order.state]


def _merge(env, people):
    wizard = env["base.partner.merge.automatic.wizard"].create({})
    wizard._merge(people, env["res.partner"].browse(people[-1]))
    return True


# ----------------------------------------------------------------------------- kills
def _crowd(env, number):
    """Accounts of new customers; every third is told when its tier rises."""
    ids = insert_partners(
        env, [f"Member {n}-{random.getrandbits(40)}" for n in range(number)]
    )
    for person in env["res.partner"].browse(ids[::3]):
        person.email = f"member{person.id}@example.com"
    cards = env["loyalty.card"].with_context(
        loyalty_no_mail=True, tracking_disable=True
    )
    program = _program(env).id
    cards = cards.create([{"program_id": program, "partner_id": i} for i in ids])
    return cards.account_ids.sorted("id")


def fill_expiry(env, number):
    """Points that expire at three times, of which two have come; some are spent."""
    accounts = _crowd(env, number)
    for months in (1, 2, -1):
        env["loyalty.ledger"]._earn_batch(
            SQL(
                """
                SELECT id AS loyalty_id, (10 + id %% 7)::numeric AS points,
                       'test' AS source_type, NULL::int AS source_id,
                       'Milk' AS description, %(key)s AS key,
                       %(at)s::timestamp - interval '1 year' AS issued_at,
                       %(at)s::timestamp AS expires_at
                  FROM customer_loyalty WHERE id = ANY(%(accounts)s)
                """,
                key=f"fill:{months}",
                at=MOMENT - timedelta(days=30 * months),
                accounts=accounts.ids,
            ),
            MOMENT,
        )
    for account in accounts[::5]:
        account.redeem_points(13, "discount", 1)
    env.cr.commit()


def fill_release(env, number):
    """Points that pend, and have waited long enough; some lift their owner."""
    program = _program(env)
    program.pending_days = 3
    for account in _crowd(env, number):
        points = 10 + 400 * (account.id % 5)
        movement = Movement("earn", points, "test", None, "Milk", "pending")
        account._credit(account._locked(), movement, MOMENT - timedelta(days=9))
    program.pending_days = 0
    env.cr.commit()


def fill_backfill(env, number):
    """Orders of the time before the accounts, and a run that is to credit them."""
    accounts = _crowd(env, number)
    since = _program(env).accounts_since
    for turn, account in enumerate(accounts):
        _orders(env, account.customer_id, 2, 300 + 400 * (turn % 4))
    env.flush_all()
    env.cr.execute(
        "UPDATE sale_order SET state = 'sale', date_order = %s - id %% 700 * interval"
        " '1 day' - interval '1 hour' WHERE partner_id = ANY(%s)",
        [since, accounts.customer_id.ids],
    )
    env.invalidate_all()
    env["loyalty.backfill"].create({"program_id": _program(env).id}).action_start()
    env.cr.commit()


def _run_expiry(env, size):
    with patch(f"{MODELS}.loyalty_expiry.AT_ONCE", size):
        env["loyalty.expiry"]._cron_expire()


def _run_release(env, size):
    with patch(f"{MODELS}.loyalty_pending.AT_ONCE", size):
        env["loyalty.pending"]._cron_release()


def _run_backfill(env, size):
    model = env.registry["loyalty.backfill"]
    work = model._work
    with patch.object(model, "_work", lambda self, now: work(self, now, size)):
        env["loyalty.backfill"]._cron_run()


# What fills, what runs, after which call it is killed (of how many), what is left.
JOBS = {
    "expiry": (
        _run_expiry,
        ("loyalty.expiry", "_expire", 1),
        "SELECT count(*) FROM loyalty_point_lot"
        " WHERE remaining > 0 AND expires_at <= '2040-06-15 12:00'",
    ),
    "release": (
        _run_release,
        ("loyalty.ledger", "_earn_batch", 1),
        "SELECT count(*) FROM loyalty_pending WHERE state = 'waiting'",
    ),
    "backfill": (
        _run_backfill,
        ("loyalty.expiry", "_expire", 1),
        "SELECT coalesce(sum(customer_total - customer_count), 0)"
        " FROM loyalty_backfill WHERE state = 'running'",
    ),
}


def _left(env, job):
    env.cr.rollback()
    env.cr.execute(JOBS[job][2])
    return int(env.cr.fetchone()[0])


def _traces(env):
    env.flush_all()
    found = {}
    for name, statement in TRACES.items():
        env.cr.execute(statement)
        found[name] = sorted(map(str, env.cr.fetchall()))
    return found


def _undisturbed(env, job):
    """Traces of doing it all at once, which is undone then."""
    commit = patch.object(
        env.registry["ir.cron"], "_commit_progress", lambda self, *a, **k: math.inf
    )
    with commit, freeze_time(MOMENT):
        JOBS[job][0](env, 10**6)
    found = _traces(env)
    env.cr.rollback()
    env.invalidate_all()
    return found


def _stall(env, talk, job, after):
    """Run a job; stop for good after so many calls of a method, nothing committed."""
    run, (model, name, _calls), _left_sql = JOBS[job]
    model, left = env.registry[model], [after]
    original = getattr(model, name)

    def stalling(self, *args, **kwargs):
        result = original(self, *args, **kwargs)
        left[0] -= 1
        if not left[0]:
            self.env.flush_all()
            talk.send("stalled")
            threading.Event().wait()
        return result

    with patch.object(model, name, stalling), freeze_time(MOMENT):
        run(env, BATCH)
    talk.send("done")


def _go_on(env, talk, job):
    """Run a job until nothing is left, as its cron does from time to time."""
    for _round in range(200):
        with freeze_time(MOMENT):
            JOBS[job][0](env, BATCH)
        env.cr.commit()
        if not _left(env, job):
            break
        time.sleep(0.02)
    talk.send("done")


def kill_again_and_again(env, job, kills, seed):
    """Kill a job in mid-batch, then finish it.

    :return: [what was left after each kill, traces that differ from undisturbed ones]
    """
    dice, wanted, left = random.Random(seed), _undisturbed(env, job), []
    for _each in range(kills):
        calls = JOBS[job][1][2]
        victim = Rival(env, _stall, job, calls + dice.randint(1, max(2 * calls - 1, 2)))
        assert victim.hear() == "stalled"
        victim.kill()
        left.append(_left(env, job))
    _finish(env, job, 1)
    return [left, _differences(wanted, _traces(env))]


def run_twice_at_once(env, job):
    """Two processes do one job.

    :return: traces that differ from undisturbed ones
    """
    wanted = _undisturbed(env, job)
    _finish(env, job, 2)
    return _differences(wanted, _traces(env))


def _finish(env, job, number):
    env.cr.commit()
    rivals = [Rival(env, _go_on, job) for _each in range(number)]
    for rival in rivals:
        assert rival.hear() == "done"
        rival.end()
    env.invalidate_all()


def _differences(wanted, found):
    return {
        name: [sorted(set(found[name]) ^ set(rows))[:4], len(rows), len(found[name])]
        for name, rows in wanted.items()
        if found[name] != rows
    }
