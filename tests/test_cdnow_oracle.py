"""Stage and scores of every CDNOW customer, against the oracle in plain Python.

The oracle reads the raw file and knows nothing of the addon; the addon knows nothing
of the oracle. Twelve days from January 1997 to after the last purchase.
"""

from datetime import date, datetime, time
from pathlib import Path
from statistics import median

from odoo.tests import TransactionCase, tagged

from odoo.addons.customer_lifecycle.tests.history import insert_orders, insert_partners

from .oracle import lifecycle_oracle as oracle

DATA = Path(__file__).parent / "data" / "cdnow_master.txt"
# Python's r**2 and SQL's r * r may differ in the last bit of a float.
DIGITS = 12
DAYS = [
    date(1997, 1, 15),
    date(1997, 2, 28),
    date(1997, 3, 31),
    date(1997, 5, 10),
    date(1997, 6, 30),
    date(1997, 8, 17),
    date(1997, 10, 1),
    date(1997, 12, 25),
    date(1998, 2, 1),
    date(1998, 4, 30),
    date(1998, 6, 30),
    date(1998, 9, 15),
]


@tagged("post_install", "-at_install")
class TestCdnowOracle(TransactionCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env.company.partner_id.tz = "UTC"
        cls.purchases = oracle.by_customer(oracle.read_purchases(DATA))
        names = [str(number) for number in cls.purchases]
        ids = insert_partners(cls.env, names)
        cls.partners = dict(zip(cls.purchases, ids, strict=True))
        cls.days = {
            cls.partners[number]: [row[1] for row in bought]
            for number, bought in cls.purchases.items()
        }
        insert_orders(cls.env, cls._orders())
        cls.engine = cls.env["lifecycle.engine"]
        cls.policy = cls.env["lifecycle.policy"]._ensure(cls.env.company)

    @classmethod
    def _orders(cls):
        return [
            (cls.partners[number], datetime.combine(day, time(12)), amount)
            for number, bought in cls.purchases.items()
            for _number, day, amount in bought
        ]

    def _stored(self):
        """{partner id: what the addon stored}, straight from the table."""
        self.env.flush_all()
        self.env.cr.execute(
            """
            SELECT customer_id, current_stage, engagement_score, engagement_attainable,
                   engagement_trend, churn_risk_score, health_score, churned_at::date,
                   won_back_at::date, next_evaluation_date, total_orders, total_revenue
              FROM customer_lifecycle WHERE customer_id = ANY(%s)
            """,
            [list(self.partners.values())],
        )
        return {
            row[0]: (*row[1:5], round(row[5], DIGITS), *row[6:])
            for row in self.env.cr.fetchall()
        }

    def _expected(self, today):
        """{partner id: what the oracle says}, for those who had bought by then."""
        facts = {
            self.partners[number]: oracle.facts_of(bought, today)
            for number, bought in self.purchases.items()
            if any(row[1] <= today for row in bought)
        }
        policy = oracle.Policy(median_gap=self.policy.median_gap)
        return {
            partner: (oracle.evaluate(known, policy, today), known)
            for partner, known in facts.items()
        }

    def _differences(self, today):
        stored, expected = self._stored(), self._expected(today)
        self.assertEqual(set(stored), set(expected), "other customers")
        return [
            (partner, stored[partner], verdict)
            for partner, (verdict, facts) in expected.items()
            if stored[partner] != self._as_row(partner, verdict, facts, today)
        ]

    def _next_date(self, partner, verdict, today):
        """The oracle's day, or the day of the purchase that follows: the addon has
        the whole history before it and knows when the next order begins to count.
        """
        later = [day for day in self.days[partner] if day > today]
        return min([verdict.next_evaluation_date, *later])

    def _as_row(self, partner, verdict, facts, today):
        return (
            verdict.stage,
            verdict.engagement_score,
            verdict.engagement_attainable,
            verdict.engagement_trend,
            round(verdict.churn_risk_score, DIGITS),
            verdict.health_score,
            verdict.churned_on,
            verdict.won_back_on,
            self._next_date(partner, verdict, today),
            facts.total_orders,
            round(facts.total_revenue, 2),
        )

    def test_every_customer_has_the_stage_and_scores_of_the_oracle(self):
        for today in DAYS:
            with self.subTest(today=str(today)):
                now = datetime.combine(today, time(18))
                self._make_everybody_due()
                self.engine.backfill(now)
                differences = self._differences(today)
                self.assertFalse(differences[:3], f"{len(differences)} differ")

    def _make_everybody_due(self):
        """Rows that are not due keep the next date of an earlier day."""
        self.env.cr.execute("UPDATE customer_lifecycle SET next_evaluation_date = NULL")

    def test_the_median_gap_is_the_median_of_the_customers_average_gaps(self):
        today = DAYS[-1]
        self.engine.backfill(datetime.combine(today, time(18)))
        gaps = [
            facts.average_order_gap
            for _verdict, facts in self._expected(today).values()
            if facts.average_order_gap
        ]
        self.assertAlmostEqual(self.policy.median_gap, median(gaps), places=6)

    def test_a_day_is_evaluated_alike_whether_counted_then_or_later(self):
        """Facts counted on one day answer for later days without the orders."""
        counted, asked = date(1997, 6, 30), date(1997, 7, 20)
        self.engine.backfill(datetime.combine(counted, time(18)))
        self.engine.evaluate_all_customers(datetime.combine(asked, time(18)))
        late = self._stored()
        self.engine.backfill(datetime.combine(asked, time(18)))
        self.engine.evaluate_all_customers(datetime.combine(asked, time(18)))
        fresh = self._stored()
        bought_between = {
            self.partners[number]
            for number, bought in self.purchases.items()
            if any(counted < row[1] <= asked for row in bought)
        }
        compared = set(fresh) - bought_between
        self.assertGreater(len(compared), 20_000)
        self.assertEqual(
            {key: late[key][:5] for key in compared},
            {key: fresh[key][:5] for key in compared},
        )
