from datetime import timedelta
from urllib.parse import urlsplit

from odoo import fields
from odoo.tests import HttpCase, freeze_time, tagged

from odoo.addons.mail.tests.common import MailCommon

from ..models.contact_unsubscribe import CONFIRM
from .common import PreferenceCommon


@tagged("post_install", "-at_install")
class TestUnsubscribe(PreferenceCommon, HttpCase):
    """The links of messages, used by people, mail programs and scanners."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.person = cls._person(agreed=False)
        cls._say(cls.person, "granted", occurred_at=fields.Datetime.now())
        cls.links = cls.env["contact.unsubscribe"]
        cls.token = cls.links._token(cls.person, cls.offers, cls.shop)
        cls.page = f"/contact/unsubscribe/{cls.token}"

    def _state(self):
        self.env.invalidate_all()
        rows = self.ledger.search([("customer_id", "=", self.person.id)])
        return sorted((r.channel, r.topic_id.code or "", r.status) for r in rows)

    def _post(self, path, **data):
        return self.opener.post(
            self.base_url() + path, data=data, timeout=30, allow_redirects=False
        )

    def _form(self, scope):
        """Open the page and press one of its buttons."""
        found = self.url_open(self.page).text
        token = found.split('name="csrf_token" value="')[1].split('"')[0]
        return self._post(self.page, scope=scope, csrf_token=token)

    def test_looking_changes_nothing(self):
        before = self._state()
        for path in (self.page, f"{self.page}/oneclick"):
            for method in ("get", "head", "options"):
                getattr(self.opener, method)(self.base_url() + path, timeout=30)
        self.assertEqual(self._state(), before)

    def test_one_click_of_a_mail_program_stops_the_topic(self):
        for _twice in range(2):
            answer = self._post(
                f"{self.page}/oneclick", **{"List-Unsubscribe": "One-Click"}
            )
            self.assertEqual(answer.status_code, 200)
        self.assertEqual(
            len(self.ledger.search([("customer_id", "=", self.person.id)])), 4
        )
        stopped = [(c, "offers", "withdrawn") for c in ("email", "push", "sms")]
        self.assertEqual(self._state(), sorted([("email", "", "granted"), *stopped]))
        noon = fields.Datetime.now().replace(hour=12)
        found = self._verdict(self.person, noon, topic=self.offers.id)
        self.assertEqual(found, ("skip", "topic_opt_out"))

    def test_a_person_stops_the_topic_and_takes_it_back(self):
        self.assertIn("no more messages about", self._form("topic").text)
        self.assertIn(("email", "offers", "withdrawn"), self._state())
        self.assertIn("as it was before", self._form("resume").text)
        current = self.ledger._current(self.person)
        self.assertEqual(current[self.person.id, "email", self.offers.id], "granted")
        blacklisted = self.env["mail.blacklist"].search_count(
            [("email", "=", self.person.email)]
        )
        self.assertFalse(blacklisted)

    def test_everything_is_everything(self):
        self.assertIn("Done", self._form("everything").text)
        noon = fields.Datetime.now().replace(hour=12)
        for channel in ("email", "sms"):
            found = self._verdict(
                self.person, noon, channel=channel, category="service"
            )
            self.assertEqual(found, ("skip", "blacklisted"))
        stopped = {(c, t) for c, t, status in self._state() if status == "withdrawn"}
        self.assertIn(("push", "onboarding"), stopped)

    def test_the_link_of_a_merged_person_works(self):
        target = self._person(agreed=False)
        wizard = self.env["base.partner.merge.automatic.wizard"]
        wizard._merge((self.person | target).ids, target)
        self.assertEqual(self._post(f"{self.page}/oneclick").status_code, 200)
        self.env.invalidate_all()
        current = self.ledger._current(target)
        self.assertEqual(current[target.id, "email", self.offers.id], "withdrawn")

    def test_an_old_link_of_a_mailing_is_looked_at_without_effect(self):
        mailing = self._create_mailing()
        number, email = self.person.id, self.person.email
        token = mailing._generate_mailing_recipient_token(number, email)
        path = f"/mailing/{mailing.id}/unsubscribe"
        query = f"document_id={number}&email={email}&hash_token={token}"
        before = self._state()
        answer = self.opener.get(
            f"{self.base_url()}{path}?{query}", timeout=30, allow_redirects=False
        )
        self.assertIn("/contact/unsubscribe/", answer.headers["Location"])
        self.assertEqual(self._state(), before)
        self._post(f"{path}_oneclick?{query}")
        self.assertIn(("email", "newsletter", "withdrawn"), self._state())

    def test_an_old_link_of_no_customer_leads_to_odoos_page(self):
        mailing = self._create_mailing()
        contact = self.env["res.partner"].create(
            {"name": "Supplier", "email": "supplier@example.com"}
        )
        token = mailing._generate_mailing_recipient_token(contact.id, contact.email)
        query = f"document_id={contact.id}&email={contact.email}&hash_token={token}"
        page = self.url_open(f"/mailing/{mailing.id}/unsubscribe?{query}")
        self.assertNotIn("/contact/unsubscribe/", page.url)
        self.assertTrue(contact.is_blacklisted)

    def test_a_page_without_its_form_token_changes_nothing(self):
        before = self._state()
        self.assertEqual(self._post(self.page, scope="topic").status_code, 400)
        self.assertEqual(self._state(), before)

    def test_forged_stale_and_foreign_tokens_tell_nothing(self):
        confirm = self.links._token(self.person, self.offers, scope=CONFIRM)
        with freeze_time(fields.Datetime.now() - timedelta(days=401)):
            stale = self.links._token(self.person, self.offers)
        gone = self.links._token(self.env["res.partner"].browse(2**30), self.offers)
        changed = self.token[:-2] + ("AA" if self.token[-2:] != "AA" else "BB")
        before, pages = self._state(), set()
        for token in (confirm, stale, gone, changed, "x", "AQ", "%00", "é" * 9):
            with self.subTest(token=token[:12]):
                path = f"/contact/unsubscribe/{token}"
                page = self.url_open(path)
                self.assertEqual(page.status_code, 404)
                pages.add("not valid any more" in page.text)
                self.assertEqual(self._post(f"{path}/oneclick").status_code, 404)
        self.assertEqual(pages, {True})
        self.assertEqual(self._state(), before)

    def test_the_second_yes_of_a_double_opt_in(self):
        path = urlsplit(self.person._consent_confirmation_url()).path
        earlier = fields.Datetime.now() - timedelta(days=1)
        self.env.cr.execute(
            "UPDATE customer_consent SET status = 'withdrawn', occurred_at = %s"
            " WHERE customer_id = %s",
            [earlier, self.person.id],
        )
        before = self._state()
        page = self.url_open(path).text
        self.assertEqual(self._state(), before)
        token = page.split('name="csrf_token" value="')[1].split('"')[0]
        self.assertEqual(self._post(path, csrf_token=token).status_code, 200)
        self.assertIn("Welcome", self._post(path, csrf_token=token).text)
        rows = self.person.consent_ids.filtered(lambda r: r.source == "signup")
        self.assertEqual(len(rows), 1)


@tagged("post_install", "-at_install")
class TestMailing(PreferenceCommon, MailCommon):
    """Ordinary mass mailings offer the topic, not the blacklist."""

    def _mail(self, person, topic=None):
        mailing = self._create_mailing(
            body_html='<a href="/unsubscribe_from_list">Unsubscribe</a>',
            contact_topic_id=topic and topic.id,
        )
        with self.mock_mail_gateway():
            mailing.action_send_mail(person.ids)
        return mailing, [m for m in self._mails if person.email in m["email_to"][0]]

    def test_the_header_stops_the_topic(self):
        person = self._person()
        _mailing, (mail,) = self._mail(person, self.offers)
        headers = mail["headers"]
        self.assertEqual(headers["List-Unsubscribe-Post"], "List-Unsubscribe=One-Click")
        url = headers["List-Unsubscribe"].strip("<>")
        self.assertTrue(url.endswith("/oneclick"))
        token = urlsplit(url).path.split("/")[-2]
        ticket = self.env["contact.unsubscribe"]._read_token(token)
        self.assertEqual((ticket.person, ticket.topic), (person, self.offers))
        self.assertIn(f"/contact/unsubscribe/{token[:20]}", mail["body"])
        self.assertNotIn("/mailing/", mail["body"])

    def test_a_mailing_leaves_out_who_said_no(self):
        silent, no, no_topic = (self._person(agreed=False) for _number in range(3))
        self._say(no, "withdrawn")
        self._say(no_topic, "withdrawn", topic=self.offers)
        everybody = silent | no | no_topic
        mailing, _mails = self._mail(everybody[:1], self.offers)
        opted_out = self.env["res.partner"]._mailing_get_opt_out_list(mailing)
        self.assertEqual(
            everybody.filtered(lambda p: p.email_normalized in opted_out), no | no_topic
        )
        self.env["lifecycle.engine"]._anonymize_customer(silent)
        again = self._person(agreed=False, email=silent.email)
        self.env.flush_all()
        # The database's clock does not know that it is 2040.
        self.env.cr.execute(
            "UPDATE res_partner SET write_date = '2041-01-01' WHERE id = %s", [again.id]
        )
        opted_out = self.env["res.partner"]._mailing_get_opt_out_list(mailing)
        self.assertIn(again.email_normalized, opted_out)
        newsletter, _mails = self._mail(everybody[:1])
        opted_out = self.env["res.partner"]._mailing_get_opt_out_list(newsletter)
        found = everybody.filtered(lambda p: p.email_normalized in opted_out)
        self.assertEqual(found, silent | no)
