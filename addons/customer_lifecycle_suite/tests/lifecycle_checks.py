"""Every number of the lifecycle's dashboard, compared with a count of its rows."""

from datetime import date, timedelta

from . import lifecycle_recount as again
from .lifecycle_rows import LifecycleRows
from .year_checks import DHAKA
from .year_recount import flow, score

DAYS = 7
# What one rounding of a percentage may hide, and what one of an amount may.
TENTH, CENT = 0.051, 0.0051


class LifecycleChecks:
    """A mixin for who is a ``YearChecks``, too."""

    def _lifecycle(self):
        return LifecycleRows(self.env)

    def _dashboard(self, first, last):
        return self.env["lifecycle.engine"].get_dashboard(
            first.isoformat(), last.isoformat()
        )

    def _periods(self):
        """The whole story, the first half, and its last week."""
        half = self.first + timedelta(days=self.lived_days // 2)
        return [
            (self.first, self.last),
            (self.first, half),
            (self.last - timedelta(days=DAYS - 1), self.last),
        ]

    def _moments(self, first, last):
        return self._start(first), self._start(last + timedelta(days=1))

    # ------------------------------------------------------------------------- cards
    def test_the_cards_of_the_lifecycle(self):
        rows = self._lifecycle()
        seen = set()
        for first, last in self._periods():
            before = first - (last - first) - timedelta(days=1)
            cards = self._dashboard(first, last)["kpis"]
            for name, period in (
                ("value", (first, last)),
                ("previous", (before, first - timedelta(days=1))),
            ):
                wanted = self._cards(rows, *period)
                for card in cards:
                    if card["key"] in wanted:
                        self._same(card[name], wanted[card["key"]], card, period)
                seen |= {key for key, value in wanted.items() if value}
            told = {card["key"] for card in cards}
            self.assertEqual(told, {*wanted, "revenue_at_risk"})
        self.assertLessEqual({"retention", "winback", "revenue", "nps"}, seen)

    def _same(self, told, wanted, card, period):
        message = f"{card['key']} {period[0]} to {period[1]}"
        if wanted is None:
            self.assertIs(told, False, message)
        else:
            delta = TENTH if card["unit"] != "currency" else CENT
            self.assertAlmostEqual(told, wanted, delta=delta, msg=message)

    def _cards(self, rows, first, last):
        """Return {key: value} of a period, None where there is nothing to measure."""
        bounds = self._moments(first, last)
        customers, purchases = rows.customers(), rows.purchases()
        mine = {row["customer"] for row in customers}
        moves = [move for move in rows.moves() if move["customer"] in mine]
        since = again.sign_up_days(customers, purchases, DHAKA)
        runs, steps = rows.all_onboarding_runs(), rows.onboarding_steps()
        answers = [
            row["score"] for row in rows.answers() if bounds[0] <= row["at"] < bounds[1]
        ]
        return {
            "retention": again.retention(moves, *bounds),
            "winback": again.win_back(moves, *bounds),
            "onboarding_completion": again.onboarding(runs, steps, *bounds),
            "new_customers": sum(1 for day in since.values() if first <= day <= last),
            "revenue": again.revenue(purchases, *bounds),
            "nps": score(answers)["nps"] if answers else None,
        }

    def test_what_is_at_stake(self):
        rows = self._lifecycle()
        cards = self._dashboard(self.first, self.last)["kpis"]
        (told,) = [card for card in cards if card["key"] == "revenue_at_risk"]
        customers = rows.customers()
        wanted = again.at_stake(customers, rows.moves(), rows.purchases(), DHAKA)
        self.assertGreater(wanted, 0)
        # Each customer's share is rounded to a cent.
        self.assertAlmostEqual(told["value"], wanted, delta=CENT * len(customers))
        self.assertIs(told["previous"], False)

    # ---------------------------------------------------------------------- pictures
    def test_customers_by_stage_and_the_funnel(self):
        rows = self._lifecycle()
        found = self._dashboard(self.first, self.last)
        mine = {row["customer"] for row in rows.customers()}
        moment = self._start(self.last + timedelta(days=1))
        stages = again.distribution(rows.moves(), rows.purchases(), moment, mine)
        for row in found["stages"]:
            customers, money, buyers = stages.get(row["stage"], (0, 0, 0))
            told = (row["customers"], row["buyers"])
            self.assertEqual(told, (customers, buyers), row["stage"])
            self.assertAlmostEqual(row["revenue"], money, delta=CENT * len(mine))
        self.assertGreater(len(stages), 3)
        told = {row["key"]: row["count"] for row in found["funnel"]}
        self.assertEqual(told, again.funnel(stages))

    def test_the_trend_and_the_revenue_of_every_stage_and_day(self):
        rows = self._lifecycle()
        moves, purchases = rows.moves(), rows.purchases()
        mine = {row["customer"] for row in rows.customers()}
        trend = {
            row["date"]: row["customers"]
            for row in self._dashboard(self.first, self.last)["trend"]
        }
        self.assertEqual(len(trend), self.lived_days)
        stats = self.env["lifecycle.daily.stat"].search(
            [("company_id", "=", self.env.company.id), ("date", ">=", self.first)]
        )
        for day, stat in stats.grouped("date").items():
            evening = self._start(day + timedelta(days=1))
            stages = again.distribution(moves, purchases, evening, mine)
            for row in stat:
                customers, money, _buyers = stages.get(row.stage, (0, 0, 0))
                self.assertEqual(trend[day.isoformat()][row.stage], customers, day)
                self.assertAlmostEqual(row.revenue, money, delta=CENT * len(mine))

    def test_the_flow_of_every_period(self):
        moves = self._lifecycle().moves()
        for first, last in self._periods():
            found = self._dashboard(first, last)["flow"]
            told = {(row["from"] or None, row["to"]): row["count"] for row in found}
            self.assertEqual(told, dict(flow(moves, *self._moments(first, last))))

    def test_who_orders_in_the_months_after_the_sign_up(self):
        rows = self._lifecycle()
        wanted = again.cohorts(rows.customers(), rows.purchases(), self.last, DHAKA)
        found = self._dashboard(self.first, self.last)["cohorts"]
        newest = sorted(wanted)[-len(found) :]
        self.assertEqual(len(found), min(len(wanted), 18))
        for month, row in zip(newest, found, strict=True):
            size, shares = wanted[month]
            self.assertEqual(date.fromisoformat(row["cohort"]), date(*month, 1))
            self.assertEqual(row["customers"], size, month)
            self.assertEqual(len(row["active"]), len(shares), month)
            for told, share in zip(row["active"], shares, strict=True):
                self.assertAlmostEqual(told, share, delta=CENT / 100, msg=month)
        self.assertTrue(any(any(row["active"][1:]) for row in found))
