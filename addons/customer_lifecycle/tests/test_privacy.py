import base64
import json

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import new_test_user, tagged

from .common import LifecycleCommon


@tagged("post_install", "-at_install")
class TestPrivacy(LifecycleCommon):
    """What a person may ask for: to know, and to be forgotten."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.customer = cls._customer_of(40, 5, birthday="1990-01-31")
        cls.customer.write(
            {
                "name": "Rahima Khatun",
                "email": "rahima@example.com",
                "phone": "+8801711000000",
                "street": "Road 7",
                "comment": "Likes ghee",
            }
        )
        cls.row = cls._row(cls.customer)
        cls.manager = new_test_user(
            cls.env,
            "privacy_manager",
            "base.group_user,customer_lifecycle.group_lifecycle_manager",
        )
        cls.marketer = new_test_user(
            cls.env,
            "privacy_marketer",
            "base.group_user,customer_lifecycle.group_lifecycle_user",
        )

    def _as(self, user):
        return self.env["lifecycle.engine"].with_user(user)

    def _wizard(self, **values):
        wizards = self.env["lifecycle.privacy"].with_user(self.manager)
        return wizards.create({"partner_id": self.customer.id, **values})

    # ------------------------------------------------------------------------ access
    def test_everything_that_is_known_is_told(self):
        data = self._as(self.manager).get_personal_data(self.customer.id)
        self.assertEqual(data["res.partner"]["rows"][0]["email"], "rahima@example.com")
        self.assertEqual(len(data["sale.order"]["rows"]), 2)
        (row,) = data["customer.lifecycle"]["rows"]
        self.assertEqual(row["total_orders"], 2)
        events = self.events.search_count([("customer_id", "=", self.customer.id)])
        self.assertEqual(len(data["lifecycle.event"]["rows"]), events)
        json.dumps(data)

    def test_others_and_secrets_are_not_told(self):
        other = self._customer_of(3, name="Somebody Else")
        text = json.dumps(self._as(self.manager).get_personal_data(self.customer.id))
        self.assertNotIn("Somebody Else", text)
        self.assertNotIn(other.email or "no address", text)
        self.assertNotIn("token", text)

    def test_every_model_about_customers_is_asked(self):
        names = self.engine._personal_models()
        self.assertIn("customer.lifecycle", names)
        self.assertIn("lifecycle.stage.history", names)
        self.assertNotIn("lifecycle.privacy", names)

    def test_only_managers_ask(self):
        for method in ("get_personal_data", "erase_customer"):
            with self.assertRaises(AccessError):
                getattr(self._as(self.marketer), method)(self.customer.id)
            for wrong in ("x", 0, 2**40, 10**400, None, 999999999):
                with self.assertRaises(ValidationError):
                    getattr(self._as(self.manager), method)(wrong)

    def test_the_file_holds_it(self):
        wizard = self._wizard()
        self.assertIn("Customer Lifecycle: 1", wizard.summary)
        action = wizard.action_download()
        self.assertIn(f"/{wizard.id}/file/", action["url"])
        data = json.loads(base64.b64decode(wizard.file))
        self.assertEqual(data["res.partner"]["rows"][0]["name"], "Rahima Khatun")

    # ----------------------------------------------------------------------- erasure
    def test_what_identifies_is_gone_and_figures_stay(self):
        self.customer.message_post(body="Rahima moved to Sylhet")
        portal = self._login()
        wizard = self._wizard(note="Asked by e-mail")
        wizard.action_erase()
        self.env.invalidate_all()
        text = json.dumps(self.customer.read(load=None)[0], default=str)
        for word in ("Rahima", "rahima", "8801711", "Road 7", "ghee"):
            self.assertNotIn(word, text)
        self.assertFalse(self.customer.active)
        self.assertFalse(self.customer.message_ids)
        self.assertFalse(portal.active)
        self.assertNotIn("rahima", portal.login)
        self.assertEqual((self.row.total_orders, self.row.total_revenue), (2, 20))
        log = self.env["privacy.log"].search([], limit=1, order="id desc")
        self.assertEqual(log.anonymized_name, "R***** K*****")
        self.assertEqual(log.user_id, self.manager)
        self.assertEqual(log.additional_note, "Asked by e-mail")

    def _login(self):
        user = new_test_user(
            self.env,
            "rahima@example.com",
            "base.group_portal",
            partner_id=self.customer.id,
        )
        self.customer.write({"name": "Rahima Khatun", "email": "rahima@example.com"})
        return user

    def test_again_is_harmless(self):
        engine = self._as(self.manager)
        engine.erase_customer(self.customer.id)
        engine.erase_customer(self.customer.id)
        self.assertTrue(self.customer.name)

    def test_addresses_of_a_person_go_along_and_people_of_a_firm_stay(self):
        firm = self._create_customer(is_company=True)
        for parent in (self.customer, firm):
            self._create_customer(
                parent_id=parent.id, type="delivery", street="Side Street 1"
            )
        engine = self._as(self.manager)
        engine.erase_customer(self.customer.id)
        engine.erase_customer(firm.id)
        own = self.customer.with_context(active_test=False).child_ids
        self.assertEqual((own.street, own.active), (False, False))
        theirs = firm.with_context(active_test=False).child_ids
        self.assertEqual((theirs.street, theirs.active), ("Side Street 1", True))
        self.assertFalse(firm.active)

    def test_a_person_of_a_firm_asks_for_herself_alone(self):
        firm = self._create_customer(is_company=True, name="Firm", email="f@e.com")
        contact = self._create_customer(
            parent_id=firm.id, name="Person", email="person@e.com"
        )
        engine = self._as(self.manager)
        found = engine.get_personal_data(contact.id)["res.partner"]["rows"]
        self.assertEqual([row["email"] for row in found], ["person@e.com"])
        self.assertEqual(engine.erase_customer(contact.id)["customer_id"], contact.id)
        self.assertEqual(
            (firm.name, firm.email, firm.active), ("Firm", "f@e.com", True)
        )
        self.assertEqual((contact.email, contact.active), (False, False))

    def test_who_has_no_address_is_erased(self):
        nobody = self._create_customer(email=False)
        self._as(self.manager).erase_customer(nobody.id)
        self.assertFalse(nobody.active)

    def test_a_reason_is_wanted(self):
        with self.assertRaisesRegex(ValidationError, "Note for the log"):
            self._wizard(note=" ").action_erase()
        self.assertTrue(self.customer.active)

    def test_colleagues_are_not_erased(self):
        with self.assertRaisesRegex(UserError, "colleague"):
            self._as(self.manager).erase_customer(self.marketer.partner_id.id)

    def test_open_invoices_come_first(self):
        order = self.env["sale.order"].search(
            [("partner_id", "=", self.customer.id)], limit=1
        )
        order.order_line.product_id.invoice_policy = "order"
        order.order_line.invalidate_recordset()
        self.env["sale.order.line"].browse(
            order.order_line.ids
        )._compute_invoice_status()
        invoice = order._create_invoices()
        invoice.action_post()
        with self.assertRaisesRegex(UserError, "not settled"):
            self._as(self.manager).erase_customer(self.customer.id)
        self.assertEqual(self.customer.name, "Rahima Khatun")
