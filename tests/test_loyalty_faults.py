"""Points under rivals and power cuts: nothing is spent, earned or lost twice."""

import json
import os

import pytest

from .test_faults import FULL, Worker

ROUNDS = 40 if FULL else 2
KILLS = 20 if FULL else 2
MEMBERS = 600 if FULL else 60
JOBS = [("expiry", MEMBERS), ("release", MEMBERS), ("backfill", MEMBERS // 2)]


class Shop:
    """A process of Odoo that is asked for one thing after the other."""

    def __init__(self, database, path):
        os.mkfifo(path)
        serving = f"serve(env, {str(path)!r})"
        self.worker = Worker(database, "from tests.loyalty_workers import *", serving)
        # For both: nobody waits for the other one to open it.
        self.calls = open(os.open(path, os.O_RDWR), "w", buffering=1)  # noqa: SIM115

    def ask(self, name, *args):
        """Return what a function of loyalty_workers.py says."""
        print(json.dumps([name, *args]), file=self.calls)
        return self.worker.hear()

    def close(self):
        self.calls.close()
        self.worker.finish()


@pytest.fixture(scope="module")
def shop(scratch_database, tmp_path_factory):
    shop = Shop(scratch_database, tmp_path_factory.mktemp("loyalty") / "calls")
    assert len(shop.ask("prepare")) == 1
    yield shop
    shop.close()


@pytest.fixture(autouse=True)
def soundness(shop):
    """Whatever a test does: afterwards everything adds up."""
    yield
    assert shop.ask("flaws") == {}


def ends(answers):
    """How each ended, sorted."""
    return sorted((how, answer) for how, answer, _tries in answers)


def collided(answers):
    """Whether somebody had to begin again."""
    return max(tries for _how, _answer, tries in answers) > 1


@pytest.mark.parametrize(
    ("how", "figures", "refusal"),
    [
        ("contract", [20, 0, 100], ("done", False)),
        (
            "portal",
            [0, 0, 100],
            ("refused", "points: 100.0 are wanted, 0.0 are there."),
        ),
        (
            "orders",
            [50, 0, 150],
            (
                "refused",
                "One or more rewards on the sale order is invalid. Please check them.",
            ),
        ),
    ],
)
def test_the_same_points_are_redeemed_once(shop, how, figures, refusal):
    for _round in range(ROUNDS):
        answers, found, redeemed, codes = shop.ask("redeem_twice", how)
        assert collided(answers)
        assert ends(answers) == sorted([refusal, ("done", True)])
        assert (found, redeemed, codes) == (figures, 1, int(how == "portal"))


def test_a_code_pays_one_order(shop):
    for _round in range(ROUNDS):
        answers, states = shop.ask("use_code_twice")
        assert collided(answers)
        assert sorted(how for how, *_rest in answers) == ["done", "refused"]
        assert sorted(states) == ["draft", "sale"]


def test_points_are_redeemed_or_expire(shop):
    for _round in range(ROUNDS):
        answers, figures, gone = shop.ask("redeem_while_expiring")
        assert {how for how, *_rest in answers} == {"done"}
        assert figures == [0, 0, 100]
        assert gone == ([80, 20] if answers[0][1] else [0, 100])


def test_an_order_earns_once(shop):
    for _round in range(ROUNDS):
        answers, figures, earned = shop.ask("confirm_at_once", "same")
        assert collided(answers)
        (first, _said), (second, answer) = ends(answers)
        assert (first, second) == ("done", "refused")
        assert "not in a state requiring confirmation" in answer
        assert (figures[0], earned) == (100, [100])


@pytest.mark.parametrize("who", ["member", "first"])
def test_two_orders_of_a_customer_earn_both(shop, who):
    for _round in range(ROUNDS):
        answers, figures, earned = shop.ask("confirm_at_once", who)
        assert collided(answers)
        assert ends(answers) == [("done", True)] * 2
        assert (figures, earned) == ([200, 0, 200], [100, 100])


def test_other_systems_credit_an_order_once(shop):
    for _round in range(ROUNDS):
        answers, figures = shop.ask("process_at_once")
        assert collided(answers)
        assert ends(answers) == [("done", 100)] * 2
        assert figures == [100, 0, 100]


# Figures by (whether the order was cancelled, whether the points were redeemed).
AFTER_BOTH = {"debt": [-80, 80, 0], "cap": [0, 0, 0]}
AFTER_ONE = {(False, True): [20, 0, 100], (True, False): [0, 0, 0]}


@pytest.mark.parametrize("shortfall", ["debt", "cap", "block"])
def test_a_cancelled_order_and_its_points(shop, shortfall):
    for _round in range(ROUNDS):
        answers, figures, state = shop.ask("cancel_while_redeeming", shortfall)
        assert collided(answers)
        (cancelled, _said, _tries), (_how, redeemed, _again) = answers
        done = cancelled == "done", redeemed
        assert (state == "cancel") == done[0]
        # To block means that it is one or the other.
        wanted = AFTER_ONE | {(True, True): AFTER_BOTH.get(shortfall)}
        assert figures == wanted[done]


def test_transfers_that_cross(shop):
    for _round in range(ROUNDS):
        answers, one, other = shop.ask("transfer_across")
        assert collided(answers)
        assert ends(answers) == [("done", True)] * 2
        assert (one, other) == (115, 85)


def test_what_is_refunded_while_it_is_released(shop):
    for _round in range(ROUNDS):
        answers, figures, states = shop.ask("refund_while_releasing")
        assert collided(answers)
        assert ends(answers) == [("done", True)] * 2
        assert (figures, states) == ([60, 0, 60], ["done"])


def test_two_who_raise_an_order(shop):
    for _round in range(ROUNDS):
        answers, figures, total = shop.ask("grow_at_once")
        assert collided(answers)
        assert ends(answers) == [("done", True)] * 2
        assert figures == [total, 0, total]


@pytest.mark.parametrize("what", ["ordering", "redeeming"])
def test_who_is_merged_at_the_same_time(shop, what):
    for _round in range(ROUNDS):
        answers, source, target, state = shop.ask("merge_while", what)
        assert collided(answers)
        (merged, *_said), (_how, answer, _tries) = answers
        assert (merged, source) == ("done", [0, 0])
        done = answer is True
        wanted = [200, 0, 200] if what == "ordering" else [100 - 80 * done, 0, 100]
        assert target == wanted
        assert state == ("sale" if what == "ordering" else "draft")


@pytest.mark.parametrize(("job", "members"), JOBS)
def test_killed_in_mid_batch_it_goes_on(shop, job, members):
    shop.ask(f"fill_{job}", members)
    left, differences = shop.ask("kill_again_and_again", job, KILLS, 3)
    print(f"{job}: left after each kill: {left}")
    assert not differences
    # Every kill came in the midst of the work, and none of it was done in vain.
    assert all(left)
    assert left == sorted(set(left), reverse=True)


@pytest.mark.parametrize(("job", "members"), JOBS)
def test_two_at_once_do_a_job_once(shop, job, members):
    shop.ask(f"fill_{job}", members)
    assert shop.ask("run_twice_at_once", job) == {}
