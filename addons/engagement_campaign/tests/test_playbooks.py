from datetime import timedelta

from odoo.tests import freeze_time, new_test_user, tagged

from .common import NOON, CampaignCommon

# What each playbook does in its first nine days: (day, hours, step, channel, state).
CALENDAR = {
    "payment_failed_rescue": [
        (0, "update", "email", "queued"),
        (24, "reminder", "sms", "queued"),
        (48, "contact", "internal", "sent"),
    ],
    "trial_ending": [
        (0, "three_days", "email", "queued"),
        (48, "last_day", "sms", "queued"),
    ],
    "inactivity_nudge": [
        (0, "miss_you", "sms", "queued"),
        (72, "code", "email", "queued"),
    ],
    "winback": [
        (24, "feedback", "email", "queued"),
        (168, "invitation", "email", "queued"),
    ],
    "churn_risk": [
        (0, "support", "email", "queued"),
        (48, "contact", "internal", "sent"),
    ],
    "retention_valuable": [
        (0, "message", "email", "queued"),
        (72, "offer", "email", "queued"),
        (168, "call", "activity", "sent"),
    ],
    "retention_unhappy": [
        (0, "call", "activity", "sent"),
        (48, "message", "email", "queued"),
    ],
    "retention_basket": [
        (0, "offer", "email", "queued"),
        (96, "message", "email", "queued"),
        (192, "call", "activity", "sent"),
    ],
    "retention_dormant": [
        (0, "offer", "email", "queued"),
        (168, "call", "activity", "skipped"),
    ],
    "welcome_series": [
        (0, "welcome", "email", "queued"),
        (72, "how_it_works", "email", "queued"),
        (168, "first_order", "email", "queued"),
    ],
    "first_order_thanks": [
        (2, "thanks", "email", "queued"),
        (168, "goes_well", "email", "queued"),
    ],
    "review_request": [(48, "review", "email", "queued")],
    "milestone_congrats": [
        (0, "congrats", "sms", "queued"),
        (24, "share", "email", "queued"),
    ],
    "anniversary": [(0, "anniversary", "email", "queued")],
    "birthday": [(0, "birthday", "email", "queued")],
}
OFFERS = {
    "payment_failed_rescue": (20, "CRM20-"),
    "trial_ending": (15, "CRM15-"),
    "inactivity_nudge": (10, "CRM10-"),
    "winback": (30, "CRM30-"),
}
HOURS = (0, 1, 2, 24, 25, 48, 49, 72, 73, 96, 97, 168, 169, 192, 193)


@tagged("post_install", "-at_install")
class TestPlaybooks(CampaignCommon):
    """Each shipped playbook, from what starts it to its last step."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["contact.frequency.cap"].search([("id", ">", 0)]).active = False
        cls.campaigns._ship(cls.shop)
        policy = cls.env["lifecycle.policy"]._ensure(cls.shop)
        policy.high_value_from = 1000
        cls.owner = new_test_user(
            cls.env, "playbook_owner", "sales_team.group_sale_salesman"
        )

    def _playbook(self, code):
        return self.campaigns.search(
            [("code", "=", code), ("company_id", "=", self.shop.id)]
        )

    def _walk(self, code, start, most=195):
        """Switch a playbook on, start it, and note what is decided when."""
        playbook = self._playbook(code)
        with freeze_time(NOON):
            playbook.action_start()
        person = self._person(user_id=self.owner.id)
        self._say(person, "granted", channel="sms")
        start(person, playbook)
        run = self._of(playbook, person)
        self.assertEqual(len(run), 1, code)
        for hours in HOURS:
            if hours <= most:
                self._process(hours)
        return run

    def _told(self, run):
        return [
            (
                round((d.scheduled_at - NOON).total_seconds() / 3600),
                d.step_code,
                d.channel,
                d.state,
            )
            for d in run.delivery_ids.sorted("id")
        ]

    # ------------------------------------------------------------------- what starts
    def _joins(self, person):
        self.lifecycle.sudo()._ensure(person, self.shop, NOON)
        self._hand_out()

    def _by_event(self, event_type):
        def start(person, playbook):
            self.lifecycle.sudo()._ensure(person, self.shop, NOON)
            self._happens(person, event_type)
            self._hand_out()

        return start

    def _by_stage(self, stage, **values):
        def start(person, playbook):
            self._joins(person)
            self._row(person, self.shop).write(values)
            self._move([person], stage)

        return start

    def _on_day(self, person, playbook):
        self._joins(person)
        playbook._enter_daily(NOON)

    def _by_milestone(self, person, playbook):
        self._joins(person)
        for hours in range(-5, 0):
            self._buys(person, hours)
        self._hand_out()

    def _silent(self, person, playbook):
        self._joins(person)
        day = NOON.date() - timedelta(days=14)
        self._row(person, self.shop).last_order_date = day
        playbook._enter_daily(NOON)

    def _unhappy(self, person, playbook):
        self._joins(person)
        now = self.env.cr.now()
        self._happens(person, "review_posted", at=now, data={"rating": 1})
        self._move([person], "at_risk")

    def _smaller(self, person, playbook):
        self._joins(person)
        for hours, quantity in ((-30, 9), (-20, 9), (-10, 1)):
            moment = NOON + timedelta(hours=hours)
            order = self._create_order(person, moment, company=self.shop)
            order.order_line.product_uom_qty = quantity
            order.action_confirm()
            order.date_order = moment
        self.env.flush_all()
        self._move([person], "at_risk")

    def _starts(self):
        return {
            "payment_failed_rescue": self._by_event("payment_failed"),
            "trial_ending": self._by_event("trial_ending"),
            "inactivity_nudge": self._silent,
            "winback": self._by_event("subscription_ended"),
            "churn_risk": self._by_stage("at_risk"),
            "retention_valuable": self._by_stage("at_risk", total_revenue=9999),
            "retention_unhappy": self._unhappy,
            "retention_basket": self._smaller,
            "retention_dormant": self._by_stage("dormant"),
            "welcome_series": lambda person, _playbook: self._joins(person),
            "first_order_thanks": self._by_event("first_order_placed"),
            "review_request": self._by_event("delivery_done"),
            "milestone_congrats": self._by_milestone,
            "anniversary": self._long_ago,
            "birthday": self._born,
        }

    def _long_ago(self, person, playbook):
        self._joins(person)
        self._row(person, self.shop).customer_since = "2036-06-13"
        playbook._enter_daily(NOON)

    def _born(self, person, playbook):
        person.birthday = "1990-06-13"
        self._on_day(person, playbook)

    # ---------------------------------------------------------------------- calendar
    def test_every_shipped_playbook_has_its_calendar(self):
        shipped = self.campaigns._shipped()
        self.assertEqual(set(shipped.mapped("code")), set(CALENDAR))
        self.assertFalse(any(shipped.mapped("is_active")))

    def test_the_calendar_of_each_playbook(self):
        starts = self._starts()
        for code, calendar in CALENDAR.items():
            with self.subTest(playbook=code):
                run = self._walk(code, starts[code])
                self.assertEqual(self._told(run), calendar)
                self._playbook(code).action_stop()

    def test_codes_are_worth_what_the_playbook_promises(self):
        starts = self._starts()
        for code, (value, prefix) in OFFERS.items():
            with self.subTest(playbook=code):
                run = self._walk(code, starts[code])
                card = run.delivery_ids.card_id
                self.assertEqual(len(card), 1)
                self.assertTrue(card.code.startswith(prefix))
                self.assertEqual(card.program_id.reward_ids.discount, value)
                issued = run.delivery_ids.filtered("card_id").decided_at
                left = (card.expiration_date - issued.date()).days
                self.assertEqual(left, 7)
                told = run.delivery_ids.filtered("card_id")
                text = told.mail_mail_id.body_html or told.sms_id.body
                self.assertIn(card.code, text)
                self._playbook(code).action_stop()

    def test_who_orders_leaves_the_ladder(self):
        for code in ("retention_valuable", "churn_risk", "inactivity_nudge"):
            with self.subTest(playbook=code):
                run = self._walk(code, self._starts()[code], most=2)
                self._buys(run.customer_id, 3)
                for hours in HOURS[3:]:
                    self._process(hours)
                sent = [t for t in self._told(run) if t[3] in ("sent", "queued")]
                self.assertLessEqual(len(sent), 1)
                self.assertEqual(run.status, "converted")
                self._playbook(code).action_stop()

    def test_who_pays_is_rescued(self):
        run = self._walk(
            "payment_failed_rescue", self._by_event("payment_failed"), most=2
        )
        moment = NOON + timedelta(hours=3)
        self._happens(run.customer_id, "payment_done", at=moment, data={"value": 9})
        self._hand_out(moment)
        self.assertRecordValues(run, [{"status": "converted", "conversion_value": 9}])
        found = self.service.get_stats("payment_failed_rescue")
        self.assertEqual((found["rescued"], found["total_value"]), (1, 9))

    def test_the_most_fitting_rung_wins(self):
        for code in CALENDAR:
            playbook = self._playbook(code)
            if playbook.exclusive_group == "retention":
                playbook.action_start()
        person = self._person(user_id=self.owner.id)
        self._unhappy(person, None)
        runs = self.enrollments.search([("customer_id", "=", person.id)])
        self.assertEqual(runs.campaign_id.code, "retention_unhappy")

    def test_an_offer_below_the_margin_floor_is_not_promised(self):
        self.product.with_company(self.shop).standard_price = 9.5
        person = self._member(user_id=self.owner.id)
        self._row(person, self.shop).total_revenue = 9999
        self._buys(person, -50, 10)
        playbook = self._playbook("retention_valuable")
        playbook.action_start()
        self._move([person], "at_risk")
        for hours in HOURS:
            self._process(hours)
        run = self._of(playbook)
        self.assertFalse(run.delivery_ids.card_id)

    def test_the_margin_of_long_ago_counts_and_so_does_that_of_others(self):
        self.product.with_company(self.shop).standard_price = 9.5
        silent, newcomer, other = self._member(), self._member(), self._member()
        self._buys(silent, -24 * 400, 10)
        self._buys(other, -50, 10)
        offer = self._offer(value=30, margin_floor=5)
        found = offer._too_dear({silent.id, newcomer.id, other.id}, NOON)
        self.assertEqual(found, {silent.id, newcomer.id, other.id})
        self.product.with_company(self.shop).standard_price = 1
        rich = self._member()
        self._buys(rich, -24 * 400, 10)
        self.assertFalse(offer._too_dear({rich.id}, NOON))
        gift = self._offer(
            offer_type="product", product_id=self.product.id, margin_floor=50
        )
        self.product.with_company(self.shop).standard_price = 8
        self.assertEqual(gift._too_dear({rich.id}, NOON), {rich.id})
        gift.margin_floor = 5
        self.assertFalse(gift._too_dear({rich.id}, NOON))

    def test_buyers_are_not_asked_for_their_first_order(self):
        for code in ("welcome_series", "first_order_thanks"):
            self._playbook(code).action_start()
        person = self._person()
        self._buys(person, -1)
        self._settle_facts(person)
        self._hand_out()
        for hours in HOURS:
            self._process(hours)
        mails = self.deliveries.search([("customer_id", "=", person.id)])
        sent = mails.filtered(lambda d: d.state in ("queued", "sent"))
        self.assertEqual(
            sent.sorted("decided_at").mapped("step_code"), ["thanks", "goes_well"]
        )

    def test_a_buyer_does_not_hear_of_a_first_order_from_the_series_alone(self):
        self._playbook("welcome_series").action_start()
        person = self._member()
        self._buys(person, -1)
        self._happens(person, "signup", key=f"late:{person.id}")
        self._settle_facts(person)
        for hours in HOURS:
            self._process(hours)
        found = self.deliveries.search(
            [("customer_id", "=", person.id), ("step_code", "=", "first_order")]
        )
        self.assertNotIn("queued", found.mapped("state"))

    def _settle_facts(self, person):
        self._hand_out()
        with freeze_time(NOON):
            self.env["lifecycle.engine"].sudo().evaluate_customers(person.ids)

    def test_what_others_made_is_not_shipped(self):
        mine = self._campaign(start=False)
        mine.export_data(["id"])
        self.assertNotIn(mine, self.campaigns._shipped())
        segment = self.env["customer.segment"].create(
            {"name": "Mine", "company_id": self.env.ref("base.main_company").id}
        )
        self.campaigns._shipped()[0].target_segment_id = segment
        company = self._create_company()
        self.assertEqual(len(self.campaigns._ship(company)), len(CALENDAR))

    def test_every_company_gets_its_own_once(self):
        company = self._create_company()
        self.assertEqual(len(self.campaigns._ship(company)), len(CALENDAR))
        self.assertFalse(self.campaigns._ship(company))
        copies = self.campaigns.search([("company_id", "=", company.id)])
        self.assertEqual(copies.offer_id.company_id, company)
        shipped = self.campaigns._shipped()
        for copy in copies:
            origin = shipped.filtered(lambda s, c=copy: s.code == c.code)
            self.assertEqual(copy.email_sequence, origin.email_sequence)
            self.assertEqual(copy.trigger_config, origin.trigger_config)
            self.assertEqual(copy.offer_config, origin.offer_config)

    @freeze_time(NOON)
    def test_a_playbook_from_its_json_is_the_same(self):
        for code in CALENDAR:
            origin = self._playbook(code)
            with self.subTest(playbook=code):
                number = self.campaigns.import_json(
                    {**origin.export_json(), "code": f"{code}_twin"}
                )
                twin = self.campaigns.browse(number)
                for name in ("trigger_config", "email_sequence", "offer_config"):
                    self.assertEqual(twin[name], origin[name])
                self.assertEqual(twin.target_conditions, origin.target_conditions)
