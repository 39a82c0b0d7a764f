import operator
from datetime import timedelta

from odoo.exceptions import ValidationError
from odoo.tests import tagged

from .common import NOW, LifecycleCommon

OPERATORS = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "=": operator.eq,
    "!=": operator.ne,
}
FIELDS = ("days_since_last_order", "days_as_customer")


@tagged("post_install", "-at_install")
class TestSilenceSearch(LifecycleCommon):
    """Searching by days finds what the computed fields show."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        customers = [cls._customer_of(*days) for days in ((0,), (1,), (2, 9), (30,))]
        customers.append(cls._create_customer(customer_rank=1))
        cls._settle()
        cls.rows = cls.env["customer.lifecycle"].union(*map(cls._row, customers))

    def test_every_operator_agrees_with_the_field(self):
        for name in FIELDS:
            for sign, holds in OPERATORS.items():
                for value in (0, 1, 2, 30, 998, 999, 1.5, -3):
                    with self.subTest(f"{name} {sign} {value}"):
                        self.assertEqual(
                            self._search(name, sign, value),
                            self.rows.filtered(
                                lambda r, n=name, h=holds, v=value: h(r[n], v)
                            ),
                        )

    def _search(self, name, sign, value):
        return self.rows.search([("id", "in", self.rows.ids), (name, sign, value)])

    def test_days_beyond_the_calendar_find_nobody_or_everybody(self):
        for name in FIELDS:
            self.assertFalse(self._search(name, ">=", 10**12))
            self.assertFalse(self._search(name, "<", -(10**12)))

    def test_what_is_no_number_is_refused(self):
        for value in ("x", float("nan"), float("inf")):
            with self.assertRaises(ValidationError):
                self._search("days_since_last_order", ">=", value)

    def test_the_day_is_the_company_s_wherever_the_user_is(self):
        far = self._create_company(tz="Pacific/Kiritimati")
        customer = self._create_customer()
        self._order(customer, NOW - timedelta(days=1), company=far)
        self._settle()
        row = self._row(customer, far)
        user_env = row.with_context(tz="Pacific/Niue")
        found = user_env.search(
            [
                ("id", "=", row.id),
                ("days_since_last_order", "=", row.days_since_last_order),
                ("days_since_last_order", ">=", row.days_since_last_order),
                ("days_since_last_order", "<=", row.days_since_last_order),
            ]
        )
        self.assertEqual(found, row)
