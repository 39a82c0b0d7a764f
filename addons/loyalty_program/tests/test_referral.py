import doctest
from datetime import timedelta

from odoo.exceptions import ValidationError
from odoo.tests import freeze_time, tagged

from odoo.addons.loyalty_program.tools import likeness

from .referral_common import NOW, Invitation, ReferralCommon


@freeze_time(NOW)
@tagged("post_install", "-at_install")
class TestReferral(ReferralCommon):
    """Who brought whom, and what both get for it."""

    # ------------------------------------------------------------------- attribution
    def test_who_signs_up_after_an_invitation_is_noted_and_joins(self):
        referral = self._follow(name="Farid Friend")
        self.assertRecordValues(
            referral,
            [
                {
                    "loyalty_id": self.member.id,
                    "state": "pending",
                    "invited_at": NOW,
                    "joined_at": NOW,
                }
            ],
        )
        self.assertTrue(self._friend_account(referral))
        self.assertEqual(referral._friend_name(), "Farid F.")
        self.assertEqual(self._points(referral), (0, 0))

    def test_the_first_invitation_counts(self):
        other = self._member()
        friend = self._create_customer()
        self.assertTrue(self._follow(friend))
        self.assertFalse(self._follow(friend))
        self.assertFalse(self._follow(friend, member=other))

    def test_an_invitation_counts_for_thirty_days(self):
        for days, counts in ((0, True), (30, True), (30.01, False), (-1, False)):
            with self.subTest(days=days):
                moment = NOW - timedelta(days=days)
                self.assertEqual(bool(self._follow(moment=moment)), counts)

    def test_who_bought_before_is_no_friend_to_be_brought(self):
        friend = self._create_customer()
        self._buy(self.accounts, partner=friend)
        self.assertFalse(self._follow(friend))

    def test_nobody_invites_oneself_nor_the_own_firm(self):
        firm = self._member(is_company=True)
        contact = self._create_customer(parent_id=firm.customer_id.id)
        self.assertFalse(self._follow(firm.customer_id, member=firm))
        self.assertFalse(self._follow(contact, member=firm))

    def test_staff_and_visitors_are_no_friends(self):
        clerk = self._user("referral_clerk", "base.group_user")
        self.assertFalse(self._follow(clerk.partner_id))
        self.assertFalse(self._follow(self.env.ref("base.public_partner")))

    def test_codes_are_found_however_they_are_typed(self):
        code = self.member.referral_code
        for text in (code, code.lower(), f" {code} "):
            self.assertEqual(self.accounts._by_code(text), self.member)
        for text in ("", None, "%", code[:-1], ["x"]):
            self.assertFalse(self.accounts._by_code(text))
        self.program.is_active = False
        self.assertFalse(self.accounts._by_code(code))

    def test_a_first_order_tells_who_invited(self):
        friend = self._create_customer()
        order = self._create_order(
            friend, None, 80, referral_code=self.member.referral_code.lower()
        )
        self.assertFalse(self.member.referral_ids)
        order.action_confirm()
        referral = self.member.referral_ids
        self.assertEqual((referral.friend_id, referral.state), (friend, "joined"))
        self.assertEqual(self._friend_account(referral).points_balance, 80)

    def test_a_cart_that_lay_too_long_tells_nothing(self):
        order = self._create_order(
            self._create_customer(),
            None,
            80,
            referral_code=self.member.referral_code,
            invited_at=NOW - timedelta(days=31),
        )
        order.action_confirm()
        self.assertFalse(self.member.referral_ids)

    # ------------------------------------------------------------------------ reward
    def test_both_are_rewarded_once_the_first_order_is_paid_online(self):
        referral = self._follow(name="Farid Friend")
        order = self._buy(self.accounts, 70, partner=referral.friend_id)
        self._dispatch()
        self.assertEqual(referral.state, "joined")
        self.assertEqual(self._points(referral), (0, 0))
        self._pay(order, 30)
        self.assertEqual(referral.state, "joined")
        self._pay(order, 40)
        self.assertEqual(self._points(referral), (200, 50))
        self.assertRecordValues(
            referral,
            [
                {
                    "state": "rewarded",
                    "order_id": order.id,
                    "points": 200,
                    "friend_points": 50,
                    "rewarded_at": NOW,
                }
            ],
        )
        self.assertEqual(self.member.referral_count, 1)
        self.assertEqual(
            self.member.transaction_ids.source_description, "Invitation of Farid F."
        )
        self._assert_sound(self.member, self._friend_account(referral))

    def test_a_paid_invoice_rewards(self):
        referral = self._follow()
        order = self._buy(self.accounts, partner=referral.friend_id)
        invoice = self._invoice(order)
        self._dispatch()
        self.assertEqual(self._points(referral), (0, 0))
        self._pay_invoice(invoice)
        self.assertEqual(self._points(referral), (200, 50))

    def test_a_reward_is_given_once_however_often_it_is_looked_at(self):
        referral = self._follow()
        order = self._buy(self.accounts, partner=referral.friend_id)
        self._pay(order)
        self._pay(self._buy(self.accounts, partner=referral.friend_id))
        for _round in range(3):
            referral._settle(NOW)
        self.assertEqual(self._points(referral), (200, 50))

    def test_an_order_that_is_paid_before_it_is_confirmed_rewards(self):
        friend = self._create_customer()
        order = self._create_order(
            friend, None, 80, referral_code=self.member.referral_code
        )
        self._pay(order)
        order.action_confirm()
        self._dispatch()
        self.assertEqual(self._points(self.member.referral_ids), (200, 50))

    def test_points_of_invitations_pend_as_those_of_orders(self):
        self.program.pending_days = 14
        referral = self._follow()
        self._pay(self._buy(self.accounts, partner=referral.friend_id))
        self.assertEqual(self._points(referral), (0, 0))
        self.assertEqual(self.member.points_pending, 200)
        self.env["loyalty.pending"]._release_due(NOW + timedelta(days=14), 100)
        self.assertEqual(self._points(referral), (200, 50))
        self.assertEqual(referral.state, "rewarded")

    def test_the_order_must_come_to_what_the_program_says(self):
        self.program.referral_min_amount = 100
        referral = self._follow()
        self._pay(self._buy(self.accounts, 99, partner=referral.friend_id))
        self.assertEqual(referral.state, "joined")
        self._pay(self._buy(self.accounts, 100, partner=referral.friend_id))
        self.assertEqual(referral.state, "rewarded")

    def test_a_member_is_rewarded_so_often_a_year(self):
        self.program.referral_limit = 2
        found = self.referrals
        for _each in range(3):
            referral = self._follow()
            self._pay(self._buy(self.accounts, partner=referral.friend_id))
            found += referral
        self.assertEqual(found.mapped("state"), ["rewarded", "rewarded", "limited"])
        self.assertEqual(self._points(found[2]), (400, 50))
        self.assertIn("2", found[2].reason)
        with freeze_time(NOW + timedelta(days=300)):
            later = NOW + timedelta(days=300)
            late = self._follow(moment=later, now=later)
            self._pay(self._buy(self.accounts, partner=late.friend_id))
        self.assertEqual(late.state, "rewarded")

    def test_no_limit_is_no_limit(self):
        self.program.referral_limit = 0
        referral = self._follow()
        self._pay(self._buy(self.accounts, partner=referral.friend_id))
        self.assertEqual(referral.state, "rewarded")

    def test_a_program_that_is_switched_off_rewards_nothing(self):
        referral = self._follow()
        self.program.is_active = False
        self._pay(self._buy(self.accounts, partner=referral.friend_id))
        self.assertEqual(self._points(referral), (0, 0))

    # --------------------------------------------------------------------- take back
    def test_cancelling_takes_both_rewards_back(self):
        referral = self._follow()
        order = self._buy(self.accounts, partner=referral.friend_id)
        self._pay(order)
        order._action_cancel()
        self._dispatch()
        self.assertEqual(referral.state, "reversed")
        self.assertEqual(self._points(referral), (0, 0))
        self.assertEqual(self.member.points_lifetime, 0)
        self.assertEqual(self.member.referral_count, 0)
        self._assert_sound(self.member, self._friend_account(referral))

    def test_rewards_are_taken_back_from_who_took_the_accounts_over(self):
        referral, other, heir = self._follow(), self._member(), self._member()
        order = self._buy(self.accounts, partner=referral.friend_id)
        self._pay(order)
        earned, spent = other.points_balance, heir.points_balance
        self._merge(self.member.customer_id, other.customer_id)
        self._merge(referral.friend_id, heir.customer_id)
        self.assertEqual(other.points_balance, earned + 200)
        order._action_cancel()
        self._dispatch()
        self.assertEqual(referral.state, "reversed")
        self.assertEqual(other.points_balance, earned)
        self.assertEqual(heir.points_balance, spent)
        self._assert_sound(other, heir)

    def test_a_credit_note_takes_both_rewards_back(self):
        referral = self._follow()
        invoice = self._invoice(self._buy(self.accounts, partner=referral.friend_id))
        self._pay_invoice(invoice)
        self._refund(invoice)
        self.assertEqual(referral.state, "reversed")
        self.assertEqual(self._points(referral), (0, 0))

    def test_what_is_kept_of_an_order_counts(self):
        self.program.referral_min_amount = 50
        referral = self._follow()
        invoice = self._invoice(self._buy(self.accounts, partner=referral.friend_id))
        self._pay_invoice(invoice)
        self._refund(invoice, 30)
        self.assertEqual(referral.state, "rewarded")
        self._refund(invoice, 30)
        self.assertEqual(referral.state, "reversed")

    def test_money_that_goes_back_online_takes_both_rewards_back(self):
        referral = self._follow()
        order = self._buy(self.accounts, partner=referral.friend_id)
        paid = self._pay(order)
        back = self._transaction(
            order,
            -order.amount_total,
            operation="refund",
            source_transaction_id=paid.id,
            sale_order_ids=[],
        )
        back._set_done()
        self._dispatch()
        self.assertEqual(referral.state, "reversed")
        self.assertEqual(self._points(referral), (0, 0))

    def test_another_paid_order_rewards_after_all(self):
        referral = self._follow()
        order = self._buy(self.accounts, partner=referral.friend_id)
        self._pay(order)
        order._action_cancel()
        self._dispatch()
        self._pay(self._buy(self.accounts, partner=referral.friend_id))
        self.assertEqual((referral.state, referral.turn), ("rewarded", 2))
        self.assertEqual(self._points(referral), (200, 50))
        self._assert_sound(self.member)

    def test_spent_points_come_back_as_the_program_says(self):
        for shortfall, balance in (("debt", -150), ("cap", 0), ("block", 0)):
            with self.subTest(shortfall=shortfall):
                self.program.shortfall = shortfall
                member = self._member()
                referral = self._follow(member=member)
                order = self._buy(self.accounts, partner=referral.friend_id)
                self._pay(order)
                member.redeem_points(150, "product", 5)
                # The friend has spent nothing: what blocks is the own balance.
                order._action_cancel()
                self._dispatch()
                self.assertEqual(referral.state, "reversed")
                self.assertEqual(member.points_balance, balance)
                self._assert_sound(member)

    def test_points_that_pend_are_taken_back_too(self):
        self.program.pending_days = 14
        referral = self._follow()
        order = self._buy(self.accounts, partner=referral.friend_id)
        self._pay(order)
        order._action_cancel()
        self._dispatch()
        self.assertEqual(self.member.points_pending, 0)
        self.env["loyalty.pending"]._release_due(NOW + timedelta(days=99), 100)
        self.assertEqual(self._points(referral), (0, 0))

    # ------------------------------------------------------------------------ review
    def test_what_looks_like_oneself_is_held_and_not_lost(self):
        member, same = self.member.customer_id, {"street": "Road 7", "zip": "1212"}
        member.write({"phone": "+880 1711 000111", **same})
        self._pay_with(member, "card-1")
        self._bank(member, "DE02 1203 0000 0000 2020 51")
        for reason, values in (
            ("e-mail", {"email": "mi.na+2@example.com"}),
            ("phone", {"phone": "01711-000111"}),
            ("address", {"street": "road 7.", "zip": "1212"}),
            ("means of payment", {"token": "card-1"}),
            ("means of payment", {"bank": "DE02120300000000202051"}),
        ):
            with self.subTest(reason=reason, values=values):
                token, bank = values.pop("token", None), values.pop("bank", None)
                referral = self._follow(**values)
                if token:
                    self._pay_with(referral.friend_id, token)
                if bank:
                    self._bank(referral.friend_id, bank)
                self._pay(self._buy(self.accounts, partner=referral.friend_id))
                self.assertEqual(referral.state, "held")
                self.assertIn(reason, referral.reason)
                self.assertEqual(self._points(referral)[1], 0)
                self.assertEqual(self.member.points_balance, 0)
                held = referral._pending_points()
                self.assertEqual(held.mapped("state"), ["held", "held"])
                self.assertIn(reason, held[0].reason)

    def _pay_with(self, partner, reference):
        self.env["payment.token"].create(
            {
                "provider_id": self.provider.id,
                "payment_method_id": self.method.id,
                "partner_id": partner.id,
                "provider_ref": reference,
            }
        )

    def _bank(self, partner, number):
        self.env["res.partner.bank"].create(
            {"acc_number": number, "partner_id": partner.id}
        )

    def _held(self):
        referral = self._follow(email="mi.na@example.com")
        order = self._buy(self.accounts, partner=referral.friend_id)
        self._pay(order)
        self.assertEqual(referral.state, "held")
        return referral, order

    def test_who_is_no_relative_is_not_held(self):
        self.member.customer_id.phone = "12"
        referral = self._follow(email="nina@example.com", phone="12", city="Dhaka")
        self._pay(self._buy(self.accounts, partner=referral.friend_id))
        self.assertEqual((referral.state, referral.reason), ("rewarded", False))

    def test_what_is_found_honest_is_credited(self):
        referral, _order = self._held()
        referral._pending_points()._credit(NOW)
        self.assertEqual(referral.state, "rewarded")
        self.assertEqual(self._points(referral), (200, 50))
        self._assert_sound(self.member)

    def test_what_is_refused_is_blocked_for_good(self):
        referral, order = self._held()
        referral._pending_points().state = "cancelled"
        self.assertEqual(referral.state, "blocked")
        self._pay(self._buy(self.accounts, partner=referral.friend_id))
        order._action_cancel()
        self._dispatch()
        self.assertEqual(referral.state, "blocked")
        self.assertEqual(self._points(referral), (0, 0))

    def test_what_is_held_is_cancelled_with_the_order(self):
        referral, order = self._held()
        order._action_cancel()
        self._dispatch()
        self.assertEqual(referral.state, "reversed")
        self.assertEqual(set(referral._pending_points().mapped("state")), {"cancelled"})

    def test_held_invitations_count_for_the_limit(self):
        self.program.referral_limit = 1
        self._held()
        other = self._follow()
        self._pay(self._buy(self.accounts, partner=other.friend_id))
        self.assertEqual(other.state, "limited")

    def test_how_likeness_is_found(self):
        self.assertEqual(doctest.testmod(likeness).failed, 0)
        self.assertGreater(doctest.testmod(likeness).attempted, 5)

    # ------------------------------------------------------------------------- merge
    def _merge(self, source, target):
        wizard = self.env["base.partner.merge.automatic.wizard"].create({})
        wizard._merge((source | target).ids, target)
        self.env.invalidate_all()

    def test_friends_who_are_merged_came_once(self):
        first, second = self._follow(), self._follow()
        self._merge(first.friend_id, second.friend_id)
        self.assertEqual((first.active, second.active), (True, False))
        self.assertEqual(first.friend_id, second.friend_id)
        self._assert_sound(self.member)

    def test_a_member_who_is_merged_keeps_the_invitations(self):
        referral, other = self._follow(), self._member()
        self._merge(self.member.customer_id, other.customer_id)
        self.assertEqual(referral.loyalty_id, other)
        self._pay(self._buy(self.accounts, partner=referral.friend_id))
        self.assertEqual(other.points_balance, 200)

    def test_a_friend_who_is_the_member_was_not_invited(self):
        referral = self._follow()
        self._merge(referral.friend_id, self.member.customer_id)
        self.assertFalse(referral.active)

    def test_rewards_for_inviting_oneself_are_taken_back(self):
        referral = self._follow()
        friend = self._friend_account(referral)
        before = self.member.points_balance, friend.points_balance
        order = self._buy(self.accounts, partner=referral.friend_id)
        self._pay(order)
        self.assertGreater(self.member.points_balance, before[0])
        self._merge(referral.friend_id, self.member.customer_id)
        self.assertEqual((referral.active, referral.state), (False, "reversed"))
        earned = order._loyalty_points()
        self.assertEqual(self.member.points_balance, sum(before) + earned)
        self._dispatch()
        self.assertEqual(referral.state, "reversed")
        self._assert_sound(self.member, friend)

    def test_an_invitation_that_is_dropped_is_watched_all_the_same(self):
        first, second = self._follow(), self._follow()
        orders = [
            self._buy(self.accounts, partner=one.friend_id) for one in (first, second)
        ]
        for order in orders:
            self._pay(order)
        given = self.member.points_balance
        self._merge(first.friend_id, second.friend_id)
        self.assertFalse(second.active)
        orders[1]._action_cancel()
        self._dispatch()
        self.assertEqual((first.state, second.state), ("rewarded", "reversed"))
        self.assertEqual(self.member.points_balance, given - second.points)
        second._settle(NOW)
        self.assertEqual(second.state, "reversed")
        self._assert_sound(self.member)

    # --------------------------------------------------------------------- elsewhere
    def test_the_nightly_job_finds_what_no_event_told(self):
        referral = self._follow()
        order = self._buy(self.accounts, partner=referral.friend_id)
        self._dispatch()
        self._transaction(order, order.amount_total).state = "done"
        self._dispatch()
        self.assertEqual(referral.state, "joined")
        job = self.env.ref("loyalty_program.ir_cron_settle_referrals")
        with self.enter_registry_test_mode():
            job.method_direct_trigger()
        self.assertEqual(referral.state, "rewarded")

    def test_the_timeline_tells_of_it(self):
        referral = self._follow()
        order = self._buy(self.accounts, partner=referral.friend_id)
        self._pay(order)
        order._action_cancel()
        self._dispatch()
        events = self.events.search(
            [("customer_id", "=", self.member.customer_id.id)], order="id"
        ).mapped("event_type")
        wanted = ["friend_joined", "referral_rewarded", "referral_reversed"]
        self.assertEqual([e for e in events if e in wanted], wanted)

    def test_other_systems_read_it(self):
        referral = self._follow()
        self._pay(self._buy(self.accounts, partner=referral.friend_id))
        found = self.service.get_referrals(self.member.customer_id.id)
        self.assertEqual(
            (found["code"], found["count"]), (self.member.referral_code, 1)
        )
        self.assertTrue(found["link"].endswith(f"/refer/{self.member.referral_code}"))
        self.assertEqual(found["referrals"][0]["friend_id"], referral.friend_id.id)
        stranger = self._create_customer()
        self.assertFalse(self.service.get_referrals(stranger.id)["code"])

    def test_settings_have_bounds(self):
        for name in ("referral_limit", "referral_min_amount"):
            with self.assertRaisesRegex(ValidationError, name):
                self._program(**{name: -1})

    def test_another_companys_order_rewards_nothing(self):
        company = self._create_company()
        referral = self._follow()
        order = self._order(referral.friend_id, None, 100, company)
        self._dispatch()
        self._transaction(order, 100).state = "done"
        referral._settle(NOW)
        self.assertEqual(referral.state, "pending")
        friend = self._create_customer()
        invitation = Invitation(self.member.referral_code, NOW)
        self.assertFalse(
            self.referrals._attribute(
                invitation, friend, NOW, self._order(friend, None, 10, company)
            )
        )
