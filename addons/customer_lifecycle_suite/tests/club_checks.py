"""Every number of the loyalty dashboard, compared with a count of its rows."""

from collections import Counter
from datetime import UTC, datetime, timedelta

from odoo.tests import freeze_time

from . import club_recount as again
from .club_recount import ClubRows
from .loyalty_recount import recount
from .year_checks import DHAKA
from .year_recount import percent, points


class ClubChecks:
    """A mixin for who is a ``YearChecks``, too."""

    def _ledger(self, rows):
        found = rows.transactions(self._club())
        for row in found:
            row["source"] = tuple(row["source"])
        return found

    def _told(self):
        return self.env["loyalty.service"].get_dashboard(self._club().id)

    def _now(self):
        return datetime.now(UTC).replace(tzinfo=None)

    def test_the_cards_of_the_club(self):
        rows, club = ClubRows(self.env), self._club().id
        ledger, accounts = self._ledger(rows), rows.accounts(club)
        issued, redeemed, expired = points(ledger)
        books = recount(ledger).values()
        wanted = {
            "members": len(accounts),
            "active": again.active(ledger, self._now()),
            "enrollment_rate": again.enrolment(accounts, rows.customers()),
            "issued": issued,
            "redeemed": redeemed,
            "expired": expired,
            "redemption_rate": percent(redeemed, issued),
            "outstanding": sum(max(account.balance, 0) for account in books),
            "owed": sum(account.debt for account in books),
        }
        told = self._told()["metrics"]
        for name, value in wanted.items():
            self.assertAlmostEqual(told[name], value, 2, name)
        for name in ("active", "redeemed", "expired", "outstanding"):
            self.assertGreater(wanted[name], 0, name)

    def test_what_the_club_owes(self):
        rows, club = ClubRows(self.env), self._club().id
        ledger, rewards = self._ledger(rows), rows.rewards(club)
        self.assertEqual({row["type"] for row in rewards}, {"discount"})
        held = sum(max(a.balance, 0) for a in recount(ledger).values())
        codes = again.open_codes(ledger, rows.used_codes(club))
        value = again.point_value(rewards, rows.orders(), self._now())
        found = self._told()
        self.assertAlmostEqual(found["point_value"], value, 6)
        self.assertAlmostEqual(found["metrics"]["code_points"], codes, 2)
        owed = (held + codes) * value
        self.assertGreater(owed, 0)
        self.assertAlmostEqual(found["metrics"]["liability"], owed, 2)
        today = self.env["loyalty.service"].liability(self._now().isoformat())
        (entry,) = [row for row in today if row["program"] == "dairy_club"]
        self.assertAlmostEqual(entry["liability"], owed, 2)

    def test_members_by_tier(self):
        rows, club = ClubRows(self.env), self._club().id
        tiers = rows.tiers(club)
        wanted = again.by_tier(rows.accounts(club), self._ledger(rows), tiers)
        found = self._told()
        told = {row["code"]: row["members"] for row in found["tiers"]}
        self.assertEqual(Counter(told), Counter(wanted))
        self.assertEqual(Counter(found["metrics"]["tiers"]), Counter(wanted))
        least = {row["code"]: row["min_points"] for row in found["tiers"]}
        self.assertEqual(least, {row["code"]: row["least"] for row in tiers})

    def test_points_about_to_expire(self):
        accounts = recount(self._ledger(ClubRows(self.env)))
        now = self._now()
        first = min(
            lot.expires
            for account in accounts.values()
            for lot in account.lots
            if lot.left > 0 and lot.expires > now
        )
        # Today, and ten days before the first of them expire.
        for moment in (now, first - timedelta(days=10)):
            with freeze_time(moment):
                found = self._told()["expiring"]
            sums, members = again.soon(accounts, moment)
            self.assertAlmostEqual(found["points"], sums, 2)
            self.assertEqual(found["members"], members)
            months = again.ahead(accounts, moment, DHAKA)
            for row, value in zip(found["months"], months, strict=True):
                self.assertAlmostEqual(row["points"], value, 2, row["month"])
        self.assertGreater(members, 0)
        self.assertGreater(sum(months), 0)

    def test_friends_and_what_is_held(self):
        rows, club = ClubRows(self.env), self._club().id
        found = self._told()
        referrals = rows.referrals(club)
        invited, paid = again.friends(referrals, self._ledger(rows))
        told = {row["key"]: row for row in found["referral"]}
        self.assertEqual(told["referrals"]["value"], invited)
        self.assertEqual(told["referrals_rewarded"]["value"], paid)
        self.assertGreater(paid, 0)
        waiting = sum(1 for row in referrals if row["state"] == "held")
        self.assertIn(str(waiting), told["referrals_rewarded"]["hint"])
        self.assertEqual(found["held"], len(rows.held(club)))
