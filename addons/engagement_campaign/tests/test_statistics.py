import random
from ast import literal_eval
from collections import Counter
from datetime import timedelta

from lxml import etree

from odoo.exceptions import ValidationError
from odoo.tests import freeze_time, new_test_user, tagged

from .common import NOON, CampaignCommon

FAILED = {"trigger_type": "event", "event_type": "payment_failed"}
CODES = ("step_1", "step_2", "step_3")


@tagged("post_install", "-at_install")
class TestStatistics(CampaignCommon):
    """Every figure of the statistics, computed again in plain Python."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.dice = random.Random(5)
        people = [cls._member(agreed=cls.dice.random() < 0.8) for _each in range(40)]
        cls.campaign = cls._campaign(
            FAILED, hours=(0, 24, 72), holdout_percent=25, offer_id=cls._offer().id
        )
        for person in people:
            cls._happens(person, "payment_failed")
        cls._hand_out()
        cls.runs = cls._of(cls.campaign)
        cls._live()

    @classmethod
    def _live(cls):
        """Customers open, click and order at random for six days."""
        for day in range(6):
            cls._process(24 * day + 1)
            for run in cls.runs:
                cls._react(run, day)
            cls._hand_out(NOON + timedelta(days=day, hours=5))
        cls.env.invalidate_all()

    @classmethod
    def _react(cls, run, day):
        moment = NOON + timedelta(days=day, hours=3)
        for trace in run.delivery_ids.trace_id:
            with freeze_time(moment):
                if cls.dice.random() < 0.3:
                    trace.set_opened()
            if cls.dice.random() < 0.2:
                cls._click(trace, moment)
        if cls.dice.random() < 0.08:
            order = cls._buys(run.customer_id, 24 * day + 4, cls.dice.randint(10, 90))
            if cls.dice.random() < 0.3:
                order._action_cancel()

    @classmethod
    def _click(cls, trace, moment):
        link = cls.env["link.tracker"].search_or_create(
            [{"url": "https://shop.example.com/milk"}]
        )
        click = cls.env["link.tracker.click"].create(
            {"link_id": link.id, "mailing_trace_id": trace.id}
        )
        click.flush_recordset()
        cls.env.cr.execute(
            "UPDATE link_tracker_click SET create_date = %s, is_automatic = FALSE"
            " WHERE id = %s",
            [moment, click.id],
        )
        deliveries = cls.deliveries.search([("trace_id", "=", trace.id)])
        deliveries._count_engagement(deliveries.ids)

    def _treated(self):
        return self.runs.filtered(lambda run: not run.is_holdout)

    def _orders(self, run):
        """Orders of the window, the first first."""
        return self.env["sale.order"].search(
            [
                ("partner_id", "=", run.customer_id.id),
                ("state", "=", "sale"),
                ("date_order", ">=", run.started_at),
                ("date_order", "<=", run.started_at + timedelta(days=14)),
            ],
            order="date_order, id",
        )

    def test_the_totals(self):
        treated = self._treated()
        won = {run: self._orders(run)[:1] for run in treated if self._orders(run)}
        self.assertTrue(won and len(won) < len(treated) < len(self.runs))
        deliveries = treated.delivery_ids
        sent = deliveries.filtered(lambda d: d.state not in ("skipped", "cancelled"))
        opened = sent.filtered(lambda d: d.opened_at or d.clicked_at)
        campaign = self.campaign
        self.assertEqual(campaign.total_enrolled, len(treated))
        self.assertEqual(campaign.total_converted, len(won))
        self.assertEqual(
            campaign.total_completed,
            len(treated.filtered(lambda r: r.run_state == "done")) - len(won),
        )
        self.assertEqual(campaign.total_active, 0)
        self.assertAlmostEqual(campaign.conversion_rate, 100 * len(won) / len(treated))
        self.assertAlmostEqual(
            campaign.revenue, sum(order.amount_untaxed for order in won.values())
        )
        self.assertEqual(campaign.sent_count, len(sent))
        self.assertAlmostEqual(campaign.opened_rate, 100 * len(opened) / len(sent))
        clicked = sent.filtered("clicked_at")
        self.assertTrue(clicked)
        self.assertAlmostEqual(campaign.clicked_rate, 100 * len(clicked) / len(sent))

    def test_the_steps(self):
        found = self.campaign.get_statistics()["steps"]
        self.assertEqual([row["code"] for row in found], list(CODES))
        earned = Counter()
        for run in self._treated().filtered(lambda r: r.status == "converted"):
            before = run.delivery_ids.filtered(
                lambda d, r=run: (
                    d.state in ("queued", "sent", "opened", "clicked")
                    and d.decided_at <= r.converted_at
                )
            ).sorted(lambda d: (d.decided_at, d.id))
            if before:
                earned[before[-1].step_code] += 1
        for row in found:
            mine = self._treated().delivery_ids.filtered(
                lambda d, code=row["code"]: d.step_code == code
            )
            sent = mine.filtered(lambda d: d.state not in ("skipped", "cancelled"))
            self.assertEqual(row["deliveries"], len(mine))
            self.assertEqual(row["sent"], len(sent))
            self.assertEqual(row["opened"], len(sent.filtered("opened_at")))
            self.assertEqual(row["clicked"], len(sent.filtered("clicked_at")))
            self.assertEqual(row["converted"], earned[row["code"]])
            self.assertEqual(
                row["not_sent"],
                dict(Counter((d.reason or d.state) for d in mine - sent)),
            )
        self.assertTrue(sum(earned.values()))

    def test_the_funnel(self):
        treated = self._treated()
        sent = treated.delivery_ids.filtered(
            lambda d: d.state not in ("skipped", "cancelled", "bounced")
        )
        passes = {
            "enrolled": treated,
            "reached": treated.browse(sent.mapped("run_id")),
            "opened": treated.browse(sent.filtered("opened_at").mapped("run_id")),
            "clicked": treated.browse(sent.filtered("clicked_at").mapped("run_id")),
            "converted": treated.filtered(lambda r: r.status == "converted"),
        }
        expected = {name: len(set(runs.ids)) for name, runs in passes.items()}
        self.assertEqual(self.campaign.get_course()["funnel"], expected)
        self.assertGreaterEqual(expected["reached"], expected["opened"])
        self.assertGreaterEqual(expected["opened"], expected["clicked"])

    def test_what_colleagues_are_told_reaches_no_customer(self):
        self._stop_others()
        owner = new_test_user(
            self.env,
            "statistics_owner",
            "sales_team.group_sale_salesman",
            company_id=self.shop.id,
            company_ids=self.shop.ids,
        )
        campaign = self._campaign(FAILED, start=False)
        campaign.email_sequence = [
            {"delay_hours": 0, "template_id": self.template.id},
            {"delay_hours": 1, "channel": "internal", "title": "Call"},
        ]
        with freeze_time(NOON):
            campaign.action_start()
        told, untold = self._member(user_id=owner.id), self._person(agreed=False)
        untold.user_id = owner
        self.lifecycle.sudo()._ensure(untold, self.shop, NOON)
        for person in told | untold:
            self._happens(person, "payment_failed")
        self._hand_out()
        self._process(1)
        self._of(campaign, told).delivery_ids.trace_id.set_sent()
        self.deliveries._follow_traces()
        self._process(3)
        for person in told | untold:
            self._buys(person, 5)
        self._hand_out(NOON + timedelta(hours=6))
        funnel = campaign.get_course()["funnel"]
        self.assertEqual(
            (funnel["enrolled"], funnel["reached"], funnel["converted"]), (2, 1, 2)
        )
        runs = self._of(campaign, told) + self._of(campaign, untold)
        self.assertEqual(runs.mapped("earned_by"), ["step_1", False])
        mail, call = campaign.get_statistics()["steps"]
        self.assertEqual((mail["converted"], call["converted"]), (1, 0))
        self.assertEqual((call["sent"], call["to_customers"]), (2, 0))
        self.assertEqual((mail["to_colleagues"], call["to_colleagues"]), (False, True))

    def _stop_others(self):
        """Whom the class's campaign draws for its control group depends on ids."""
        self.campaigns.search([]).action_stop()

    def test_an_order_counts_once_in_all_campaigns_together(self):
        self._stop_others()
        campaigns = self.campaigns.browse(self._campaign(FAILED).id for _each in "abc")
        before = self._together()
        person, by_hand = self._member(), self._member()
        for each in (person, by_hand):
            self._happens(each, "payment_failed")
        self._hand_out()
        self._process(1)
        self._buys(person, 2, 100)
        self._hand_out(NOON + timedelta(hours=3))
        self._of(campaigns[0], by_hand)._mark_converted(self.env["sale.order"], 40)
        self.env.flush_all()
        self.env.invalidate_all()
        self.assertEqual(campaigns.mapped("revenue"), [140, 100, 100])
        found = campaigns._revenue_once()
        self.assertEqual(found, {self.shop.id: (2, 140.0)})
        count, revenue, stats = self._together()
        self.assertEqual((count - before[0], revenue - before[1]), (2, 140))
        self.assertEqual(stats["total_value"] - before[2]["total_value"], 140)
        self.assertEqual(stats["converted"] - before[2]["converted"], 4)
        self.assertAlmostEqual(stats["average_value"], stats["total_value"] / count)

    def _together(self):
        """Conversions and revenue of all campaigns, and what the service says."""
        totals = self.campaigns.with_company(self.shop).get_total_revenue()
        mine = [row for row in totals if row["company_id"] == self.shop.id]
        stats = self.service.with_context(allowed_company_ids=self.shop.ids).get_stats()
        self.assertTrue(mine)
        return mine[0]["conversions"], mine[0]["revenue"], stats

    def test_the_participants_are_as_many_as_the_button_says(self):
        self.assertTrue(self.runs.filtered("is_holdout"))
        action = self.campaign.action_participants()
        view = self.env.ref("engagement_campaign.campaign_enrollment_view_search")
        arch = etree.fromstring(view.arch)
        domain = list(action["domain"])
        for name in action["context"]:
            (chosen,) = arch.findall(
                f".//filter[@name='{name.removeprefix('search_default_')}']"
            )
            domain += literal_eval(chosen.get("domain"))
        self.assertEqual(
            self.enrollments.search_count(domain), self.campaign.total_enrolled
        )

    def test_figures_are_of_one_campaign(self):
        two = self.campaign + self._campaign(FAILED, start=False)
        names = ("get_statistics", "get_course", "get_lift", "get_reach", "export_json")
        for name in (*names, "dry_run"):
            for several in (two, self.campaigns):
                refused = self.assertRaisesRegex(ValidationError, "^ids: .*exactly one")
                with self.subTest(name=name, ids=several.ids), refused:
                    getattr(several, name)()

    def test_the_preview_of_a_step_shows_the_same(self):
        for row in self.campaign.get_statistics()["steps"]:
            step = self.campaign.step_ids.filtered(
                lambda s, code=row["code"]: s.code == code
            )
            self.assertEqual(step.sent_count, row["sent"])
            self.assertEqual(step.opened_count, row["opened"])
            self.assertEqual(step.not_sent_count, sum(row["not_sent"].values()))

    def test_what_was_summarised_still_counts(self):
        before = self.campaign.get_statistics()
        summaries = self.env["journey.delivery.summary"].sudo()
        with freeze_time(NOON + timedelta(days=800)):
            summaries._gc_deliveries()
        self.env.invalidate_all()
        self.assertLess(len(self.runs.delivery_ids), 10)
        after = self.campaign.get_statistics()
        for name in ("sent_count", "opened_rate", "clicked_rate", "revenue"):
            self.assertEqual(after[name], before[name], name)

    def test_the_figures_take_as_few_statements_for_many_campaigns(self):
        others = self.campaigns.browse(
            self._campaign(FAILED, start=False).id for _each in range(6)
        )
        names = ["total_enrolled", "revenue", "offer_cost", "opened_rate"]
        self.env.flush_all()
        self.env.invalidate_all()
        # One of them asks a bridge what offers gave at once.
        with self.assertQueryCount(8):
            (self.campaign | others).read(names)

    def test_codes_that_pay_cost_what_they_gave(self):
        card = self.runs.delivery_ids.card_id[:1]
        customer = card.partner_id
        order = self._create_order(customer, NOON + timedelta(days=7), 100, self.shop)
        order._try_apply_code(card.code)
        rewards = order._get_claimable_rewards()
        for coupon, reward in rewards.items():
            order._apply_program_reward(reward, coupon)
        order.action_confirm()
        self.env.flush_all()
        self.campaign.invalidate_recordset()
        self.assertAlmostEqual(self.campaign.offer_cost, 10)
        run = card and self.runs.filtered(lambda r: card in r.delivery_ids.card_id)
        self.assertTrue(run.offer_used)
