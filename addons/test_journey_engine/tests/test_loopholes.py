"""Ways around consent and companies, closed."""

from datetime import timedelta

from odoo import Command
from odoo.exceptions import ValidationError
from odoo.tests import Form, HttpCase, freeze_time, new_test_user, tagged

from odoo.addons.customer_preference.tests.common import NOON

from .common import JourneyCommon


@tagged("post_install", "-at_install")
class TestLoopholes(JourneyCommon, HttpCase):
    def test_new_contact_silences_who_shares_the_address(self):
        buyer = self._member(email="family@example.com")  # agreed to everything
        self.assertEqual(self._verdict(buyer), ("send", None))
        sales = new_test_user(
            self.env,
            "seller",
            "sales_team.group_sale_salesman,base.group_partner_manager",
            company_id=self.shop.id,
            company_ids=[Command.set(self.shop.ids)],
        )
        with freeze_time(NOON), Form(self.env["res.partner"].with_user(sales)) as form:
            form.name = "Wife of buyer"
            form.email = "family@example.com"
        self.assertEqual(
            self._verdict(buyer, NOON + timedelta(minutes=1)), ("send", None)
        )

    def test_portal_user_lifts_anybody_from_the_blacklist(self):
        user = new_test_user(
            self.env,
            "mallory",
            "base.group_portal",
            email="mallory@example.com",
            company_id=self.shop.id,
            company_ids=[Command.set(self.shop.ids)],
        )
        user.partner_id.write(
            {
                "street": "a",
                "city": "b",
                "zip": "1",
                "phone": "+8801711555666",
                "country_id": self.env.ref("base.bd").id,
            }
        )
        victim = self._member(email="victim@example.com")
        self.env["mail.blacklist"]._add("victim@example.com")
        self.assertEqual(self._verdict(victim), ("skip", "blacklisted"))
        self.authenticate("mallory", "mallory")
        page = self.url_open("/my/account").text
        token = page.split('name="csrf_token" value="')[1].split('"')[0]
        found = self.url_open(
            "/my/address/submit",
            data={
                "csrf_token": token,
                "name": user.partner_id.name,
                "email": "victim@example.com",
                "phone": "+8801711555666",
                "street": "a",
                "city": "b",
                "zipcode": "1",
                "zip": "1",
                "country_id": str(self.env.ref("base.bd").id),
                "partner_id": str(user.partner_id.id),
                "address_type": "billing",
                "required_fields": "name,email",
            },
        )
        self.env.invalidate_all()
        self.assertEqual(user.partner_id.email, "victim@example.com", found.text[:500])
        page = self.url_open("/my/preferences").text
        token = page.split('name="csrf_token" value="')[1].split('"')[0]
        self.url_open("/my/preferences", data={"csrf_token": token, "channel_email": 1})
        self.env.invalidate_all()
        self.assertEqual(self._verdict(victim), ("skip", "blacklisted"))

    def test_texts_leak_to_writer(self):
        other = self._create_company()
        marketer = new_test_user(
            self.env,
            "writer",
            "customer_lifecycle.group_lifecycle_manager",
            email="w@example.com",
            company_id=self.shop.id,
            company_ids=[Command.set(self.shop.ids)],
        )
        person = self._member()
        self._order(person, NOON, 77, other)
        body = "{{ customer.sale_order_ids.name }}"
        step = self._step(channel="internal", template_id=False, body=body)
        journey = self._journey(start=False)
        journey.step_ids.unlink()
        with self.assertRaises(ValidationError):
            journey.with_user(marketer).step_ids = [Command.create(step)]

    @freeze_time(NOON)
    def test_erased_contact_of_a_firm(self):
        firm = self._member(is_company=True, name="Firm")
        contact = self._create_customer(
            parent_id=firm.id, name="Karim Secret", email="secret@example.com"
        )
        self._say(contact, "granted", channel=None)
        self._order(contact, NOON - timedelta(days=9), company=self.shop)
        run = self._enrol(self._journey(goal="none"), firm)
        self._process()
        mail = run.delivery_ids.mail_mail_id
        self.assertIn("secret", mail.email_to)
        self.engine._anonymize_customer(contact)
        self.env.invalidate_all()
        self.assertFalse(
            mail.state == "outgoing" and "ecret" in str([mail.email_to, mail.body_html])
        )

    def test_mass_mailing_on_orders(self):
        person = self._member()
        self._say(person, "withdrawn", occurred_at=NOON)
        order = self._order(person, NOON, company=self.shop)
        model = self.env["ir.model"]._get_id("sale.order")
        mailing = self._create_mailing(mailing_model_id=model, body_html="<p>x</p>")
        mailing._action_send_mail([order.id])
        self.assertEqual(
            set(mailing.mailing_trace_ids.mapped("trace_status")), {"cancel"}
        )

    def test_resume_after_everything(self):
        person = self._member()
        links = self.env["contact.unsubscribe"]
        ticket = links._read_token(links._token(person, self.news, self.shop))
        links._stop(ticket, "x", everything=True)
        links._resume(ticket, "x")
        self.assertEqual(
            self._verdict(person, NOON + timedelta(days=3650), topic=self.news.id),
            ("skip", "blacklisted"),
        )

    @freeze_time(NOON)
    def test_confirmed_yes_of_the_blacklisted(self):
        self.shop.email_double_opt_in = True
        person = self._member()
        links = self.env["contact.unsubscribe"]
        ticket = links._read_token(links._token(person, self.news, self.shop))
        with freeze_time(NOON - timedelta(days=2)):
            links._stop(ticket, "x", everything=True)
        from odoo.addons.customer_preference.models.contact_unsubscribe import CONFIRM

        token = links._token(person, self.env["contact.topic"], self.shop, CONFIRM)
        self.assertTrue(links._confirm(links._read_token(token, CONFIRM)))
        self.assertNotEqual(
            self._verdict(person, NOON + timedelta(minutes=1)), ("skip", "blacklisted")
        )
