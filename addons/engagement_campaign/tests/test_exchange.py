import base64
import json

from odoo.exceptions import UserError, ValidationError
from odoo.tests import HttpCase, new_test_user, tagged

from .common import CampaignCommon

TRIGGER = {"trigger_type": "stage_entry", "stage": "at_risk"}
MARKETER = "customer_lifecycle.group_lifecycle_user"


@tagged("post_install", "-at_install")
class TestExchange(CampaignCommon, HttpCase):
    def _exported(self, **values):
        campaign = self._campaign(
            TRIGGER,
            start=False,
            hours=(0, 24),
            offer_config={"type": "discount", "value": 5},
            topic_id=self.offers.id,
            target_conditions={"total_orders": 3},
            **values,
        )
        return campaign, json.loads(json.dumps(campaign.export_json()))

    def test_what_was_exported_is_imported(self):
        campaign, data = self._exported()
        twin = self.campaigns.browse(
            self.campaigns.import_json({**data, "code": "twin"})
        )
        self.assertNotEqual(twin.step_ids.template_id, campaign.step_ids.template_id)
        again = twin.export_json()
        numbers = dict(zip(again["templates"], data["templates"], strict=True))
        for step in again["email_sequence"]:
            step["template_id"] = int(numbers[str(step["template_id"])])
        same = ("email_sequence", "trigger_config", "offer_config", "topic")
        same += ("target_conditions", "goal", "attribution_days", "name")
        for name in same:
            self.assertEqual(again[name], data[name], name)
        contents = list(again["templates"].values())
        self.assertEqual(contents, list(data["templates"].values()))
        self.assertFalse(twin.is_active)

    def test_a_text_is_as_good_as_an_object(self):
        _campaign, data = self._exported()
        number = self.campaigns.import_json(json.dumps({**data, "code": "text"}))
        self.assertEqual(self.campaigns.browse(number).code, "text")

    def test_malformed_exports_are_refused_and_leave_nothing(self):
        _campaign, data = self._exported()
        templates = self.env["mail.template"].search_count([])
        for change in (
            {"format": "other/1"},
            {"extra": 1},
            {"code": ""},
            {"name": 7},
            {"priority": "high"},
            {"goal": "glory"},
            {"include_offer": "yes"},
            {"templates": {}},
            {"templates": []},
            {"email_sequence": [7]},
            {"trigger_config": {"trigger_type": "x"}},
        ):
            with (
                self.subTest(change=change),
                self.assertRaises(ValidationError),
                self.env.cr.savepoint(),
            ):
                self.campaigns.import_json({**data, "code": "z", **change})
        for value in ("{", "[]", 5):
            refused = self.assertRaisesRegex(ValidationError, "^data: ")
            with self.subTest(value=value), refused:
                self.campaigns.import_json(value)
        self.assertEqual(self.env["mail.template"].search_count([]), templates)

    def test_a_marketer_uploads_the_file(self):
        _campaign, data = self._exported()
        text = json.dumps({**data, "code": "uploaded"}).encode()
        wizards = self.env["engagement.campaign.import"]
        found = wizards.create({"file": base64.b64encode(text)}).action_import()
        self.assertEqual(self.campaigns.browse(found["res_id"]).code, "uploaded")
        for content, error in ((b"\xff\xfe", UserError), (b"{", ValidationError)):
            wizard = wizards.create({"file": base64.b64encode(content)})
            with self.assertRaises(error):
                wizard.action_import()

    def test_a_mark_before_the_text_is_left_out(self):
        _campaign, data = self._exported()
        text = json.dumps({**data, "code": "marked_file"}).encode("utf-8-sig")
        wizards = self.env["engagement.campaign.import"]
        found = wizards.create({"file": base64.b64encode(text)}).action_import()
        self.assertEqual(self.campaigns.browse(found["res_id"]).code, "marked_file")
        text = "\ufeff" + json.dumps({**data, "code": "marked_text"})
        number = self.campaigns.import_json(text)
        self.assertEqual(self.campaigns.browse(number).code, "marked_text")

    def test_a_code_is_used_once(self):
        campaign, data = self._exported()
        with self.assertRaises(ValidationError), self.env.cr.savepoint():
            self.campaigns.import_json(data)
        copy = campaign.copy()
        self.assertEqual(copy.code, f"{campaign.code}_2")
        self.assertEqual(copy.email_sequence, campaign.email_sequence)
        self.assertEqual(campaign.copy().code, f"{campaign.code}_3")

    def test_the_file_is_for_who_may_read_the_campaign(self):
        campaign, data = self._exported()
        url = f"/engagement_campaign/export/{campaign.id}"
        users = {}
        for login, group in (("marketer", MARKETER), ("nobody", "base.group_portal")):
            users[login] = new_test_user(
                self.env, login, group, password=f"{login}-{login}"
            )
        users["marketer"].write(
            {"company_ids": self.shop.ids, "company_id": self.shop.id}
        )
        self.authenticate("nobody", "nobody-nobody")
        self.assertIn(self.url_open(url).status_code, (403, 404))
        self.authenticate("marketer", "marketer-marketer")
        answer = self.url_open(url)
        self.assertEqual(answer.json()["code"], data["code"])
        self.assertIn("attachment", answer.headers["Content-Disposition"])
