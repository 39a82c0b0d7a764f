from datetime import date, datetime, timedelta

from odoo.exceptions import UserError, ValidationError
from odoo.tests import freeze_time, tagged

from odoo.addons.sale_loyalty_personal.tools.codes import ALPHABET, LENGTH

from .offer_common import NOON, OfferCommon

BAD = (
    ({"value": 0}, "Value"),
    ({"value": 100.5}, "Value"),
    ({"value": float("nan")}, "Value"),
    ({"offer_type": "discount_fixed", "value": -1}, "Value"),
    ({"offer_type": "discount_fixed", "value": 0}, "Value"),
    ({"offer_type": "product"}, "Product"),
    ({"validity_days": 0}, "1 to 3650"),
    ({"validity_days": 3651}, "1 to 3650"),
    ({"code_prefix": "abc"}, "Code prefix"),
    ({"code_prefix": "A_B"}, "Code prefix"),
    ({"code_prefix": "A" * 17}, "Code prefix"),
    ({"margin_floor": -1}, "Margin floor"),
    ({"margin_floor": 101}, "Margin floor"),
    ({"minimum_amount": -1}, "Minimum order"),
    ({"budget_count": -1}, "Codes at most"),
    ({"budget_amount": -1}, "Money at most"),
    ({"customer_limit_per_year": -1}, "Codes per customer and year"),
)
GOOD = (
    {"value": 100},
    {"value": 0.01},
    {"validity_days": 1},
    {"code_prefix": "SUMMER2040ABCDEF"},
    {"code_prefix": False},
    {"margin_floor": 100},
)


@freeze_time(NOON)
@tagged("post_install", "-at_install")
class TestOffer(OfferCommon):
    def test_wrong_values_are_refused_by_name(self):
        for values, name in BAD:
            refused = self.assertRaisesRegex(ValidationError, name)
            with self.subTest(**values), refused:
                self._create_offer(**values)

    def test_extreme_values_are_accepted(self):
        for values in GOOD:
            with self.subTest(**values):
                self.assertTrue(self._create_offer(**values).program_id)

    def test_its_program_says_what_the_offer_says(self):
        offer = self._create_offer(minimum_amount=50)
        self.assertRecordValues(
            offer.program_id,
            [
                {
                    "program_type": "coupons",
                    "trigger": "with_code",
                    "applies_on": "current",
                    "is_personal": True,
                    "company_id": self.shop.id,
                    "currency_id": self.shop.currency_id.id,
                }
            ],
        )
        self.assertFalse(offer.program_id.communication_plan_ids)
        self.assertEqual(offer.program_id.rule_ids.minimum_amount, 50)
        offer.write({"offer_type": "product", "product_id": self.milk.id})
        offer.write({"minimum_amount": 0, "name": "Milk"})
        self.assertEqual(offer.program_id.name, "Milk")
        self.assertFalse(offer.program_id.rule_ids)
        reward = offer.program_id.reward_ids
        self.assertEqual(reward.reward_type, "product")
        self.assertEqual(reward.reward_product_id, self.milk)
        offer.write({"offer_type": "discount_fixed", "value": 7})
        self.assertEqual((reward.discount_mode, reward.discount), ("per_order", 7))

    def test_what_was_promised_stays(self):
        offer = self._create_offer()
        self._code(self.contact, offer)
        for values in ({"value": 5}, {"offer_type": "product"}, {"minimum_amount": 9}):
            with self.subTest(**values), self.assertRaises(ValidationError):
                offer.write(values)
        offer.write({"value": 10, "budget_count": 5, "name": "Renamed"})
        with self.assertRaises(UserError):
            offer.unlink()

    def test_an_offer_nobody_used_goes_with_its_program(self):
        offer = self._create_offer()
        program = offer.program_id
        offer.unlink()
        self.assertFalse(program.exists())

    def test_two_offers_do_not_share_a_program(self):
        offer = self._create_offer()
        self.assertNotEqual(offer.copy().program_id, offer.program_id)

    # ----------------------------------------------------------------------- codes
    def test_a_code_is_personal_single_use_and_hard_to_guess(self):
        offer = self._create_offer(code_prefix="SUN", validity_days=3)
        mails = self.env["mail.mail"].search_count([])
        cards, refusals = offer._issue((self.contact | self.stranger).ids, NOON)
        self.assertFalse(refusals)
        self.assertEqual(set(cards), set((self.contact | self.stranger).ids))
        card = cards[self.contact.id]
        self.assertEqual((card.partner_id, card.points), (self.contact, 1))
        self.assertEqual(card.expiration_date, date(2040, 6, 16))
        self.assertRegex(card.code, f"^SUN[{ALPHABET}]{{{LENGTH}}}$")
        self.assertGreaterEqual(len(set(ALPHABET)) ** LENGTH, 2**80)
        self.assertEqual(len({c.code for c in cards.values()}), 2)
        self.assertEqual(self.env["mail.mail"].search_count([]), mails)

    def test_the_last_day_is_the_companys(self):
        self.shop.partner_id.tz = "Asia/Dhaka"
        card = self._code(self.contact, now=datetime(2040, 6, 13, 20), validity_days=1)
        self.assertEqual(card.expiration_date, date(2040, 6, 15))

    def test_archived_offers_issue_nothing_and_keep_their_word(self):
        offer = self._create_offer()
        card = self._code(self.contact, offer)
        offer.action_archive()
        refused = ({}, {self.stranger.id: "offer_expired"})
        self.assertEqual(offer._issue(self.stranger.ids, NOON), refused)
        self.assertFalse(self._enter(self._create_order(self.contact), card))
        offer.action_unarchive()
        offer.program_id.action_archive()
        self.assertEqual(offer._issue(self.stranger.ids, NOON), refused)

    def test_queries_do_not_grow_with_recipients(self):
        def count(number):
            ids = self._create_partners(number).ids
            offer = self._create_offer(
                budget_count=1000, budget_amount=1e6, customer_limit_per_year=3
            )
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            cards, _refusals = offer._issue(ids, NOON)
            self.env.flush_all()
            self.assertEqual(len(cards), number)
            return self.cr.sql_log_count - before

        count(1)
        few, many = count(10), count(200)
        # The ORM inserts a hundred rows with each statement.
        self.assertLessEqual(many, few + 1)

    def test_the_budget_of_codes_holds(self):
        offer = self._create_offer(budget_count=3)
        one, two, three, four = self._create_partners(4).ids
        self.assertEqual(set(offer._issue([one, two], NOON)[0]), {one, two})
        cards, refusals = offer._issue([three, four], NOON)
        self.assertEqual(set(cards), {three})
        self.assertEqual(refusals, {four: "offer_budget"})
        cards[three].action_archive()
        self.assertEqual(offer._issue([four], NOON), ({}, {four: "offer_budget"}))
        self.assertEqual(offer.budget_progress, 100)

    def test_the_budget_of_money_counts_used_and_open_codes(self):
        offer = self._create_offer(
            offer_type="discount_fixed", value=10, budget_amount=30, validity_days=5
        )
        one, two, three, four = self._create_partners(4)
        cards, refusals = offer._issue((one | two | three | four).ids, NOON)
        self.assertEqual(refusals, {four.id: "offer_budget"})
        self._order_with(cards[one.id]).action_confirm()
        self.assertEqual(offer._issue(four.ids, NOON)[0], {})
        offer.invalidate_recordset()
        self.assertEqual((offer.cost, offer.committed_amount), (10, 30))
        # Two codes lapse, what one of them cost stays.
        later = NOON + timedelta(days=6)
        partners = self._create_partners(3).ids
        cards, refusals = offer._issue(partners, later)
        self.assertEqual((len(cards), len(refusals)), (2, 1))

    def test_percents_are_budgeted_by_what_customers_order(self):
        order = self._create_order(self.stranger, quantity=5)
        order.action_confirm()
        offer = self._create_offer(value=10, budget_amount=120)
        partners = self._create_partners(3)
        # An order of 500 is the usual one: a code costs 50.
        cards, refusals = offer._issue(partners.ids, NOON)
        self.assertEqual((len(cards), len(refusals)), (2, 1))
        self._order_with(cards[partners[0].id], quantity=2).action_confirm()
        # Codes turned out to cost 20: used 20, open 20, so 80 are left.
        cards, refusals = offer._issue(self._create_partners(5).ids, NOON)
        self.assertEqual((len(cards), len(refusals)), (4, 1))

    def test_a_company_has_one_limit_for_all_its_contacts(self):
        offer = self._create_offer(customer_limit_per_year=1)
        cards, refusals = offer._issue((self.contact | self.colleague).ids, NOON)
        self.assertEqual(set(cards), {self.contact.id})
        self.assertEqual(refusals, {self.colleague.id: "offer_limit"})
        refused = ({}, {self.firm.id: "offer_limit"})
        self.assertEqual(offer._issue(self.firm.ids, NOON), refused)
        almost = NOON + timedelta(days=364)
        self.assertEqual(offer._issue(self.firm.ids, almost), refused)
        year = NOON + timedelta(days=365)
        self.assertEqual(set(offer._issue(self.firm.ids, year)[0]), {self.firm.id})

    def test_a_merged_customer_keeps_the_codes(self):
        card = self._code(self.stranger)
        wizard = self.env["base.partner.merge.automatic.wizard"].create({})
        wizard._merge((self.stranger | self.firm).ids, self.firm, extra_checks=False)
        card.invalidate_recordset()
        self.assertEqual(card.partner_id, self.firm)
        self.assertFalse(self._enter(self._create_order(self.colleague), card))

    # --------------------------------------------------------------------- results
    def test_results_are_read_from_the_orders(self):
        offer = self._create_offer(value=10)
        cards, _ = offer._issue((self.contact | self.stranger | self.firm).ids, NOON)
        self._order_with(cards[self.contact.id], quantity=2).action_confirm()
        cancelled = self._order_with(cards[self.stranger.id])
        cancelled.action_confirm()
        self._order_with(cards[self.firm.id])  # a quotation
        expected = {"issued_count": 3, "redeemed_count": 2, "revenue": 270, "cost": 30}
        offer.invalidate_recordset()
        self.assertRecordValues(offer, [expected])
        cancelled._action_cancel()
        expected = {"issued_count": 3, "redeemed_count": 1, "revenue": 180, "cost": 20}
        offer.invalidate_recordset()
        self.assertRecordValues(offer, [expected])

    def test_results_are_in_the_companys_currency(self):
        euro = self.env["res.currency"].create(
            {
                "name": "XEU",
                "symbol": "x",
                "rate_ids": [(0, 0, {"name": "2040-01-01", "rate": 2.0})],
            }
        )
        pricelist = self.env["product.pricelist"].create(
            {"name": "Foreign", "currency_id": euro.id}
        )
        offer = self._create_offer(offer_type="discount_fixed", value=10)
        card = self._code(self.stranger, offer)
        order = self._create_order(self.stranger, pricelist_id=pricelist.id)
        self.assertFalse(self._enter(order, card))
        self.assertEqual(order.amount_total, 180)
        order.action_confirm()
        offer.invalidate_recordset()
        self.assertRecordValues(offer, [{"revenue": 90, "cost": 10}])

    def test_a_free_product_costs_its_price(self):
        gift = self._create_product("Gift", list_price=30)
        offer = self._create_offer(offer_type="product", product_id=gift.id)
        order = self._order_with(self._code(self.stranger, offer))
        self.assertEqual(order.amount_total, 100)
        self.assertIn(gift, order.order_line.product_id)
        order.action_confirm()
        offer.invalidate_recordset()
        self.assertRecordValues(offer, [{"revenue": 100, "cost": 30}])
