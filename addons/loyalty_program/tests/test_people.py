from odoo.exceptions import UserError, ValidationError
from odoo.tests import freeze_time, tagged

from .common import NOW, LoyaltyCommon


@freeze_time(NOW)
@tagged("post_install", "-at_install")
class TestPeople(LoyaltyCommon):
    """Points go to those who are there to use them."""

    def setUp(self):
        super().setUp()
        self.giver, self.taker = self._member(100), self._member()
        self.taker.customer_id.active = False

    def test_nothing_is_transferred_to_an_archived_customer(self):
        with self.assertRaisesRegex(ValidationError, "customer_id.*archived"):
            self.giver.transfer_points(self.taker.customer_id.id, 30)

    def test_nothing_is_given_to_an_archived_customer_by_code(self):
        with self.assertRaisesRegex(ValidationError, "could not be sent"):
            self.giver._give(self.taker.referral_code, 30, "portal:transfer:archived")
        self.assertEqual(self.giver.points_balance, 100)

    def test_an_archived_customer_earns_nothing_by_hand(self):
        with self.assertRaisesRegex(ValidationError, "customer_id.*archived"):
            self.taker.earn_points(10, "test")

    def test_the_balance_of_an_archived_customer_may_be_corrected(self):
        self.assertEqual(self.taker.adjust_points(10, "was owed"), 10)

    def test_a_contact_of_another_company_is_not_enrolled(self):
        other = self.env["res.company"].create({"name": "Far away"})
        self.env.user.company_ids += other
        stranger = self._create_customer()
        stranger.company_id = other
        with self.assertRaisesRegex(ValidationError, "customer_id.*another company"):
            self.service.enroll_customer(stranger.id, self.program.code)
        self.assertFalse(self.accounts._account_of(self.program, stranger))

    def test_a_contact_of_a_branch_is_enrolled(self):
        branch = self.env["res.company"].create(
            {"name": "Branch", "parent_id": self.shop.id}
        )
        self.env.user.company_ids += branch
        neighbour = self._create_customer()
        neighbour.company_id = branch
        found = self.service.enroll_customer(neighbour.id, self.program.code)
        self.assertTrue(found["created"])

    def test_the_currency_stays_once_points_have_moved(self):
        euro = self.env.ref("base.EUR")
        euro.active = True
        if self.program.currency_id == euro:
            euro = self.env.ref("base.USD")
        for name, value in (
            ("points_currency", euro.name),
            ("currency_id", euro.id),
        ):
            with (
                self.subTest(name),
                self.assertRaisesRegex(UserError, f"{name}: cannot be changed"),
                self.env.cr.savepoint(),
            ):
                self.program[name] = value

    def test_the_currency_of_a_program_without_points_may_change(self):
        euro = self.env.ref("base.EUR")
        euro.active = True
        program = self._program()
        program.points_currency = "EUR"
        self.assertEqual(program.currency_id, euro)
