from datetime import datetime, timedelta

from odoo.tests import freeze_time, tagged

from .common import DAY, NOON, WinbackCommon


@tagged("post_install", "-at_install")
class TestWinbackTargeting(WinbackCommon):
    """Who is asked back, who is not, and why."""

    def test_the_days_count_on_both_ends(self):
        people = {days: self._lapsed(days) for days in (29, 30, 31, 179, 180, 181)}
        campaign = self._campaign()
        self._target(campaign)
        found = self._of(campaign).customer_id
        wanted = [people[days] for days in (30, 31, 179, 180)]
        self.assertEqual(set(found), set(wanted))
        self.assertEqual(
            self._kept_out(self._campaign(priority=1)),
            {"too_recent": 1, "too_long_ago": 1, "in_attempt": 4},
        )

    def test_the_days_are_those_of_the_shop(self):
        # 20:00 UTC on the 13th is the 14th in Dhaka.
        self.shop.partner_id.tz = "Asia/Dhaka"
        person = self._person()
        late = datetime(2040, 5, 14, 19)  # the 15th in Dhaka
        with freeze_time(late):
            self._order(person, late, 10, self.shop)
        self._count_facts(NOON)
        campaign = self._campaign()
        self.assertEqual(self._target(campaign, datetime(2040, 6, 13, 17)), 0)
        self.assertEqual(self._target(campaign, datetime(2040, 6, 13, 20)), 1)

    def test_every_filter_has_its_reason(self):
        campaign = self._campaign(
            min_previous_orders=2,
            min_previous_spend=50,
            exclude_conditions=[["customer_id.name", "=", "No"]],
        )
        good = self._lapsed(orders=2, amount=100)
        self._lapsed(orders=1, amount=100)
        self._lapsed(orders=2, amount=10)
        self._lapsed(orders=2, amount=100, name="No")
        archived = self._lapsed(orders=2, amount=100)
        archived.active = False
        subscribed = self._lapsed(orders=2, amount=100)
        self._row(subscribed, self.shop).has_active_subscription = True
        never = self._person()
        self.lifecycle.sudo()._ensure(never, self.shop, NOON)
        self.assertEqual(
            self._kept_out(campaign),
            {
                "few_orders": 1,
                "low_spend": 1,
                "excluded": 1,
                "archived": 1,
                "subscribed": 1,
                "no_order": 1,
            },
        )
        with freeze_time(NOON):
            found = self.service.identify_candidates(campaign.id)
        self.assertEqual((found["customers"], found["candidates"]), (7, 1))
        self.assertEqual(found["filters"][-1]["left"], 1)
        self.assertEqual(
            found["top"],
            [
                {
                    "customer_id": good.id,
                    "customer_name": good.display_name,
                    "days_inactive": 60,
                    "total_orders": 2,
                    "total_revenue": 200.0,
                    "is_holdout": False,
                }
            ],
        )
        self._target(campaign)
        self.assertEqual(self._of(campaign).customer_id, good)

    # ------------------------------------------------------------------ not reachable
    def _opted_out(self, campaign):
        """{person: whether the policy would let an e-mail of the campaign pass}."""
        topic = campaign._contact_topic()
        other = self.env["contact.topic"].search([("id", "!=", topic.id)], limit=1)
        people = [self._lapsed(settle=False) for _each in range(7)]
        left_topic, left, blocked, back, other_topic, other_channel, _happy = people
        self._say(left_topic, "withdrawn", topic=topic)
        self._say(left, "withdrawn")
        self.env["mail.blacklist"].sudo()._add(blocked.email)
        self._say(back, "withdrawn")
        self._say(back, "granted", occurred_at=datetime(2040, 2, 1))
        self._say(other_topic, "withdrawn", topic=other)
        self._say(other_channel, "withdrawn", channel="sms")
        self._count_facts()
        return {person: place > 2 for place, person in enumerate(people)}

    def test_who_opted_out_of_all_messages_is_not_wooed(self):
        campaign = self._campaign(cooldown_days=0, daily_limit=4)
        found = self._opted_out(campaign)
        self.assertEqual(self._kept_out(campaign), {"not_reachable": 3})
        for day in range(3):
            self._target(campaign, NOON + day * DAY)
        wooed = self._of(campaign).customer_id
        self.assertEqual(set(wooed), {p for p, passes in found.items() if passes})
        # The policy, which is asked for each message, says the same of all.
        topic = campaign._contact_topic().id
        for person, passes in found.items():
            decision, _reason = self._verdict(person, topic=topic)
            self.assertEqual(decision == "send", passes)

    def _unreachable(self, campaign):
        return self._kept_out(campaign).get("not_reachable", 0)

    def test_another_channel_reaches_who_agreed_to_it(self):
        texts = {"name": "News", "kind": "message", "delay_hours": 24, "body": "Milk"}
        for channel in ("sms", "preferred"):
            campaign = self._campaign(start=False)
            step = {**texts, "channel": channel, "template_id": self.template.id}
            campaign.step_ids = [(0, 0, {**step, "sequence": 99, "code": channel})]
            campaign.action_start()
            found = self._opted_out(campaign)
            self.assertEqual(self._unreachable(campaign), 0)
            for person in found:
                self._say(person, "withdrawn", channel="push")
                self._say(person, "withdrawn", channel="sms", topic=None)
            # The three who said no to e-mail are left without any channel.
            self.assertEqual(self._unreachable(campaign), 3)
            campaign.action_archive()
            for person in found:
                person.active = False

    def test_who_never_said_no_is_wooed_as_ever(self):
        self.shop.email_consent_default = "opt_in"
        campaign = self._campaign()
        self._lapsed(agreed=False)
        self.assertEqual(self._unreachable(campaign), 0)

    def test_who_is_served_otherwise_is_reachable(self):
        for values in (
            {"channel": "activity", "title": "Call"},
            {
                "channel": "email",
                "template_id": self.template.id,
                "category": "service",
            },
        ):
            with self.subTest(channel=values["channel"]):
                campaign = self._campaign(start=False)
                step = {"name": "More", "code": "more", "kind": "message", **values}
                campaign.step_ids = [(0, 0, {**step, "sequence": 99})]
                campaign.action_start()
                person = self._lapsed()
                self._say(person, "withdrawn")
                self.assertEqual(self._unreachable(campaign), 0)
                campaign.action_archive()
                person.active = False

    def test_of_a_company_the_contact_is_asked(self):
        campaign = self._campaign()
        firm = self._person(is_company=True)
        contact = self._person(parent_id=firm.id)
        self._buys(contact, NOON - 60 * DAY)
        self._count_facts()
        self._say(firm, "withdrawn")
        self.assertEqual(self._kept_out(campaign), {})
        self._say(contact, "withdrawn")
        self.assertEqual(self._kept_out(campaign), {"not_reachable": 1})

    def test_the_dry_run_writes_nothing(self):
        campaign = self._campaign()
        self._lapsed()
        self._kept_out(campaign)
        self.assertFalse(self._of(campaign))
        with freeze_time(NOON):
            reach = campaign.get_reach()
        self.assertEqual((reach["entering"], reach["reached"]), (1, 1))
        self.assertFalse(self._of(campaign))

    def test_who_ordered_a_moment_ago_is_no_candidate(self):
        campaign = self._campaign()
        person = self._lapsed()
        # The event waits to be heard; the facts say sixty days.
        self._buys(person, NOON - timedelta(seconds=1))
        self.assertEqual(self._kept_out(campaign), {"ordered_since": 1})
        self.assertEqual(self._target(campaign), 0)

    # ---------------------------------------------------------------------- limits
    def test_the_richest_come_first_within_the_daily_limit(self):
        people = {spent: self._lapsed(amount=spent) for spent in (10, 500, 70, 300)}
        campaign = self._campaign(daily_limit=2)
        self.assertEqual(self._target(campaign), 2)
        self.assertEqual(
            set(self._of(campaign).customer_id), {people[500], people[300]}
        )
        # The day is used up, whoever asks.
        with freeze_time(NOON):
            found = self.service.start_attempts(campaign.id)
            self.assertEqual(found["started"], 0)
            look = self.service.identify_candidates(campaign.id)
        self.assertEqual((look["candidates"], look["starting"]), (2, 0))
        self.assertEqual(look["daily_limit_left"], 0)
        self.assertEqual(self._target(campaign, NOON + DAY), 2)
        self.assertEqual(set(self._of(campaign).customer_id), set(people.values()))

    def test_start_attempts_within_a_limit_of_the_call(self):
        people = {spent: self._lapsed(amount=spent) for spent in (10, 500, 70)}
        campaign = self._campaign()
        with freeze_time(NOON):
            found = self.service.start_attempts(campaign.id, 1)
            self.assertEqual((found["started"], found["control"]), (1, 0))
            self.assertEqual(self._of(campaign).customer_id, people[500])
            self.assertEqual(self.service.start_attempts(campaign.id)["started"], 2)
            self.assertEqual(self.service.start_attempts(campaign.id)["started"], 0)

    def test_twice_a_day_is_as_once(self):
        campaign = self._campaign()
        self._lapsed()
        self.assertIn(campaign, self.campaigns.sudo()._due_today(NOON))
        self.assertEqual(self._target(campaign), 1)
        self.assertNotIn(campaign, self.campaigns.sudo()._due_today(NOON))
        self.assertEqual(self._target(campaign), 0)
        self.assertIn(campaign, self.campaigns.sudo()._due_today(NOON + DAY))

    def test_the_engines_job_looks_every_day(self):
        campaign = self._campaign()
        self._lapsed()
        job = self.env.ref("journey_engine.ir_cron_journey_enter_daily")
        with self.enter_registry_test_mode(), freeze_time(NOON):
            job.method_direct_trigger()
        self.assertEqual(len(self._of(campaign)), 1)
        crons = self.env["ir.cron"].search([("code", "like", "winback")])
        self.assertFalse(crons)

    # ------------------------------------------------------------------- campaigns
    def test_two_campaigns_want_the_same_customer(self):
        second = self._campaign(priority=20)
        first = self._campaign(priority=30)
        person = self._lapsed()
        found = self.scheduler._daily_definitions(NOON)
        ours = [d for d in found if d._name == "winback.campaign"]
        self.assertEqual(ours, [first, second])
        for campaign in ours:
            self._target(campaign)
        self.assertEqual(self._of(first).customer_id, person)
        self.assertFalse(self._of(second))
        self.assertEqual(self._kept_out(second), {"in_attempt": 1})

    def test_a_higher_campaign_does_not_take_a_customer_over(self):
        lower = self._campaign(priority=20)
        self._lapsed()
        self._target(lower)
        higher = self._campaign(priority=90)
        self.assertEqual(self._target(higher), 0)
        self.assertEqual(self._of(lower).status, "active")

    def test_other_journeys_of_the_group_come_first(self):
        campaign = self._campaign(priority=20)
        person = self._lapsed()
        self.env["journey.slot"].sudo().create(
            {
                "customer_id": person.id,
                "company_id": self.shop.id,
                "exclusive_group": "retention",
                "run_model": "winback.attempt",
                "run_id": 2**30,
                "priority": 25,
            }
        )
        self.assertEqual(self._kept_out(campaign), {"exclusive_group": 1})
        self.assertEqual(self._target(campaign), 0)

    def test_the_cooldown_holds_over_all_campaigns(self):
        first = self._campaign(max_days_inactive=3650)
        person = self._lapsed()
        self._target(first)
        self._walk(0, 30)
        self.assertEqual(self._of(first).status, "exhausted")
        ended = self._of(first).completed_at
        second = self._campaign(max_days_inactive=3650, cooldown_days=90)
        for at, expected in (
            (ended + 90 * DAY - timedelta(minutes=1), 0),
            (ended + 90 * DAY, 1),
        ):
            if not expected:
                self.assertEqual(self._kept_out(second, at), {"cooldown": 1})
            self.assertEqual(self._target(second, at), expected)
        self.assertEqual(self._of(second).customer_id, person)

    def test_attempts_count_since_the_last_order(self):
        campaign = self._campaign(
            hours=(0,), max_attempts=2, cooldown_days=0, max_days_inactive=3650
        )
        person = self._lapsed()
        day = 0
        for number in (1, 2):
            self.assertEqual(self._target(campaign, NOON + day * DAY), 1)
            self.assertEqual(self._of(campaign)[-1].attempt_number, number)
            self._walk(day, day + 15)
            self.assertEqual(self._of(campaign)[-1].status, "exhausted")
            day += 20
        self.assertEqual(
            self._kept_out(campaign, NOON + day * DAY), {"attempts_used": 1}
        )
        self.assertEqual(self._target(campaign, NOON + day * DAY), 0)
        self._buys(person, NOON + day * DAY)
        day += 40
        self._count_facts(NOON + day * DAY)
        self.assertEqual(self._target(campaign, NOON + day * DAY), 1)
        self.assertEqual(self._of(campaign)[-1].attempt_number, 1)

    # --------------------------------------------------------------------- control
    def test_the_control_group_walks_in_silence_and_counts_nowhere(self):
        campaign = self._campaign(holdout_percent=100)
        self._lapsed()
        with freeze_time(NOON):
            found = self.service.start_attempts(campaign.id)
        self.assertEqual((found["started"], found["control"]), (1, 1))
        self._walk(0, 30)
        attempt = self._of(campaign)
        self.assertTrue(attempt.is_holdout)
        self.assertEqual(attempt.emails_sent, 0)
        self.assertEqual({state for _c, state, _r in self._log(attempt)}, {"skipped"})
        self.assertEqual((campaign.total_targeted, campaign.total_ended), (0, 0))

    def test_the_control_group_is_stable(self):
        campaign = self._campaign(holdout_percent=30)
        for _each in range(30):
            self._lapsed(settle=False)
        self._count_facts()
        with freeze_time(NOON):
            found = self.service.identify_candidates(campaign.id)
        shown = {row["customer_id"] for row in found["top"] if row["is_holdout"]}
        named = {row["customer_id"] for row in found["top"]}
        self._target(campaign)
        held = self._of(campaign).filtered("is_holdout").customer_id
        self.assertTrue(0 < len(held) < 30)
        self.assertEqual(shown, {p.id for p in held} & named)

    # ---------------------------------------------------------------------- bounds
    def test_targeting_takes_as_many_statements_for_many(self):
        counts = []
        for size in (3, 30):
            campaign = self._campaign(daily_limit=1000, priority=20)
            for _each in range(size):
                self._lapsed(settle=False)
            self._count_facts()
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self.assertEqual(self._target(campaign), size)
            counts.append(self.env.cr.sql_log_count - before)
        self.assertLessEqual(counts[1], counts[0])
        campaign = self._campaign()
        self.env.flush_all()
        self.env.invalidate_all()
        with self.assertQueryCount(25):
            self._target(campaign)
