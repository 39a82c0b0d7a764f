from datetime import timedelta
from unittest.mock import patch
from urllib.parse import urlsplit

from lxml import html

from odoo import fields
from odoo.tests import HttpCase, new_test_user, tagged
from odoo.tools import config

from odoo.addons.base.models.ir_mail_server import IrMail_Server
from odoo.addons.journey_engine.tests.mail_server import receiving

from .common import CampaignCommon

BODY = """<p>Dear <t t-out="object.name"/>, use <b t-out="offer_code"/>:
<a href="https://shop.example.com/milk">Milk</a></p>"""


@tagged("post_install", "-at_install")
class TestStory(CampaignCommon, HttpCase):
    """From the silence of a customer to an order that the campaign paid for.

    By the real clock, through a real mail server; in the cart of the website where a
    shop is installed, else in an order of the backend.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["ir.mail_server"].search([]).active = False
        cls.env["mail.mail"].search([("state", "=", "outgoing")]).state = "cancel"
        cls.startClassPatcher(patch.dict(config.options, {"smtp_server": ""}))
        cls.startClassPatcher(
            patch.object(IrMail_Server, "_disable_send", lambda *_args: False)
        )
        cls.company = cls.env.ref("base.main_company")
        cls.env = cls.env(
            context={**cls.env.context, "allowed_company_ids": cls.company.ids}
        )
        cls.company.write({"quiet_hours_start": 0, "quiet_hours_end": 0})
        cls.company.email = "shop@example.com"
        cls.now = fields.Datetime.now()
        cls.product = cls.product.with_env(cls.env)
        cls.product.write({"standard_price": 4, "list_price": 100})
        cls.user = new_test_user(
            cls.env, "story", "base.group_portal", email="story@example.com"
        )
        cls.person = cls.user.partner_id
        cls._say(cls.person, "granted", channel=None, occurred_at=cls.now)
        cls.campaign = cls._story_campaign()

    @classmethod
    def _story_campaign(cls):
        campaign = cls.env["engagement.campaign"].create(
            {
                "name": "Come back",
                "code": "story",
                "company_id": cls.company.id,
                "trigger_config": {"trigger_type": "stage_entry", "stage": "churned"},
                "email_sequence": [
                    {
                        "step": 1 + days,
                        "delay_hours": 24 * days,
                        "template_id": cls._template(body_html=BODY).id,
                        "offer": True,
                    }
                    for days in range(2)
                ],
                "offer_config": {"type": "discount", "value": 10},
            }
        )
        campaign.action_start()
        return campaign

    def _evaluate(self):
        self._dispatch()
        self.env["lifecycle.engine"].evaluate_customers(self.person.ids)
        self._dispatch()

    def _receive(self):
        """Let the queue send; return the message that arrives."""
        self.env["journey.scheduler"].process_due(self.now + timedelta(minutes=1))
        with receiving() as (port, inbox):
            server = self.env["ir.mail_server"].create(
                {
                    "name": "Story",
                    "smtp_host": "127.0.0.1",
                    "smtp_port": port,
                    "smtp_encryption": "none",
                    "smtp_authentication": "login",
                }
            )
            self.env.flush_all()
            self.env["mail.mail"].process_email_queue()
            server.active = False
        (message,) = [message for _to, message in inbox.messages]
        self.env["journey.delivery"].sudo()._follow_traces()
        return message

    def _click(self, page):
        link = page.xpath("//a[contains(text(), 'Milk')]")[0].get("href")
        # Machines are quicker than people.
        self.env.cr.execute(
            "UPDATE mailing_trace SET sent_datetime = %s WHERE res_id = %s"
            " AND model = 'res.partner'",
            [self.now - timedelta(hours=1), self.person.id],
        )
        self.env.invalidate_all()
        address = f"{self.base_url()}{urlsplit(link).path}"
        answer = self.opener.get(address, timeout=30, allow_redirects=False)
        self.assertEqual(answer.status_code, 301)
        self.env.invalidate_all()
        self._dispatch()

    def _cart(self):
        values = {}
        if "website_id" in self.env["sale.order"]._fields:
            site = self.env["website"].get_current_website()
            self.product.website_published = True
            values["website_id"] = site.id
        return self._create_order(
            self.person, self.now + timedelta(seconds=5), 100, self.company, **values
        )

    def _redeem(self, cart, code):
        if "ecommerce_ok" in self.env["loyalty.program"]._fields:
            self.authenticate("story", "story")
            self.url_open("/shop/cart")
            self.url_open(f"/shop/pricelist?promo={code}")
            self.env.invalidate_all()
        else:
            rewards = cart._try_apply_code(code)
            for coupon, reward in rewards.items():
                cart._apply_program_reward(reward, coupon)
        self.assertEqual(cart.amount_untaxed, 90)

    def test_from_silence_to_an_order_that_paid(self):
        long_ago = self.now - timedelta(days=900)
        self._order(self.person, long_ago, 20, self.company)
        self._evaluate()
        self.assertEqual(self.person.lifecycle_stage, "churned")
        run = self._of(self.campaign)
        self.assertEqual(run.customer_id, self.person)
        run_started = run.started_at
        message = self._receive()
        self.assertEqual(message["Subject"], f"Milk for {self.person.name}")
        self.assertIn("one-click", message["List-Unsubscribe-Post"].lower())
        page = html.fromstring(message.get_body(("html",)).get_content())
        code = page.xpath("//b/text()")[0]
        self.assertEqual(code, run.offer_code)
        self._click(page)
        self.assertEqual(run.delivery_ids.state, "clicked")
        cart = self._cart()
        self._redeem(cart, code)
        cart.action_confirm()
        cart.date_order = max(cart.date_order, run_started)
        self._evaluate()
        self.env.invalidate_all()
        self.assertRecordValues(
            run,
            [
                {
                    "status": "converted",
                    "conversion_order_id": cart.id,
                    "conversion_value": 90,
                    "offer_used": True,
                }
            ],
        )
        figures = self.campaign.get_statistics()
        self.assertEqual(figures["revenue"], 90)
        self.assertEqual(figures["offer_cost"], 10)
        self.assertEqual(figures["clicked_rate"], 100)
        lift = self.campaign.get_lift()
        self.assertEqual(lift["treated"]["margin"], 86)
        # Who paid gets no further step.
        before = len(run.delivery_ids)
        self.env["journey.scheduler"].process_due(self.now + timedelta(days=3))
        self.assertEqual(len(run.delivery_ids), before)
