import json
from xmlrpc.client import dumps

from odoo.exceptions import AccessError, ValidationError
from odoo.tests import freeze_time, new_test_user, tagged

from .common import NOON, CampaignCommon

FAILED = {"trigger_type": "event", "event_type": "payment_failed"}
USER = "customer_lifecycle.group_lifecycle_user"
MANAGER = "customer_lifecycle.group_lifecycle_manager"


@freeze_time(NOON)
@tagged("post_install", "-at_install")
class TestService(CampaignCommon):
    """The external API: plain in, plain out, for marketers of the company."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.marketer = cls._user("service_marketer", USER)
        cls.manager = cls._user("service_manager", MANAGER)
        cls.portal = new_test_user(cls.env, "service_portal", "base.group_portal")
        elsewhere = cls._create_company()
        cls.stranger = cls._user("service_stranger", MANAGER, elsewhere)
        cls.api = cls.service.with_user(cls.marketer)
        cls.campaign = cls._campaign(
            FAILED, hours=(0, 48), offer_id=cls._offer(code_prefix="CRM20-").id
        )
        cls.person = cls._member()

    @classmethod
    def _user(cls, login, group, company=None):
        company = company or cls.shop
        return new_test_user(
            cls.env, login, group, company_id=company.id, company_ids=company.ids
        )

    def _start(self, person=None, **values):
        person = person or self.person
        return self.api.start_playbook(self.campaign.code, person.id, **values)

    def _plain(self, value):
        """Return the value if XML-RPC and JSON can carry it."""
        dumps((value,), methodresponse=True)
        return json.loads(json.dumps(value))

    def test_playbooks_are_listed(self):
        (found,) = [
            row
            for row in self._plain(self.api.list_playbooks())
            if row["code"] == self.campaign.code
        ]
        self.assertEqual(found["trigger_config"], FAILED)
        self.assertEqual((found["is_active"], found["steps"]), (True, 2))

    def test_a_start_that_is_repeated_returns_what_runs(self):
        first = self._plain(self._start(context={"order": "S1"}))
        again = self._start()
        self.assertEqual((first["created"], again["created"]), (True, False))
        self.assertEqual(first["enrollment_id"], again["enrollment_id"])
        run = self._of(self.campaign)
        self.assertEqual(run.context, {"source": "service", "order": "S1"})

    def test_a_contact_counts_for_its_company(self):
        firm = self._member(is_company=True)
        contact = self._person(parent_id=firm.id)
        self._start(contact)
        self.assertEqual(self._of(self.campaign).customer_id, firm)

    def test_why_somebody_may_not_enter(self):
        self._start()
        self._of(self.campaign).action_cancel()
        self.assertEqual(self._start()["reason"], "reentry")
        archived = self._member()
        archived.active = False
        self.assertEqual(self._start(archived)["reason"], "archived")

    def test_what_is_empty_can_be_told_over_xml_rpc(self):
        campaign = self._campaign({"trigger_type": "event", "event_type": "signup"})
        self._happens(self.person, "signup", key=f"again:{self.person.id}")
        self._hand_out()
        self.assertTrue(self._of(campaign))
        self._plain(self.api.get_executions(campaign.code))
        self._plain(self._of(campaign).read(["context"]))
        self._start(data={"note": None, "list": [None], "big": 2**40})
        self._plain(self.api.get_executions(self.campaign.code))
        campaign.target_conditions = [["customer_id.ref", "=", None]]
        self._plain(campaign.read(["target_conditions"]))

    def test_another_campaign_of_the_group_is_the_reason(self):
        self.campaign.write({"exclusive_group": "rescue", "max_sends_per_customer": 0})
        self._start()
        self._of(self.campaign).action_cancel()
        other = self._campaign(FAILED, exclusive_group="rescue", priority=99)
        found = self.api.start_playbook(other.code, self.person.id)
        self.assertTrue(found["created"])
        self.assertEqual(self._start()["reason"], "exclusive_group")

    def test_each_shortcut_starts_its_playbook(self):
        shortcuts = {
            "payment_failed_rescue": "trigger_payment_failed",
            "trial_ending": "trigger_trial_ending",
            "inactivity_nudge": "trigger_inactivity",
            "churn_risk": "trigger_churn_risk",
            "milestone_congrats": "trigger_milestone",
            "winback": "trigger_winback",
        }
        for code, method in shortcuts.items():
            with self.subTest(code=code):
                with self.assertRaises(ValidationError) as caught:
                    getattr(self.api, method)(self.person.id)
                self.assertIn(code, str(caught.exception))
                campaign = self._campaign(FAILED, code=code)
                found = getattr(self.api, method)(self.person.id, {"why": "test"})
                self.assertTrue(found["created"])
                self.assertEqual(self._of(campaign).customer_id, self.person)

    def test_executions_are_found(self):
        self._start()
        done = self._member()
        self._start(done)
        self._of(self.campaign, done).action_cancel()
        for values, people in (
            ({}, done | self.person),
            ({"status": "active"}, self.person),
            ({"status": "cancelled"}, done),
            ({"customer_id": done.id}, done),
            ({"limit": 1}, done),
            ({"limit": 1, "offset": 1}, self.person),
        ):
            with self.subTest(values=values):
                found = self._plain(
                    self.api.get_executions(self.campaign.code, **values)
                )
                self.assertEqual({row["customer_id"] for row in found}, set(people.ids))
        row = self.api.get_executions(self.campaign.code, "active")[0]
        self.assertEqual(row["playbook"], self.campaign.code)
        self.assertEqual((row["current_step"], row["steps_completed"]), (1, 0))
        self.assertEqual(row["enrolled_at"], NOON.isoformat())

    def test_statistics_add_up(self):
        rescue = self._campaign(FAILED, campaign_type="rescue", attribution_days=9)
        other = self._member()
        self.api.start_playbook(rescue.code, other.id)
        self._start()
        for campaign, value in ((self.campaign, 30), (rescue, 12)):
            number = self._of(campaign).id
            self.assertIs(self.api.mark_converted(number, value=value), True)
        found = self._plain(self.api.get_stats(rescue.code))
        self.assertEqual(
            (found["started"], found["converted"], found["rescued"]), (1, 1, 1)
        )
        self.assertEqual((found["total_value"], found["average_value"]), (12, 12))
        every = self.api.get_stats()
        self.assertEqual((every["converted"], every["total_value"]), (2, 42))
        self.assertEqual(every["rescued"], 1)

    def test_a_conversion_by_hand_stays(self):
        run = self._of(self.campaign).browse(self._start()["enrollment_id"])
        order = self._order(self.person, NOON, 44, self.shop)
        self.api.mark_converted(run.id, order.id)
        self.assertEqual((run.status, run.conversion_value), ("converted", 44))
        self._hand_out()
        self.assertEqual(run.status, "converted")
        order._action_cancel()
        self._hand_out()
        self.assertEqual(run.status, "completed")

    def test_a_cancelled_run_is_cancelled_once(self):
        number = self._start()["enrollment_id"]
        self.assertIs(self.api.cancel(number, "moved away"), True)
        self.assertIs(self.api.cancel(number), False)
        run = self._of(self.campaign)
        self.assertEqual((run.status, run.exit_reason), ("cancelled", "moved away"))

    def test_codes_are_listed(self):
        self._start()
        self._process()
        (found,) = self._plain(self.api.get_discount_codes(self.person.id))
        self.assertTrue(found["code"].startswith("CRM20-"))
        self.assertEqual(found["state"], "open")
        self.assertEqual(found["playbook"], self.campaign.code)
        self.assertEqual(len(self.api.get_discount_codes(state="open")), 1)
        self.assertFalse(self.api.get_discount_codes(state="used"))
        card = self._of(self.campaign).delivery_ids.card_id
        card.points = 0
        self.assertEqual(len(self.api.get_discount_codes(state="used")), 1)

    def test_due_steps_are_processed(self):
        self._start()
        api = self.service.with_user(self.manager)
        self.assertEqual(api.execute_pending_steps(), 1)
        self.assertEqual(api.execute_pending_steps(), 0)
        self.assertEqual(len(self._log(self._of(self.campaign))), 1)

    # ------------------------------------------------------------------- bad input
    def test_bad_input_is_named(self):
        number = self._start()["enrollment_id"]
        stranger = self._order(self._member(), NOON, company=self.shop)
        off = self._campaign(FAILED, start=False)
        for method, args, word in (
            ("start_playbook", ("nothing", 1), "code"),
            ("start_playbook", (7, 1), "code"),
            ("start_playbook", (self.campaign.code, 2**30), "customer_id"),
            ("start_playbook", (self.campaign.code, "1"), "customer_id"),
            ("start_playbook", (self.campaign.code, self.person.id, "{"), "JSON"),
            ("start_playbook", (off.code, self.person.id), "switched off"),
            ("get_executions", ("nothing",), "code"),
            ("get_executions", (None, "lost"), "active, completed"),
            ("get_executions", (None, None, "x"), "customer_id"),
            ("get_executions", (0,), "code"),
            ("get_executions", (None, 0), "active, completed"),
            ("get_executions", (None, None, 0), "customer_id"),
            ("get_executions", (None, None, None, 0), "limit"),
            ("get_executions", (None, None, None, 10, -1), "offset"),
            ("get_stats", ("nothing",), "code"),
            ("get_stats", (0,), "code"),
            ("get_discount_codes", (0,), "customer_id"),
            ("get_discount_codes", (None, 0), "open, used"),
            ("get_discount_codes", (None, "lost"), "open, used"),
            ("mark_converted", (2**30,), "enrollment_id"),
            ("mark_converted", (True,), "enrollment_id"),
            ("mark_converted", (number, stranger.id), "order_id"),
            ("mark_converted", (number, 0), "order_id"),
            ("mark_converted", (number, None, "9"), "value"),
            ("mark_converted", (number, None, -1), "value"),
            ("cancel", (number, 5), "reason"),
        ):
            with self.subTest(method=method, args=args):
                with self.assertRaises(ValidationError) as caught:
                    getattr(self.api, method)(*args)
                self.assertIn(word, str(caught.exception))
        self.assertEqual(self._of(self.campaign).status, "active")

    # -------------------------------------------------------------------- security
    def test_portal_users_and_strangers_get_nothing(self):
        number = self._start()["enrollment_id"]
        calls = {
            "list_playbooks": (),
            "start_playbook": (self.campaign.code, self.person.id),
            "trigger_payment_failed": (self.person.id,),
            "trigger_trial_ending": (self.person.id,),
            "trigger_inactivity": (self.person.id,),
            "trigger_churn_risk": (self.person.id,),
            "trigger_milestone": (self.person.id,),
            "trigger_winback": (self.person.id,),
            "get_executions": (),
            "get_stats": (),
            "mark_converted": (number,),
            "cancel": (number,),
            "get_discount_codes": (),
            "execute_pending_steps": (),
        }
        public = {
            name
            for name in dir(type(self.service))
            if not name.startswith("_")
            and name in {**vars_of(type(self.service), "engagement_campaign")}
        }
        self.assertEqual(public, set(calls))
        for method, args in calls.items():
            with self.subTest(method=method):
                portal = self.service.with_user(self.portal)
                with self.assertRaises(AccessError):
                    getattr(portal, method)(*args)
                foreign = self.service.with_user(self.stranger)
                foreign = foreign.with_context(allowed_company_ids=None)
                try:
                    found = getattr(foreign, method)(*args)
                except (AccessError, ValidationError):
                    continue
                figures = found.values() if isinstance(found, dict) else [found]
                self.assertFalse(any(figures), found)
        self.assertEqual(self._of(self.campaign).status, "active")

    def test_public_methods_of_records_are_for_their_company(self):
        for user in (self.portal, self.stranger):
            campaign = self.campaign.with_user(user)
            campaign = campaign.with_context(allowed_company_ids=None)
            for method in (
                "action_start",
                "action_stop",
                "action_move_runs",
                "get_steps",
                "get_statistics",
                "get_lift",
                "dry_run",
                "export_json",
                "action_dry_run",
            ):
                with (
                    self.subTest(method=method, user=user.login),
                    self.assertRaises(AccessError),
                ):
                    getattr(campaign, method)()
            with self.assertRaises(AccessError):
                self._of(self.campaign).with_user(user).with_context(
                    allowed_company_ids=None
                ).action_cancel() if self._of(self.campaign) else campaign.read()


def vars_of(model_class, addon):
    """Names that an addon's classes define in a model."""
    return {
        name: value
        for base in model_class.__mro__
        if addon in base.__module__
        for name, value in vars(base).items()
        if callable(value)
    }
