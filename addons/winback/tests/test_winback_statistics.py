from collections import Counter
from datetime import datetime, timedelta

from odoo.tests import freeze_time, tagged

from odoo.addons.journey_engine.tools.draw import LOTS, draw

from .common import DAY, NOON, WinbackCommon


@tagged("post_install", "-at_install")
class TestWinbackStatistics(WinbackCommon):
    """Every figure of the dashboard, counted again in plain Python."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.shop.partner_id.tz = "Asia/Dhaka"
        cls.people = []
        for number in range(36):
            days = 40 + 3 * number
            amount = 20.0 + 7 * (number % 5)
            cls.people.append(cls._lapsed(days, amount, settle=False))
        cls._count_facts()
        offer = {"offer_type": "discount_percent", "offer_value": 20}
        cls.first = cls._campaign(
            code=cls._code_that_draws(cls.people[:12], 25, 3),
            holdout_percent=25,
            max_days_inactive=90,
            priority=30,
            **offer,
        )
        cls.second = cls._campaign(
            hours=(0, 48),
            code=cls._code_that_draws(cls.people[24:], 10, 1),
            holdout_percent=10,
            min_days_inactive=91,
            target_rate=20,
        )
        # They come in over two months; every day the scheduler works.
        cls.orders = []
        for day in range(46):
            moment = NOON + day * DAY
            if day in (0, 20, 40):
                cls.first.daily_limit = cls.second.daily_limit = 0 if day == 40 else 6
                cls._target(cls.first, moment)
                cls._target(cls.second, moment)
            cls._process(moment + timedelta(minutes=1))
            cls._live_a_day(day, moment)
        cls.env.invalidate_all()

    @classmethod
    def _code_that_draws(cls, people, percent, size):
        """A code whose control group has so many of them.

        The draw goes by the code and the customers' ids, which differ in every
        database: with any code it would have nobody in it now and then.
        """
        most = LOTS * percent / 100
        return next(
            code
            for code in (f"winback_drawn_{size}_{n}" for n in range(10_000))
            if sum(draw("holdout", code, p.id) < most for p in people) == size
        )

    @classmethod
    def _live_a_day(cls, day, moment):
        """Some customers order, with a code or without; one order is cancelled."""
        running = cls.attempts.search(
            [("run_state", "=", "running"), ("company_id", "=", cls.shop.id)],
            order="customer_id",
        )
        for attempt in running:
            # By number, not by id: the story is the same in every database.
            if (cls.people.index(attempt.customer_id) + day) % 23:
                continue
            at = moment + timedelta(hours=3)
            amount, card = 30 + day, attempt.delivery_ids.card_id[-1:]
            if card and card.expiration_date > at.date():
                order = cls._redeem(attempt.customer_id, card.code, at, amount)
            else:
                order = cls._buys(attempt.customer_id, at, amount)
            cls.orders.append(order)
            cls._hand_out(at)
            if len(cls.orders) == 4:
                with freeze_time(at + timedelta(hours=1)):
                    order._action_cancel()
                cls._hand_out(at + timedelta(hours=1))
        cls.env.invalidate_all()

    # ------------------------------------------------------------ counted in Python
    def _told(self, campaign=None):
        """What became of each attempt, found out from orders and moments alone."""
        domain = [("company_id", "=", self.shop.id)]
        if campaign:
            domain.append(("campaign_id", "=", campaign.id))
        return [self._row_of(attempt) for attempt in self.attempts.search(domain)]

    def _row_of(self, attempt):
        orders = self._orders_within(attempt)
        won = min(orders, key=lambda o: (o.date_order, o.id), default=None)
        local = attempt.started_at + timedelta(hours=6)
        lines = [line for order in orders for line in order.order_line]
        return {
            "attempt": attempt,
            "campaign": attempt.campaign_id,
            "held": attempt.is_holdout,
            "ended": bool(attempt.completed_at),
            "won": bool(won),
            "value": won.amount_untaxed if won else 0,
            "day": local.date().isoformat(),
            "month": local.strftime("%Y-%m-01"),
            "cost": sum(-line.price_subtotal for line in lines if line.reward_id),
        }

    def _orders_within(self, attempt):
        """Confirmed orders between the first and the last moment of an attempt."""
        if not attempt.completed_at:
            return []
        found = self.env["sale.order"].search(
            [("partner_id", "=", attempt.customer_id.id)]
        )
        return [
            order
            for order in found
            if order.state == "sale"
            and attempt.started_at <= order.date_order <= attempt.completed_at
        ]

    def _sums(self, rows):
        rows = [row for row in rows if not row["held"]]
        ended = sum(row["ended"] for row in rows)
        won = sum(row["won"] for row in rows)
        return {
            "targeted": len(rows),
            "active": len(rows) - ended,
            "ended": ended,
            "won_back": won,
            "rate": 100 * won / ended if ended else 0,
            "revenue": sum(row["value"] for row in rows),
            "offer_cost": sum(row["cost"] for row in rows),
        }

    def _assert_same(self, found, expected):
        for name, value in expected.items():
            self.assertAlmostEqual(found[name], value, 4, name)

    def _by_month(self, rows):
        months = {}
        for row in rows:
            if not row["held"]:
                months.setdefault(row["month"], []).append(row)
        return months

    # ------------------------------------------------------------------------ tests
    def test_the_story_has_everything_in_it(self):
        rows = self._told()
        kinds = Counter((row["held"], row["ended"], row["won"]) for row in rows)
        self.assertGreater(kinds[False, True, True], 1)
        self.assertGreater(kinds[False, True, False], 1)
        self.assertGreater(kinds[False, False, False], 0)
        self.assertGreater(sum(row["held"] for row in rows), 0)
        self.assertGreater(sum(row["cost"] for row in rows), 0)
        self.assertGreater(len(self._by_month(rows)), 1)
        self.assertTrue([o for o in self.orders if o.state == "cancel"])

    def test_totals_of_the_dashboard(self):
        found = self.service.get_dashboard()
        expected = self._sums(self._told())
        expected["net"] = expected["revenue"] - expected["offer_cost"]
        self._assert_same(found["totals"], expected)
        self.assertEqual(found["target_rate"], 15)
        self.assertEqual(found["currency_id"], self.shop.currency_id.id)

    def test_figures_by_campaign(self):
        rows = {row["id"]: row for row in self.service.get_dashboard()["campaigns"]}
        for campaign in (self.first, self.second):
            expected = self._sums(self._told(campaign))
            self._assert_same(rows[campaign.id], expected)
            self.assertEqual(rows[campaign.id]["target_rate"], campaign.target_rate)
            self._assert_same(
                campaign.read([])[0],
                {
                    "total_targeted": expected["targeted"],
                    "total_active": expected["active"],
                    "total_ended": expected["ended"],
                    "total_won_back": expected["won_back"],
                    "won_back_rate": expected["rate"],
                    "total_revenue_recovered": expected["revenue"],
                    "offer_cost": expected["offer_cost"],
                },
            )
            self.assertEqual(
                campaign.is_on_target, expected["rate"] >= campaign.target_rate
            )

    def test_figures_by_month(self):
        months = self._by_month(self._told())
        found = self.service.get_dashboard()["months"]
        self.assertEqual([row["month"] for row in found], sorted(months))
        for row in found:
            sums = self._sums(months[row["month"]])
            for name in ("active", "offer_cost"):
                sums.pop(name)
            self._assert_same(row, sums)

    def test_a_period_is_of_days_in_the_shops_zone(self):
        rows = self._told()
        days = sorted({row["day"] for row in rows})
        for first, last in ((days[0], days[0]), (days[1], days[-1]), (None, days[1])):
            found = self.service.get_dashboard(first, last)
            mine = [
                row
                for row in rows
                if (not first or row["day"] >= first) and row["day"] <= last
            ]
            self._assert_same(found["totals"], self._sums(mine))
            for campaign in found["campaigns"]:
                own = [r for r in mine if r["campaign"].id == campaign["id"]]
                self._assert_same(campaign, self._sums(own))
        nobody = self.service.get_dashboard("2039-01-01", "2039-12-31")
        self.assertEqual(nobody["totals"]["targeted"], 0)
        self.assertEqual(nobody["months"], [])

    def test_statistics_of_a_campaign(self):
        for campaign in (self.first, self.second):
            rows = self._told(campaign)
            found = campaign.get_statistics()
            sums = self._sums(rows)
            self.assertEqual(found["total_targeted"], sums["targeted"])
            self.assertAlmostEqual(found["total_revenue_recovered"], sums["revenue"])
            self.assertEqual(found["statuses"]["won_back"], sums["won_back"])
            self.assertEqual(found["statuses"]["active"], sums["active"])
            self.assertEqual(sum(found["statuses"].values()), sums["targeted"])
            sent = [
                delivery
                for row in rows
                for delivery in row["attempt"].delivery_ids
                if delivery.state in ("queued", "sent", "opened", "clicked", "replied")
            ]
            self.assertEqual(found["sent_count"], len(sent))
            self.assertEqual(sum(row["attempt"].emails_sent for row in rows), len(sent))

    def test_funnel_and_days_of_a_campaign(self):
        rows = [row for row in self._told(self.first) if not row["held"]]
        course = self.first.get_course()
        self.assertEqual(course["funnel"]["enrolled"], len(rows))
        self.assertEqual(course["funnel"]["converted"], sum(row["won"] for row in rows))
        began = Counter(row["day"] for row in rows)
        found = {d["date"]: d["enrolled"] for d in course["per_day"] if d["enrolled"]}
        self.assertEqual(found, dict(began))

    def test_get_stats_agrees(self):
        for campaign in (None, self.first, self.second):
            sums = self._sums(self._told(campaign))
            found = self.service.get_stats(campaign.id if campaign else None)
            self.assertEqual(found["targeted"], sums["targeted"])
            self.assertEqual(found["ended"], sums["ended"])
            self.assertEqual(found["won_back"], sums["won_back"])
            self.assertEqual(
                found["won_back"] + found["exhausted"] + found["unsubscribed"],
                sums["ended"],
            )
            self.assertAlmostEqual(found["won_back_rate"], sums["rate"])
            self.assertAlmostEqual(found["revenue_recovered"], sums["revenue"])
            self.assertAlmostEqual(found["offer_cost"], sums["offer_cost"])
            average = sums["revenue"] / (sums["won_back"] or 1)
            self.assertAlmostEqual(found["average_value"], average)
            self.assertEqual(bool(found["lift"]), bool(campaign))

    def test_lift_against_the_holdout(self):
        rows = self._told(self.first)
        lift = self.first.get_lift()
        window = timedelta(days=30)
        for side, held in (("treated", False), ("control", True)):
            mine = [row["attempt"] for row in rows if row["held"] == held]
            won, revenue = 0, 0
            for attempt in mine:
                orders = self.env["sale.order"].search(
                    [
                        ("partner_id", "=", attempt.customer_id.id),
                        ("state", "=", "sale"),
                        ("date_order", ">=", attempt.started_at),
                        ("date_order", "<=", attempt.started_at + window),
                    ]
                )
                won += bool(orders)
                revenue += sum(orders.mapped("amount_untaxed"))
            self.assertEqual(lift[side]["size"], len(mine), side)
            self.assertEqual(lift[side]["conversions"], won, side)
            self.assertAlmostEqual(lift[side]["revenue"], revenue, 4, side)
        self.assertGreater(lift["control"]["size"], 0)

    def test_another_currency_is_converted(self):
        euro = self.env.ref("base.EUR")
        euro.active = True
        if self.shop.currency_id == euro:
            euro = self.env.ref("base.USD")
        abroad = self._create_company(currency=euro)
        self.env["res.currency.rate"].create(
            {
                "name": datetime(2040, 1, 1).date(),
                "currency_id": euro.id,
                "rate": 2.0,
                "company_id": self.shop.id,
            }
        )
        self.campaigns.with_company(abroad).create(self._values(company_id=abroad.id))
        both = self.service.with_context(allowed_company_ids=(self.shop | abroad).ids)
        with freeze_time(NOON):
            found = both.get_dashboard()
        self.assertEqual(len(found["campaigns"]), 3)
        self.assertAlmostEqual(
            found["totals"]["revenue"], self._sums(self._told())["revenue"]
        )


@tagged("post_install", "-at_install")
class TestNoWinbackYet(WinbackCommon):
    def test_an_empty_shop_has_zeros(self):
        found = self.service.get_dashboard()
        self.assertEqual(found["campaigns"], [])
        self.assertEqual(found["months"], [])
        self.assertEqual(set(found["totals"].values()), {0})
        self.assertEqual(self.service.get_stats()["won_back_rate"], 0)
        campaign = self._campaign(start=False)
        self.assertEqual(campaign.total_targeted, 0)
        self.assertFalse(campaign.is_on_target)
        self.assertFalse(campaign.get_lift()["treated"]["size"])
