from datetime import timedelta

from odoo import Command
from odoo.tests import freeze_time, tagged

from ..tools.movement import Movement
from .common import NOW, LoyaltyCommon
from .flaws import FLAWS

LATER = NOW + timedelta(days=90)
# What the two ways must leave behind alike; rows are counted, not named, since each way
# draws numbers of its own.
TABLES = {
    "ledger": """
        SELECT loyalty_id, row_number() OVER (PARTITION BY loyalty_id ORDER BY id),
               program_id, company_id, transaction_type, points, balance_before,
               balance_after, source_type, source_id, source_description,
               redemption_type, redemption_value, redemption_code, expires_at,
               created_at, user_id, idempotency_key
          FROM loyalty_transaction ORDER BY 1, 2""",
    "lots": """
        SELECT loyalty_id, row_number() OVER (PARTITION BY loyalty_id ORDER BY id),
               points, remaining, issued_at, expires_at
          FROM loyalty_point_lot ORDER BY 1, 2""",
    "moves": """
        SELECT l.loyalty_id, l.place, row_number() OVER (
                   PARTITION BY m.lot_id ORDER BY m.id), t.loyalty_id, t.place, m.points
          FROM loyalty_lot_move m
          JOIN (SELECT id, loyalty_id, row_number() OVER (
                    PARTITION BY loyalty_id ORDER BY id) AS place
                  FROM loyalty_point_lot) l ON l.id = m.lot_id
          JOIN (SELECT id, loyalty_id, row_number() OVER (
                    PARTITION BY loyalty_id ORDER BY id) AS place
                  FROM loyalty_transaction) t ON t.id = m.transaction_id
         ORDER BY 1, 2, 3""",
    "accounts": """
        SELECT to_jsonb(a) - 'write_date' - 'write_uid'
          FROM customer_loyalty a ORDER BY id""",
    "cards": """
        SELECT id, partner_id, points, active, expiration_date
          FROM loyalty_card ORDER BY id""",
    "timeline": """
        SELECT customer_id, company_id, event_type, occurred_at, res_model, data,
               is_pending
          FROM lifecycle_event ORDER BY customer_id, event_type, occurred_at, id""",
    "mails": """
        SELECT m.model, m.res_id, m.subject, e.email_to FROM mail_mail e
          JOIN mail_message m ON m.id = e.mail_message_id ORDER BY 1, 2, e.id""",
}


@freeze_time(NOW)
@tagged("post_install", "-at_install")
class TestUnusedCodes(LoyaltyCommon):
    """What codes were bought with comes back, of many as of one."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.codes = cls.env["loyalty.card"].sudo()

    def _code(self, account):
        found = account._redeem_reward(account.program_id.reward_ids[:1])
        return self.codes.search([("code", "=", found["code"])])

    def _bought(self, points, **values):
        account = self._member(points, **values)
        return account, self._code(account)

    def _due(self):
        domain = [
            ("redemption_id", "!=", False),
            ("points", ">=", 1),
            ("expiration_date", "<", LATER.date() - timedelta(days=1)),
        ]
        return self.codes.search(domain, order="id")

    def _everything(self):
        self.env.flush_all()
        self.env.invalidate_all()
        found = {}
        for name, query in TABLES.items():
            self.env.cr.execute(query)
            found[name] = self.env.cr.fetchall()
        return found

    def _assert_flawless(self):
        self._assert_sound()
        for name, query in FLAWS.items():
            self.env.cr.execute(query)
            self.assertFalse(self.env.cr.fetchall(), name)

    # ------------------------------------------------------------------------ members
    def _ordinary(self):
        """Codes of members who only wait: out of one lot and of several, shared ones,
        such that expired since, and such that never do.
        """
        with freeze_time(NOW - timedelta(days=800)):
            _gone, codes = self._bought(150)
        self.env["loyalty.expiry"].sudo()._expire_all(NOW)
        self.program.points_expiry_months = 0
        codes |= self._bought(130)[1]
        self.program.points_expiry_months = 12
        several = self._member(120)
        several.earn_points(200, "test")
        for _each in range(3):
            codes |= self._code(several)
        return codes | self._told()

    def _told(self):
        """Codes in a program that writes to who reaches so many points again."""
        template = self.env["mail.template"].create(
            {
                "name": "Reached",
                "model_id": self.env["ir.model"]._get_id("loyalty.card"),
                "subject": "{{ object.points }} again",
                "email_to": "{{ object.partner_id.email }}",
            }
        )
        plan = [
            {"trigger": "points_reach", "points": points, "mail_template_id": mail}
            for points, mail in ((120, template.id), (220, template.id))
        ]
        program = self._program(communication_plan_ids=[*map(Command.create, plan)])
        account = self._member(250, program, email="reached@example.com")
        return self._code(account) | self._code(account)

    def _unusual(self):
        """Codes that something became of, and others of the same members."""
        taker, codes = self._bought(300)
        former, code = self._bought(200)
        codes |= code
        wizard = self.env["base.partner.merge.automatic.wizard"]
        wizard._merge((taker | former).customer_id.ids, taker.customer_id)
        refunded, code = self._bought(300)
        code._settle_refund(0.3, 1, "S1")
        codes |= code | self._code(refunded)
        owing = self._member()
        order = self._buy(owing, 100)
        codes |= self._code(owing)
        order._action_cancel()
        self.assertEqual(owing.points_debt, 100)
        noted, code = self._bought(100)
        noted._move(Movement("adjust", 5, "test", key=f"code:{code.id}"))
        return codes | code

    # -------------------------------------------------------------------------- tests
    def test_many_come_back_as_each_would_by_itself(self):
        ordinary, unusual = self._ordinary(), self._unusual()
        self.assertLessEqual(ordinary | unusual, self._due())
        with freeze_time(LATER):
            with self.env.cr.savepoint() as former:
                before = self._everything()
                for card in self._due():
                    card._return_points(LATER)
                expected = self._everything()
                former.rollback()
            self.assertEqual(self._everything(), before)
            self.accounts._return_codes(LATER, 1000)
            found = self._everything()
            for name, rows in expected.items():
                with self.subTest(table=name):
                    self.assertEqual(found[name], rows)
                    self.assertNotEqual(rows, before[name])
        self.assertFalse(self._due())
        self._assert_flawless()

    def test_only_what_something_became_of_goes_by_itself(self):
        ordinary, unusual = self._ordinary(), self._unusual()
        ledger = self.env["loyalty.ledger"].sudo()
        done = ledger._return_batch(ordinary | unusual, LATER)
        self.assertEqual(done, ordinary)
        self._assert_flawless()

    def test_again_it_changes_nothing(self):
        ordinary = self._ordinary()
        self.accounts._return_codes(LATER, 1000)
        found = self._everything()
        self.assertEqual(self.accounts._return_codes(LATER, 1000), 0)
        # Even if they were found another time.
        ledger = self.env["loyalty.ledger"].sudo()
        self.assertFalse(ledger._return_batch(ordinary, LATER))
        self.assertEqual(self._everything(), found)

    def test_points_keep_their_expiry_and_go_with_it(self):
        with freeze_time(NOW - timedelta(days=300)):
            account, _code = self._bought(150)
        (lot,) = account.lot_ids
        expires = lot.expires_at
        self.accounts._return_codes(LATER, 1000)
        self.assertEqual(account.lot_ids, lot)
        self.assertEqual((lot.remaining, lot.expires_at), (150, expires))
        self.assertEqual((account.points_balance, account.points_redeemed), (150, 0))
        self.env["loyalty.expiry"].sudo()._expire_all(expires)
        self.assertEqual((account.points_balance, account.points_expired), (0, 150))
        self._assert_sound(account)

    def test_who_reaches_points_again_is_told(self):
        self._told()
        mails = self.env["mail.mail"]
        before = mails.search([])
        self.accounts._return_codes(LATER, 1000)
        told = (mails.search([]) - before).sorted("id")
        self.assertEqual(told.mapped("subject"), ["150.0 again", "250.0 again"])

    def test_a_batch_takes_as_few_statements_for_many(self):
        def returned(number):
            for _each in range(number):
                self._bought(150)
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            with freeze_time(LATER):
                self.assertEqual(self.accounts._return_codes(LATER, 100), number)
                self.env.cr.flush()
            return self.env.cr.sql_log_count - before

        self.accounts._return_codes(LATER, 1000)
        returned(1)
        few, many = returned(5), returned(50)
        self.assertEqual(many, few)
        for _each in range(50):
            self._bought(150)
        with freeze_time(LATER), self.assertQueryCount(few):
            self.accounts._return_codes(LATER, 100)
