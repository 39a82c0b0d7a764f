"""What the addons tell of a year, compared with what plain Python counts from its rows.

A mixin: the same checks hold for a short replay and for the year of the demo.
"""

from collections import Counter
from datetime import datetime, time, timedelta

from . import year_recount
from .loyalty_recount import recount
from .year_rows import Rows

DHAKA = 6


class YearChecks:
    """Expects ``self.env`` of the demo's company, and ``first`` and ``last`` day."""

    def _rows(self):
        return Rows(self.env)

    def _start(self, day):
        """When a day of the company begins, in UTC."""
        return datetime.combine(day, time()) - timedelta(hours=DHAKA)

    def _inside(self, rows, name="at"):
        end = self._start(self.last + timedelta(days=1))
        first = self._start(self.first)
        return [row for row in rows if row[name] and first <= row[name] < end]

    # ------------------------------------------------------------------------ stages
    def test_stages_of_every_day_are_those_that_the_moves_left(self):
        moves = self._rows().moves()
        stats = self.env["lifecycle.daily.stat"].search(
            [
                ("company_id", "=", self.env.company.id),
                ("date", ">=", self.first),
                ("date", "<=", self.last),
            ]
        )
        self.assertEqual(len(set(stats.mapped("date"))), self.lived_days)
        for day, rows in stats.grouped("date").items():
            told = {row.stage: row.customers for row in rows if row.customers}
            moment = datetime.combine(day, time(13))
            self.assertEqual(told, dict(year_recount.stages_at(moves, moment)), day)

    def test_the_dashboard_tells_the_moves_of_the_period(self):
        found = self.env["lifecycle.engine"].get_dashboard(
            self.first.isoformat(), self.last.isoformat()
        )
        end = self._start(self.last + timedelta(days=1))
        flow = year_recount.flow(self._rows().moves(), self._start(self.first), end)
        told = {(row["from"] or None, row["to"]): row["count"] for row in found["flow"]}
        self.assertEqual(told, dict(flow))
        self.assertGreater(len(told), 5)

    # ----------------------------------------------------------------------- surveys
    def test_nps_by_survey_answers(self):
        answers = self._inside(self._rows().answers())
        self.assertGreater(len(answers), self.least_answers)
        self.assertTrue(all(row["about"]["source"] == "generated" for row in answers))
        found = self.env["nps.service"].calculate_nps(
            self.first.isoformat(), self.last.isoformat()
        )
        self._compare_nps(found, [row["score"] for row in answers])
        asked = self._inside(self._rows().invitations(), "sent")
        answered = sum(1 for row in asked if row["answered"])
        self.assertEqual(found["invitations"], len(asked))
        rate = year_recount.percent(answered, len(asked))
        self.assertAlmostEqual(found["response_rate"], rate, delta=0.06)

    def _compare_nps(self, found, scores):
        wanted = year_recount.score(scores)
        for name in ("nps", "margin"):
            self.assertAlmostEqual(found[name], wanted[name], delta=0.06, msg=name)
        for name in ("promoters", "passives", "detractors", "responses"):
            self.assertEqual(found[name], wanted[name], name)

    def test_the_trend_of_nps_by_month(self):
        trend = self.env["nps.service"].get_trend(
            "month", self.first.isoformat(), self.last.isoformat()
        )
        answers = self._inside(self._rows().answers())
        months = year_recount.by_month(answers, "at", DHAKA)
        told = {tuple(map(int, row["period"].split("-")[:2])): row for row in trend}
        for month, row in told.items():
            scores = [answer["score"] for answer in months.get(month, [])]
            self._compare_nps(row, scores)
        self.assertLessEqual(set(months), set(told))

    def test_the_dashboard_of_surveys(self):
        period = self.first.isoformat(), self.last.isoformat()
        found = self.env["nps.service"].get_dashboard(*period)
        answers = self._inside(self._rows().answers())
        scores = Counter(row["score"] for row in answers)
        told = {row["score"]: row["count"] for row in found["distribution"]}
        self.assertEqual(told, {score: scores[score] for score in range(11)})
        for kind, name in (("stages", "stage"), ("tiers", "tier")):
            for row in found[kind]:
                mine = [a["score"] for a in answers if (a[name] or False) == row["key"]]
                self._compare_nps(row, mine)
        ratings = self._inside(self._rows().ratings())
        for row in found["csat"]:
            mine = [r["score"] for r in ratings if r["kind"] == row["context_type"]]
            count, average, happy = year_recount.satisfaction(mine)
            self.assertEqual(row["responses"], count)
            self.assertAlmostEqual(row["average"], average, delta=0.006)
            self.assertAlmostEqual(row["satisfied"], happy, delta=0.06)

    def test_cases_of_the_unhappy(self):
        cases = self._rows().cases()
        found = self.env["nps.service"].get_dashboard(
            self.first.isoformat(), self.last.isoformat()
        )["cases"]
        unhappy = [row for row in self._rows().answers() if row["score"] <= 6]
        self.assertEqual(len(cases), len(unhappy))
        still_open = [case for case in cases if case["state"] == "open"]
        self.assertEqual(found["open"], len(still_open))
        took = [
            (case["closed"] - case["opened"]).total_seconds() / 3600
            for case in self._inside(cases, "closed")
        ]
        if took:
            self.assertAlmostEqual(found["hours"], sum(took) / len(took), delta=0.06)

    # ---------------------------------------------------------------------- win-back
    def test_win_back_rate_and_revenue(self):
        rows = self._rows()
        wanted = year_recount.win_back(rows.attempts(), rows.orders())
        found = self.env["winback.service"].get_stats()
        self.assertGreater(wanted["targeted"], self.least_attempts)
        self.assertEqual(found["targeted"], wanted["targeted"])
        self.assertEqual(found["ended"], wanted["ended"])
        self.assertEqual(found["won_back"], wanted["won_back"])
        self.assertAlmostEqual(found["won_back_rate"], wanted["rate"], 6)
        self.assertAlmostEqual(found["revenue_recovered"], wanted["revenue"], 2)

    def test_win_back_by_campaign_and_month(self):
        rows = self._rows()
        attempts, orders = rows.attempts(), rows.orders()
        found = self.env["winback.service"].get_dashboard()
        for row in found["campaigns"]:
            mine = [a for a in attempts if a["campaign"] == row["id"]]
            self._compare_win_back(row, year_recount.win_back(mine, orders))
        months = year_recount.by_month(attempts, "started", DHAKA)
        for row in found["months"]:
            mine = months[tuple(map(int, row["month"].split("-")[:2]))]
            self._compare_win_back(row, year_recount.win_back(mine, orders))

    def _compare_win_back(self, row, wanted):
        for name in ("targeted", "ended", "won_back"):
            self.assertEqual(row[name], wanted[name], name)
        self.assertAlmostEqual(row["rate"], wanted["rate"], 6)
        self.assertAlmostEqual(row["revenue"], wanted["revenue"], 2)

    # -------------------------------------------------------------------- onboarding
    def test_onboarding_completion_and_drop_off(self):
        rows = self._rows()
        runs = rows.onboarding_runs("welcome")
        wanted = year_recount.onboarding(runs, rows.onboarding_steps(), rows.orders())
        found = self.env["onboarding.service"].get_stats("welcome")
        self.assertGreater(wanted["started"], self.least_starters)
        told = {
            row["id"]: (
                row["reached"],
                row["completed"],
                row["dropped"],
                row["drop_off"],
            )
            for row in found["steps"]
        }
        self.assertEqual(told, wanted.pop("steps"))
        for name, value in wanted.items():
            self.assertAlmostEqual(found[name], value, 4, name)

    # --------------------------------------------------------------------- campaigns
    def test_figures_of_every_campaign(self):
        rows = self._rows()
        orders = {order["id"]: order for order in rows.orders()}
        campaigns = self.env["engagement.campaign"].search(
            [("company_id", "=", self.env.company.id), ("is_active", "=", True)]
        )
        entered = 0
        for campaign in campaigns:
            wanted = year_recount.campaign(
                rows.enrollments(campaign), orders, rows.deliveries(campaign)
            )
            found = campaign.get_statistics()
            for name, value in wanted.items():
                message = f"{campaign.code}: {name}"
                self.assertAlmostEqual(found[name], value, 2, message)
            entered += wanted["total_enrolled"]
        self.assertGreater(entered, self.least_attempts)

    # ------------------------------------------------------------------------ points
    def _club(self):
        return self.env["loyalty.program"].search([("code", "=", "dairy_club")])

    def test_points_by_month(self):
        rows = self._rows().transactions(self._club())
        months = year_recount.by_month(rows, "at", DHAKA)
        found = self.env["loyalty.service"].get_dashboard(self._club().id)
        for row in found["months"]:
            mine = months.get(tuple(map(int, row["month"].split("-")[:2])), [])
            told = (row["issued"], row["redeemed"], row["expired"])
            for got, wanted in zip(told, year_recount.points(mine), strict=True):
                self.assertAlmostEqual(got, wanted, 2, row["month"])

    def test_balances_are_what_the_transactions_left(self):
        rows = self._rows().transactions(self._club())
        for row in rows:
            row["source"] = tuple(row["source"])
        accounts = recount(rows)
        held = sum(max(account.balance, 0) for account in accounts.values())
        metrics = self.env["loyalty.service"].get_program_metrics("dairy_club")
        self.assertGreater(held, 0)
        self.assertAlmostEqual(metrics["outstanding"], held, 2)
        self.assertEqual(metrics["members"], len(accounts))
        members = self.env["customer.loyalty"].search(
            [("program_id", "=", self._club().id)]
        )
        for member in members:
            account = accounts[member.id]
            self.assertAlmostEqual(account.balance, member.points_balance, 2)
            self.assertAlmostEqual(account.debt, member.points_debt, 2)
