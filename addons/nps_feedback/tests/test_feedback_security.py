from odoo.exceptions import AccessError, MissingError, UserError, ValidationError
from odoo.tests import tagged
from odoo.tools import mute_logger

from odoo.addons.customer_lifecycle.tests.public_methods import (
    call,
    needs_ids,
    public_methods,
)

from .common import FeedbackCommon

MODELS = ("nps.survey", "nps.invitation", "nps.response", "nps.case", "csat.response")
SAMPLES = {
    "vals_list": [{"name": "x"}],
    "vals": {"is_generated": True},
    "default": None,
    "values": {},
    "survey_code": "x",
    "customer_id": 1,
    "token": "x",
    "score": 9,
    "context_type": "support",
    "context_id": 1,
    "case_id": 1,
    "outcome": "solved",
}
# Whoever has the token answers, everybody speaks for oneself and sees the own answer.
FOR_EVERYBODY = {
    *((f"nps.service{part}", "submit_csat") for part in ("", ".csat")),
    ("nps.service", "submit_response"),
    ("nps.response", "action_customer"),
}


@tagged("post_install", "-at_install")
class TestFeedbackSecurity(FeedbackCommon):
    """Who may see and do what."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.survey = cls._survey()
        cls.seller = cls._seller()
        cls.portal = cls._user("base.group_portal")
        cls.person = cls.portal.partner_id
        cls.person.user_id = cls.seller
        cls.lifecycle.sudo()._ensure(cls.person, cls.shop)
        invitation = cls._asks(cls.survey, cls.person)
        cls.response = cls._answers(invitation, 3, "Sour")
        cls.feedback.submit_csat("support", 7, 2, customer_id=cls.person.id)
        cls.other = cls._create_company()
        cls.foreigner = cls._user(
            "customer_lifecycle.group_lifecycle_manager", cls.other
        )

    @classmethod
    def _user(cls, group, company=None):
        company = company or cls.shop
        return cls._user_of(company, f"feedback{next(cls.numbers)}", group)

    def _seen(self, user, model):
        companies = user.company_ids.ids
        rows = self.env[model].with_user(user).sudo(False)
        rows = rows.with_context(allowed_company_ids=companies)
        try:
            return rows.search_count([("company_id", "=", self.shop.id)])
        except AccessError:
            return None

    def test_who_sees_what(self):
        employee = self._user("base.group_user")
        stranger = self._user("base.group_portal")
        marketer = self._user("customer_lifecycle.group_lifecycle_user")
        colleague = self._seller()
        expected = {
            # survey, invitation, response, case, csat
            marketer: [True, True, True, True, True],
            self.seller: [True, True, True, True, True],
            colleague: [True, True, True, False, True],
            self.foreigner: [False, False, False, False, False],
            employee: [None, None, None, None, None],
            self.portal: [None, None, True, None, True],
            stranger: [None, None, False, None, False],
        }
        for user, row in expected.items():
            for model, sees in zip(MODELS, row, strict=True):
                with self.subTest(user=user.login, model=model):
                    found = self._seen(user, model)
                    self.assertEqual(None if found is None else bool(found), sees)

    def test_marketers_write_surveys_and_nothing_else(self):
        marketer = self._user("customer_lifecycle.group_lifecycle_user")
        self.survey.with_user(marketer).question_text = "Well?"
        for model in ("nps.invitation", "nps.response", "csat.response"):
            rows = self.env[model].with_user(marketer).search([], limit=1)
            for write in (lambda r=rows: r.write({"company_id": 1}), rows.unlink):
                with self.assertRaises(AccessError):
                    write()
        with self.assertRaises(AccessError):
            self.survey.with_user(marketer).unlink()

    def _call(self, user, model, method, ids):
        env = self.env(user=user.id, su=False)
        env = env(context={"allowed_company_ids": user.company_ids.ids})
        with mute_logger("odoo.models", "odoo.sql_db"), self.cr.savepoint():
            return call(env, model, method, ids, SAMPLES)

    def test_no_public_method_is_for_portal_users(self):
        """Found in the classes themselves, so that a new one is looked at, too."""
        ids = {m: self.env[m].sudo().search([], limit=1).ids for m in MODELS}
        looked = 0
        for model, method in public_methods(self.env, "nps_feedback"):
            is_part = self.env[model]._abstract and needs_ids(self.env, model, method)
            if (model, method) in FOR_EVERYBODY or is_part:
                continue
            if not model.startswith(("nps.", "csat.")):
                continue
            looked += 1
            with (
                self.subTest(model=model, method=method),
                self.assertRaises(UserError) as caught,
            ):
                self._call(self.portal, model, method, ids.get(model, []))
            self.assertIsInstance(caught.exception, (AccessError, MissingError))
        self.assertGreater(looked, 15)

    def test_another_companys_manager_does_nothing_here(self):
        survey, case = self.survey, self.cases.search([], limit=1)
        calls = [
            ("nps.survey", "action_start", survey.ids),
            ("nps.survey", "action_stop", survey.ids),
            ("nps.survey", "action_dry_run", survey.ids),
            ("nps.case", "action_close", case.ids),
            ("nps.case", "action_reopen", case.ids),
        ]
        for model, method, ids in calls:
            with self.subTest(method=method), self.assertRaises(AccessError):
                self._call(self.foreigner, model, method, ids)
        env = self.env(user=self.foreigner.id, su=False)
        service = env["nps.service"].with_context(allowed_company_ids=self.other.ids)
        with self.assertRaises(ValidationError):
            service.send_survey(survey.code, self.person.id)
        with self.assertRaises(ValidationError):
            service.close_case(case.id, "solved")

    def test_nobody_hands_a_survey_over_to_another_company(self):
        marketer = self._user("customer_lifecycle.group_lifecycle_user")
        with self.assertRaises(UserError), self.cr.savepoint():
            self.survey.with_user(marketer).company_id = self.other
