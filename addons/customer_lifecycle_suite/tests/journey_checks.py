"""Every number about campaigns and win-back, compared with a count of its rows."""

from collections import Counter

from . import journey_recount as again
from .journey_rows import CAMPAIGNS, WINBACK, JourneyRows
from .year_checks import DHAKA
from .year_recount import by_month, percent, won_back

STEP_FIGURES = (
    *("deliveries", "sent", "to_customers"),
    *("opened", "clicked", "converted", "revenue"),
)


class Counted:
    """What the rows of one journey say."""

    def __init__(self, rows, journey):
        model, number = journey._name, journey.id
        self.number = number
        self.settings = rows.settings(model, number)
        self.passes = rows.passes(model, number)
        self.messages = rows.messages(model, number)
        self.refunds = rows.refunds()
        self.given = rows.given(model)
        length = again.window(self.settings)
        self.orders = again.orders_within(self.passes, rows.deals(), length)
        self.events = {}
        if self.settings["goal"] == "event":
            happened = rows.happenings(self.settings["event"])
            self.events = again.events_within(self.passes, happened, length)
        self.successes = self._successes(rows)

    def _successes(self, rows):
        """Return {pass: what it converted to}, without the control group."""
        spoken_to = [row for row in self.passes if not row["holdout"]]
        if "valid" in self.settings:
            return won_back(spoken_to, rows.deals())
        found = self.events if self.settings["goal"] == "event" else self.orders
        mine = {row["id"] for row in spoken_to}
        return {number: all_of[0] for number, all_of in found.items() if number in mine}

    @property
    def cost(self):
        return again.cost(*self.given, journeys={self.number})


class JourneyChecks:
    """A mixin for who is a ``YearChecks``, too."""

    def _journeys(self, model):
        rows = JourneyRows(self.env)
        self.assertFalse(rows.summaries(), "Messages are kept one by one for a year.")
        mine = [("company_id", "=", self.env.company.id)]
        found = self.env[model].with_context(active_test=False).search(mine)
        return {journey: Counted(rows, journey) for journey in found}

    def _all_journeys(self):
        return {**self._journeys(CAMPAIGNS), **self._journeys(WINBACK)}

    def _compare(self, told, wanted, message):
        for name, value in wanted.items():
            self.assertAlmostEqual(told[name], value, 2, f"{message}: {name}")

    # ------------------------------------------------------------------------ totals
    def test_totals_and_cost_of_every_campaign(self):
        campaigns = self._journeys(CAMPAIGNS)
        once, passes = {}, Counter()
        for campaign, counted in campaigns.items():
            wanted = again.totals(counted.passes, counted.successes, counted.refunds)
            wanted["offer_cost"] = counted.cost
            found = campaign.get_statistics()
            self._compare(found, wanted, campaign.code)
            # The page of all campaigns reads the fields.
            self._compare(campaign, wanted, campaign.code)
            passes.update(wanted)
            for number, success in counted.successes.items():
                key = success.get("id") or (campaign.id, number)
                once[key] = again.worth(success, counted.refunds)
        self.assertGreater(passes["offer_cost"], 0)
        self._compare_sums(once, passes)

    def _compare_sums(self, once, sums):
        """An order that several campaigns converted to counts once."""
        (found,) = self.env["engagement.campaign"].get_total_revenue()
        self.assertAlmostEqual(found["revenue"], sum(once.values()), 2)
        self.assertEqual(found["conversions"], len(once))
        enrolled, converted = sums["total_enrolled"], sums["total_converted"]
        wanted = {
            "started": enrolled,
            "completed": sums["total_completed"],
            "converted": converted,
            "conversion_rate": percent(converted, enrolled),
            "total_value": sum(once.values()),
            "average_value": sum(once.values()) / len(once),
            "offer_cost": sums["offer_cost"],
        }
        self._compare(self.env["engagement.service"].get_stats(), wanted, "all")

    def test_totals_of_every_win_back_campaign(self):
        for campaign, counted in self._journeys(WINBACK).items():
            spoken_to = [row for row in counted.passes if not row["holdout"]]
            ended = [row for row in spoken_to if row["ended"]]
            won = counted.successes
            rate = percent(len(won), len(ended))
            revenue = sum(again.net(order, counted.refunds) for order in won.values())
            wanted = {
                "total_targeted": len(spoken_to),
                "total_active": len(spoken_to) - len(ended),
                "total_ended": len(ended),
                "total_won_back": len(won),
                "won_back_rate": rate,
                "total_revenue_recovered": revenue,
                "offer_cost": counted.cost,
                "target_rate": counted.settings["target"],
                **self._message_rates(counted),
            }
            found = campaign.get_statistics()
            self._compare(found, wanted, campaign.code)
            self._compare(campaign, wanted, campaign.code)
            on_target = bool(ended) and rate >= counted.settings["target"]
            self.assertIs(found["is_on_target"], on_target)
            self._compare_statuses(found["statuses"], spoken_to, won)

    def _message_rates(self, counted):
        found = again.steps(counted.messages, {}, []).values()
        sent = sum(step["to_customers"] for step in found)
        return {
            "sent_count": sent,
            "opened_rate": percent(sum(step["opened"] for step in found), sent),
            "clicked_rate": percent(sum(step["clicked"] for step in found), sent),
        }

    def _compare_statuses(self, told, spoken_to, won):
        self.assertEqual(told["won_back"], len(won))
        self.assertEqual(told["active"], sum(1 for row in spoken_to if row["walks"]))
        gone = [row for row in spoken_to if row["ended"] and row["id"] not in won]
        self.assertEqual(told["exhausted"] + told["unsubscribed"], len(gone))
        self.assertEqual(sum(told.values()), len(spoken_to))

    def test_money_on_the_dashboard_of_win_back(self):
        journeys = self._journeys(WINBACK)
        found = self.env["winback.service"].get_dashboard()
        rows = {row["id"]: row for row in found["campaigns"]}
        spent = revenue = 0
        for campaign, counted in journeys.items():
            row, won = rows[campaign.id], counted.successes
            self.assertAlmostEqual(row["offer_cost"], counted.cost, 2)
            spent += counted.cost
            revenue += sum(again.net(order, counted.refunds) for order in won.values())
            walking = sum(
                1 for row in counted.passes if row["walks"] and not row["holdout"]
            )
            self.assertEqual(row["active"], walking)
        totals = found["totals"]
        self.assertAlmostEqual(totals["offer_cost"], spent, 2)
        self.assertAlmostEqual(totals["net"], revenue - spent, 2)
        stats = self.env["winback.service"].get_stats()
        self.assertAlmostEqual(stats["offer_cost"], spent, 2)
        won = sum(len(counted.successes) for counted in journeys.values())
        self.assertAlmostEqual(stats["average_value"], revenue / (won or 1), 2)
        sent = [self._message_rates(counted) for counted in journeys.values()]
        told = sum(rates["sent_count"] for rates in sent)
        self.assertEqual(stats["emails_sent"], told)

    def test_win_back_of_a_period(self):
        """Attempts count where they began, by the days of the shop."""
        journeys = self._journeys(WINBACK)
        first, last = self._periods()[1]
        begin, end = self._moments(first, last)
        totals = self.env["winback.service"].get_dashboard(
            first.isoformat(), last.isoformat()
        )["totals"]
        wanted = Counter()
        for counted in journeys.values():
            mine = [
                row
                for row in counted.passes
                if begin <= row["started"] < end and not row["holdout"]
            ]
            runs = {row["id"] for row in mine}
            wanted["targeted"] += len(mine)
            wanted["ended"] += sum(1 for row in mine if row["ended"])
            wanted["won_back"] += len(runs & counted.successes.keys())
            wanted["offer_cost"] += again.cost(*counted.given, {counted.number}, runs)
        self._compare(totals, wanted, "period")
        everybody = [row for counted in journeys.values() for row in counted.passes]
        months = by_month(everybody, "started", DHAKA)
        told = self.env["winback.service"].get_dashboard()["months"]
        self.assertEqual(len(told), len(months))

    # ------------------------------------------------------------------------- steps
    def test_figures_of_every_step(self):
        seen = Counter()
        for journey, counted in self._all_journeys().items():
            wanted = again.steps(counted.messages, counted.successes, counted.refunds)
            found = {row["code"]: row for row in journey.get_statistics()["steps"]}
            self.assertEqual(set(found), set(wanted), journey.code)
            for code, figures in wanted.items():
                told, message = found[code], f"{journey.code}, {code}"
                self.assertEqual(told["not_sent"], dict(figures["not_sent"]), message)
                for name in STEP_FIGURES:
                    value = figures[name]
                    self.assertAlmostEqual(told[name], value, 2, f"{message}: {name}")
                    seen[name] += value > 0
                seen["not_sent"] += bool(figures["not_sent"])
        for name in (*STEP_FIGURES, "not_sent"):
            self.assertGreater(seen[name], 0, name)

    def test_how_far_customers_came_and_when(self):
        for journey, counted in self._all_journeys().items():
            found = journey.get_course()
            days = again.per_day(counted.passes, counted.successes, DHAKA)
            told = {
                row["date"]: (row["enrolled"], row["converted"])
                for row in found["per_day"]
            }
            wanted = {day.isoformat(): figures for day, figures in days.items()}
            self.assertEqual(told, wanted, journey.code)
            spoken_to = [row for row in counted.passes if not row["holdout"]]
            wanted = {
                "enrolled": len(spoken_to),
                "converted": len(counted.successes),
                **again.levels(counted.messages),
            }
            self.assertEqual(found["funnel"], wanted, journey.code)

    # -------------------------------------------------------------------------- lift
    def test_lift_against_the_control_group(self):
        compared = 0
        for journey, counted in self._all_journeys().items():
            events = counted.events if counted.settings["goal"] == "event" else None
            sides = again.groups(
                counted.passes, counted.orders, counted.refunds, events
            )
            found = journey.get_lift()
            for name, side in zip(("treated", "control"), sides, strict=True):
                message = f"{journey.code}, {name}"
                won, revenue, margin = zip(*side, strict=True) if side else [()] * 3
                wanted = {
                    "size": len(side),
                    "conversions": sum(won),
                    "revenue": sum(revenue),
                    "margin": sum(margin),
                }
                self._compare(found[name], wanted, message)
            if all(sides):
                self._compare_lifts(found, *sides, journey.code)
                compared += 1
        self.assertGreater(compared, 0)

    def _compare_lifts(self, found, treated, control, message):
        ours, theirs = zip(*treated, strict=True), zip(*control, strict=True)
        for name, mine, others in zip(
            ("conversion_rate", "revenue", "margin"), ours, theirs, strict=True
        ):
            measure = again.amount_lift
            if name == "conversion_rate":
                measure = again.rate_lift
            a, b, low, high = measure(mine, others)
            wanted = {
                "treated": a,
                "control": b,
                "difference": a - b,
                "low": low,
                "high": high,
            }
            for key, value in wanted.items():
                self.assertAlmostEqual(found[name][key], value, 4, (message, name, key))
            verdict = again.verdict((len(treated), len(control)), low, high)
            self.assertEqual(found[name]["verdict"], verdict, (message, name))
