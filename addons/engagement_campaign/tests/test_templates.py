import re
from base64 import b64encode
from datetime import date
from html.parser import HTMLParser
from types import SimpleNamespace
from unittest.mock import patch

from lxml import html

from odoo.tests import new_test_user, tagged

from odoo.addons.base.models.ir_qweb import IrQweb
from odoo.addons.customer_lifecycle.tests.common import LifecycleCommon

CODE = "CRM20-7KQ4XZ9P"
UNTIL = date(2040, 6, 20)
MODULE = "engagement_campaign"
# Those which show the code of their step's offer.
WITH_OFFER = (
    *("payment_failed_2", "trial_ending_2", "inactivity_nudge_2", "cancellation_2"),
    *("milestone_1", "milestone_2", "retention_offer", "welcome_3", "first_order_2"),
    *("anniversary", "birthday"),
)
PLAIN = (
    *("payment_failed_1", "trial_ending_1", "inactivity_nudge_1", "cancellation_1"),
    *("churn_risk_1", "welcome_1", "welcome_2", "first_order_1", "review_request"),
)
SMS = ("payment_failed_2", "inactivity_nudge_1", "milestone_1")
# What is left when an expression is not filled, or has no value.
LEFTOVER = re.compile(r"\[[A-Z]|\{\{|\}\}|\bt-[a-z]+=|<t\b|\bNone\b|\bFalse\b")
GSM = re.compile(r"[A-Za-z0-9 \n@$_!\"#%&'()*+,\-./:;<=>?]*")
VOID = {"br", "img", "hr", "meta", "input"}


class TagChecker(HTMLParser):
    """Notes every tag that closes another one than the last that was opened."""

    def __init__(self):
        super().__init__()
        self.open, self.wrong = [], []

    def handle_starttag(self, tag, attrs):
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        if tag not in VOID and (not self.open or self.open.pop() != tag):
            self.wrong.append(tag)

    def handle_startendtag(self, tag, attrs):
        # A browser takes <p/> for an opening tag.
        if tag not in VOID:
            self.wrong.append(tag)


@tagged("post_install", "-at_install")
class TestTemplates(LifecycleCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.shop = cls._create_company()
        cls.shop.write({"street": "Lake Road 1", "city": "Dhaka"})
        cls.person = cls._create_customer(name="Rahim", email="rahim@example.com")
        groups = "base.group_user,customer_lifecycle.group_lifecycle_user"
        cls.marketer = new_test_user(cls.env, "templates_marketer", groups)
        model = cls.env["ir.model"]._get_id("res.partner")
        cls.mailing = cls.env["mailing.mailing"].create(
            {"subject": "Trial", "mailing_model_id": model}
        )

    def _template(self, name, kind="mail"):
        return self.env.ref(f"{MODULE}.{kind}_template_{name}")

    def _offer(self, **values):
        values = {"name": "Offer", "offer_type": "discount_percent", **values}
        return self.env["journey.offer"].create({"company_id": self.shop.id, **values})

    def _values(self, code="", offer=None, **values):
        run = offer and SimpleNamespace(definition_id=SimpleNamespace(offer_id=offer))
        return {
            "object": self.person,
            "customer": self.person,
            "lifecycle": self.lifecycle,
            "run": run,
            "company": self.shop,
            "offer_code": code,
            "offer_until": UNTIL if code else False,
            **values,
        }

    def _body(self, name, code="", **values):
        """The mail as the engine makes it."""
        step = SimpleNamespace(
            name="Step",
            category="marketing",
            template_id=self._template(name),
            mailing_id=self.mailing,
        )
        renderer = self.env["journey.renderer"]
        return renderer._render_bodies(step, {1: self._values(code, **values)})[1]

    def _preview(self, name):
        """The mail as Odoo's own preview shows it to a marketer."""
        values = {"resource_ref": f"res.partner,{self.person.id}"}
        values["mail_template_id"] = self._template(name).id
        return self.env["mail.template.preview"].with_user(self.marketer).create(values)

    def _sms(self, name, code=""):
        body = self._template(name, "sms").body
        renderer = self.env["journey.renderer"].with_company(self.shop)
        return renderer._render_texts(body, {1: self._values(code)})[1]

    def _each(self):
        """Every mail with a code and without."""
        for name in WITH_OFFER + PLAIN:
            for code in (CODE, ""):
                with self.subTest(template=name, code=code):
                    yield name, code, self._body(name, code)

    def test_every_template_is_looked_at_here(self):
        found = self.env["ir.model.data"].search(
            [("module", "=", MODULE), ("model", "=", "mail.template")]
        )
        names = {f"mail_template_{name}" for name in WITH_OFFER + PLAIN}
        self.assertEqual(set(found.mapped("name")), names)

    def _compilations(self, name, count):
        """Return (bodies, how often something was compiled) of a batch."""
        qweb = self.registry["ir.qweb"]
        standard = IrQweb._generate_code_uncached
        step = SimpleNamespace(
            name="Step",
            category="marketing",
            template_id=self._template(name),
            mailing_id=self.mailing,
        )
        contexts = {number: self._values(CODE) for number in range(count)}
        with patch.object(
            qweb, "_generate_code_uncached", autospec=True, side_effect=standard
        ) as compiled:
            bodies = self.env["journey.renderer"]._render_bodies(step, contexts)
        return list(bodies.values()), compiled.call_count

    def test_a_batch_compiles_no_more_than_one_mail(self):
        for name in ("inactivity_nudge_2", "welcome_1"):
            with self.subTest(template=name):
                self._compilations(name, 1)  # the frames around it are kept from now on
                one, compiled = self._compilations(name, 1)
                five, again = self._compilations(name, 5)
                self.assertEqual(again, compiled)
                self.assertEqual(set(five), set(one))

    def test_nothing_is_left_to_fill_in(self):
        for _name, _code, body in self._each():
            self.assertNotRegex(body, LEFTOVER)
            self.assertIn("Hello Rahim,", body)

    def test_a_code_shows_where_there_is_one(self):
        for name, code, body in self._each():
            shows = bool(code) and name in WITH_OFFER
            self.assertEqual(CODE in body, shows)
            self.assertEqual("Valid until" in body, shows)
            self.assertEqual("06/20/2040" in body, shows)

    def test_tags_are_balanced(self):
        for _name, _code, body in self._each():
            checker = TagChecker()
            checker.feed(body)
            self.assertFalse(checker.wrong)
            self.assertFalse(checker.open)

    def test_links_lead_to_web_pages(self):
        for _name, _code, body in self._each():
            links = html.fromstring(body).xpath("//a/@href | //img/@src")
            self.assertTrue(links)
            for link in links:
                self.assertRegex(link, r"^https?://")

    def test_clicks_are_counted(self):
        for _name, _code, body in self._each():
            root = html.fromstring(body)
            (button,) = root.xpath("//a[contains(@style, 'inline-block')]")
            self.assertIn("/r/", button.get("href"))
            self.assertTrue(button.text_content().strip())

    def test_pictures_have_a_text_and_previews_a_line(self):
        for _name, _code, body in self._each():
            root = html.fromstring(body)
            self.assertFalse(root.xpath("//img[not(@alt)]"))
            hidden = root.xpath("//div[contains(@style, 'mso-hide')]")[0]
            self.assertGreater(len(hidden.text_content().strip()), 10)

    def test_subjects_are_short(self):
        for name in WITH_OFFER + PLAIN:
            template = self._template(name)
            with self.subTest(template=name):
                values = {1: self._values()}
                subjects = self.env["journey.renderer"]._render_texts(
                    template.subject, values
                )
                self.assertTrue(subjects[1])
                self.assertLessEqual(len(subjects[1]), 60)
                self.assertTrue(template.description)

    def test_the_standard_preview_works(self):
        for name in WITH_OFFER + PLAIN:
            with self.subTest(template=name):
                preview = self._preview(name)
                self.assertFalse(preview.error_msg)
                self.assertIn("Hello Rahim,", preview.body_html)
                self.assertNotRegex(preview.body_html, LEFTOVER)
                self.assertEqual(preview.partner_ids, self.person)

    def test_names_are_but_text(self):
        self.person.name = "<b>{{ 1 + 1 }}</b><t t-out='2'/>"
        body = self._body("welcome_1")
        self.assertIn("Hello &lt;b&gt;{{ 1 + 1 }}&lt;/b&gt;", body)

    def test_an_address_is_no_name(self):
        self.person.name = "rahim@example.com"
        self.assertIn("Hello,", self._body("welcome_1"))

    def test_a_company_shows_its_own_logo_and_colours(self):
        self.shop.email_secondary_color = "#112233"
        plain = self._body("welcome_1")
        self.assertNotIn("logo.png", plain)
        self.assertIn("background-color: #112233", plain)
        picture = self.env["res.partner"]._avatar_get_placeholder()
        self.shop.logo = b64encode(picture)
        body = self._body("welcome_1")
        self.assertIn(f'/logo.png?company={self.shop.id}"', body)
        self.assertIn(f'alt="{self.shop.name}"', body)

    def test_the_coupon_says_what_it_gives(self):
        milk = self.product
        for values, text in (
            ({"value": 12.5}, "12.5% off your order"),
            ({"offer_type": "discount_fixed", "value": 5}, "5.00 off your order"),
            ({"offer_type": "product", "product_id": milk.id}, "For you, free: Milk"),
            ({"value": 20, "minimum_amount": 50}, "for orders from"),
        ):
            with self.subTest(text=text):
                body = self._body("birthday", CODE, offer=self._offer(**values))
                words = html.fromstring(body).text_content().replace("\xa0", " ")
                self.assertIn(text, re.sub(r"\s+", " ", words))

    def test_numbers_come_from_the_lifecycle(self):
        row = self.lifecycle.new(
            {"total_orders": 25, "customer_since": date(2037, 6, 15)}
        )
        body = self._body("milestone_1", lifecycle=row)
        self.assertIn("<strong>25</strong> orders", body)
        body = self._body("anniversary", lifecycle=row)
        self.assertIn("<strong>3</strong> years", body)

    def test_what_goes_well_with_an_order_is_told(self):
        names = ({"name": "Cream & co"}, {"name": "Gone", "sale_ok": False})
        cream, gone = self.env["product.template"].create(list(names))
        self.product.product_tmpl_id.optional_product_ids = cream + gone
        self.assertNotIn("Cream", self._body("first_order_2"))
        self._order(self.person, company=self.shop)
        body = self._body("first_order_2")
        self.assertIn("<li>Cream &amp; co</li>", body)
        self.assertNotIn("Gone", body)

    def test_an_sms_is_one_sms(self):
        self.shop.name = "Smart Dairy Limited"
        url = "https://shop.example.com"
        self.env["ir.config_parameter"].sudo().set_param("web.base.url", url)
        for name in SMS:
            for code in (CODE, ""):
                with self.subTest(template=name, code=code):
                    text = self._sms(name, code)
                    self.assertRegex(text, r"^Smart Dairy Limited: .*https://shop\.")
                    self.assertLessEqual(len(text), 160)
                    self.assertTrue(GSM.fullmatch(text), text)
                    self.assertNotRegex(text, LEFTOVER)

    def test_an_sms_shows_the_code_where_there_is_one(self):
        self.assertIn(f"code {CODE} until 06/20/2040", self._sms(SMS[0], CODE))
        self.assertTrue(self._sms(SMS[0]).endswith("/my/payment_method"))
