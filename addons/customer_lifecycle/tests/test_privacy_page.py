from odoo.tests import new_test_user, tagged

from .pictures import LOOK, PageCase

OPEN = """
document.querySelector(".o_cp_action_menus button").click();
setTimeout(() => {
    const items = [...document.querySelectorAll(".o_menu_item")];
    items.find((item) => item.textContent.includes("Privacy Request")).click();
}, 1000);
"""


@tagged("post_install", "-at_install")
class TestPrivacyPage(PageCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        new_test_user(
            cls.env,
            "page_manager",
            "base.group_user,base.group_partner_manager,"
            "customer_lifecycle.group_lifecycle_manager",
        )
        cls.customer = cls.env["res.partner"].create(
            {"name": "Rahima Khatun", "email": "rahima@example.com"}
        )
        order = cls.env["sale.order"].create({"partner_id": cls.customer.id})
        order.action_confirm()
        cls.env["lifecycle.engine"].evaluate_customers(cls.customer.ids)

    def test_the_dialog(self):
        with self._pictured("privacy"):
            self.browser_js(
                f"/odoo/res.partner/{self.customer.id}",
                f"{OPEN} setTimeout(() => {{ {LOOK} }}, 3000);",
                ready="!!document.querySelector('.o_cp_action_menus button')",
                login=self.page_login,
            )


@tagged("post_install", "-at_install")
class TestPrivacyPageOnPhone(TestPrivacyPage):
    browser_size = "390x844"
    suffix = "-phone"
    touch_enabled = True
    allow_inherited_tests_method = True
