from ast import literal_eval
from datetime import timedelta

from odoo.exceptions import AccessError, ValidationError
from odoo.tests import Form, freeze_time, new_test_user, tagged

from .common import NOW, LifecycleCommon


@tagged("post_install", "-at_install")
class TestAttention(LifecycleCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        group = "customer_lifecycle.group_lifecycle_user"
        cls.marketer = new_test_user(cls.env, "marketer", group)
        cls.leader = new_test_user(cls.env, "leader", "sales_team.group_sale_manager")
        cls.seller = new_test_user(cls.env, "seller", "sales_team.group_sale_salesman")
        cls.team = cls.env["crm.team"].create(
            {"name": "Milk", "user_id": cls.leader.id, "member_ids": cls.seller.ids}
        )
        cls.policy.escalation_user_id = cls.marketer
        cls.customer = cls._customer_of(40, 75, amount=100, user_id=cls.seller.id)
        cls.row = cls._row(cls.customer)

    def _escalations(self, customer=None):
        kind = self.env.ref("customer_lifecycle.mail_activity_type_escalation")
        domain = [("activity_type_id", "=", kind.id)]
        domain += [("res_model", "=", "res.partner")]
        domain += [("res_id", "=", (customer or self.customer).id)]
        return self.env["mail.activity"].search(domain)

    def _escalate(self, days):
        moment = NOW + timedelta(days=days)
        with freeze_time(moment):
            self.engine._escalate_unhandled(moment)

    def _board(self):
        action = self.env.ref("customer_lifecycle.customer_lifecycle_action_attention")
        return self.lifecycle.search(
            literal_eval(action.domain), order="revenue_at_stake desc, id"
        )

    def test_the_board_shows_who_is_at_risk_by_what_is_at_stake(self):
        self._customer_of(3, 10)
        small = self._row(self._customer_of(40, 75, amount=1))
        big = self._row(self._customer_of(40, 75, amount=1000))
        self.assertEqual(self._board(), big + self.row + small)

    def test_the_stake_is_risk_times_the_yearly_revenue(self):
        row = self._row(self._customer_of(40, 140, amount=100))
        self._signed_up(row.customer_id, NOW - timedelta(days=140))
        self.engine.evaluate_customers(row.customer_id.ids, NOW)
        yearly = 200 * 365 / 140
        self.assertAlmostEqual(
            row.revenue_at_stake, round(row.churn_risk_score * yearly, 2)
        )

    def test_it_says_why(self):
        self.assertIn("no order for 40 days", self.row.attention_reason)
        self.assertIn("usually every 35 days", self.row.attention_reason)

    def test_handled_customers_rest_and_come_back(self):
        rows = self.row.with_user(self.marketer)
        action = rows.action_mark_handled()
        wizard = Form(
            self.env[action["res_model"]]
            .with_user(self.marketer)
            .with_context(**action["context"])
        )
        self.assertEqual(wizard.days, self.policy.snooze_days)
        wizard.days = 10
        wizard.note = "Called: on holiday"
        wizard.save().action_apply()
        self.assertRecordValues(
            self.row,
            [{"handled_until": self._days_ago(-10), "handled_by_id": self.marketer.id}],
        )
        self.assertIn("on holiday", self.customer.message_ids[0].body)

    def test_resting_ends_on_its_day(self):
        self.row._mark_handled(10)
        for days, resting in ((9, True), (10, False)):
            with freeze_time(NOW + timedelta(days=days)):
                self.row.invalidate_recordset()
                self.assertEqual(self.row.is_resting, resting)
                found = self.lifecycle.search([("is_resting", "=", True)])
                self.assertEqual(self.row in found, resting)

    def test_undo_puts_a_customer_back_on_the_board(self):
        self.row._mark_handled(10)
        self.row.with_user(self.marketer).action_undo_handled()
        self.assertFalse(self.row.handled_until)
        self.assertFalse(self.row.is_resting)

    def test_resting_days_have_a_range(self):
        for days in (0, -1, 366):
            with self.subTest(days), self.assertRaises(ValidationError):
                self.env["lifecycle.handle"].create(
                    {"lifecycle_ids": self.row.ids, "days": days}
                )

    def test_only_marketers_handle(self):
        row = self.row.with_user(self.seller)
        for method in ("action_mark_handled", "action_undo_handled"):
            with self.subTest(method), self.assertRaises(AccessError):
                getattr(row, method)()

    def test_the_unhandled_are_escalated_once_to_the_team_leader(self):
        self._escalate(6)
        self.assertFalse(self._escalations())
        for days in (7, 8, 30):
            self._escalate(days)
        self.assertEqual(self._escalations().user_id, self.leader)
        self.assertIn("at stake", self._escalations().summary)

    def test_without_a_team_leader_the_policy_names_whom(self):
        self.team.user_id = False
        self._escalate(7)
        self.assertEqual(self._escalations().user_id, self.marketer)

    def test_a_leader_who_left_or_works_elsewhere_is_passed_over(self):
        second = self._create_company()
        self.leader.write(
            {"company_ids": [(6, 0, second.ids)], "company_id": second.id}
        )
        self._escalate(7)
        self.assertEqual(self._escalations().user_id, self.marketer)

    def test_nobody_to_escalate_to_is_no_error(self):
        self.team.user_id = self.policy.escalation_user_id = False
        self._escalate(7)
        self.assertFalse(self._escalations())

    def test_the_handled_are_not_escalated_until_their_rest_is_over(self):
        self.row._mark_handled(14)
        self._escalate(20)
        self.assertFalse(self._escalations())
        self._escalate(21)
        self.assertEqual(len(self._escalations()), 1)

    def test_escalation_can_be_switched_off(self):
        self.policy.escalation_days = 0
        self._escalate(300)
        self.assertFalse(self._escalations())

    def test_imported_history_is_not_escalated(self):
        self.row.attention_since = False
        self._escalate(300)
        self.assertFalse(self._escalations())

    def test_who_lapses_again_after_coming_back_is_escalated_again(self):
        self._escalate(7)
        moment = NOW + timedelta(days=10)
        with freeze_time(moment):
            self._order(self.customer)
            self._settle(moment)
        self.assertEqual(self.row.current_stage, "active")
        with freeze_time(moment + timedelta(days=60)):
            self.row.update_stage("at_risk", "event")
        self._escalate(77)
        self.assertEqual(len(self._escalations()), 2)

    def test_an_escalation_sends_no_mail(self):
        before = self.env["mail.mail"].search_count([])
        self._escalate(7)
        self.assertEqual(self.env["mail.mail"].search_count([]), before)
