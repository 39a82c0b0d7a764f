from odoo import Command
from odoo.tests import HttpCase, new_test_user, tagged

from .common import PreferenceCommon


@tagged("post_install", "-at_install")
class TestPreferencePage(PreferenceCommon, HttpCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.user = new_test_user(
            cls.env,
            "preferrer",
            "base.group_portal",
            email="preferrer@example.com",
            company_id=cls.shop.id,
            company_ids=[Command.set(cls.shop.ids)],
        )
        cls.partner = cls.user.partner_id

    def _save(self, **values):
        self.authenticate("preferrer", "preferrer")
        page = self.url_open("/my/preferences").text
        token = page.split('name="csrf_token" value="')[1].split('"')[0]
        found = self.url_open("/my/preferences", data={"csrf_token": token, **values})
        self.env.invalidate_all()
        return found

    def _all_topics(self):
        return {
            f"topic_{topic.id}": 1 for topic in self.env["contact.topic"].search([])
        }

    def _words(self):
        return [
            (row.channel, row.topic_id.code, row.status, row.source)
            for row in self.partner.consent_ids
        ]

    def test_every_change_is_a_row_and_no_change_is_none(self):
        for _twice in range(2):
            self._save(channel_sms=1, **self._all_topics())
            self.assertEqual(self._words(), [("sms", False, "granted", "portal")])
        topics = self._all_topics()
        topics.pop(f"topic_{self.offers.id}")
        self._save(**topics)
        self.assertEqual(len(self._words()), 5)
        self.assertIn(("sms", False, "withdrawn", "portal"), self._words())
        self.assertIn(("push", "offers", "withdrawn", "portal"), self._words())

    def test_what_people_like_is_kept(self):
        self._save(
            own_quiet_hours=1,
            quiet_start="22:30",
            quiet_end="07:00",
            quiet_friday=1,
            delivery_note="Ring twice <b>",
            **self._all_topics(),
        )
        self.assertEqual(
            self.service.get_preferences(self.partner.id),
            {
                "communication": {
                    "quiet_hours": {
                        "start": "22:30",
                        "end": "07:00",
                        "days": ["friday"],
                    }
                },
                "delivery": {"note": "Ring twice <b>"},
            },
        )
        self.assertIn("Ring twice &lt;b&gt;", self.url_open("/my/preferences").text)
        self._save(**self._all_topics())
        self.assertEqual(self.service.get_preferences(self.partner.id), {})

    def test_what_other_systems_wrote_stays_as_it_is(self):
        values = {"shopping": {"categories": ["milk", "ghee"]}}
        self.service.bulk_update(self.partner.id, values)
        page = self._save(favourite_categories="milk, ghee", **self._all_topics())
        self.assertIn("milk, ghee", page.text)
        self.assertEqual(self.service.get_preferences(self.partner.id), values)

    def test_what_cannot_be_is_said_and_nothing_is_saved(self):
        week = "monday tuesday wednesday thursday friday saturday sunday"
        for values in (
            {"quiet_start": "late", "quiet_end": "07:00"},
            {f"quiet_{day}": 1 for day in week.split()},
        ):
            page = self._save(own_quiet_hours=1, channel_sms=1, **values)
            self.assertIn("quiet_hours", page.text)
            self.assertFalse(self._words())
            self.assertFalse(self.service.get_preferences(self.partner.id))

    def test_a_yes_to_e_mail_is_confirmed_where_the_company_asks_for_it(self):
        self.shop.email_double_opt_in = True
        page = self._save(channel_email=1, **self._all_topics())
        self.assertIn("We sent you an e-mail", page.text)
        self.assertFalse(self._words())
        mail = self.env["mail.mail"].sudo().search([], order="id desc", limit=1)
        self.assertEqual(mail.recipient_ids, self.partner)
        self.assertIn("/contact/confirm/", mail.body_html)

    def test_nobody_gets_there_without_a_login(self):
        found = self.url_open("/my/preferences", allow_redirects=False)
        self.assertEqual(found.status_code, 303)

    def test_the_page_is_walked_through_in_a_browser(self):
        self.start_tour("/my", "preference_page", login="preferrer")
        self.assertIn(("sms", False, "granted", "portal"), self._words())

    def test_marketer_walks_through_the_backend(self):
        marketer = "base.group_user,customer_lifecycle.group_lifecycle_manager"
        new_test_user(
            self.env,
            "preference_boss",
            marketer,
            company_id=self.shop.id,
            company_ids=[Command.set(self.shop.ids)],
        )
        self._say(self._person(agreed=False, name="Ledger Lena"), "granted")
        self.start_tour("/odoo/consents", "preference_backend", login="preference_boss")
