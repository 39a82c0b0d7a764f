"""Every number about surveys that ``year_checks`` leaves out, counted again."""

from datetime import UTC, datetime, timedelta

from . import feedback_recount as again
from .feedback_recount import FeedbackRows
from .year_checks import DHAKA
from .year_recount import percent, score, stages_at

INTERVALS = ("day", "week", "month", "quarter", "year")


class FeedbackChecks:
    """A mixin for who is a ``YearChecks``, too."""

    def _feedback(self):
        return FeedbackRows(self.env)

    def _surveys(self, first, last, survey=None):
        return self.env["nps.service"].get_dashboard(
            first.isoformat(), last.isoformat(), survey
        )

    def _given(self, rows, first, last):
        begin, end = self._moments(first, last)
        return [row for row in rows.all_answers() if begin <= row["at"] < end]

    def test_the_trend_of_nps_by_any_interval(self):
        rows = self._feedback()
        answers = self._given(rows, self.first, self.last)
        for interval in INTERVALS:
            wanted = again.by_interval(answers, interval, DHAKA)
            trend = self.env["nps.service"].get_trend(
                interval, self.first.isoformat(), self.last.isoformat()
            )
            told = {row["period"]: row for row in trend}
            days = {day.isoformat(): scores for day, scores in wanted.items()}
            self.assertEqual(list(told), list(days), interval)
            for day, scores in days.items():
                self._compare_nps(told[day], scores)
        found = self._surveys(self.first, self.last)
        for name, interval in (("weeks", "week"), ("months", "month")):
            wanted = again.by_interval(answers, interval, DHAKA)
            self.assertEqual(len(found[name]), len(wanted))
            for row, scores in zip(found[name], wanted.values(), strict=True):
                self._compare_nps(row, scores)

    def test_nps_by_what_was_bought(self):
        rows = self._feedback()
        answers = self._given(rows, self.first, self.last)
        wanted = again.by_category(answers, rows.lines())
        found = self._surveys(self.first, self.last)["product_categories"]
        self.assertEqual({row["key"] for row in found}, set(wanted))
        self.assertGreater(len(wanted), 0)
        for row in found:
            self._compare_nps(row, wanted[row["key"]])

    def test_answers_know_the_stage_of_then(self):
        rows = self._feedback()
        moves = rows.moves()
        answers = self._given(rows, self.first, self.last)
        for answer in answers:
            mine = [move for move in moves if move["customer"] == answer["customer"]]
            self.assertEqual({answer["stage"]: 1}, dict(stages_at(mine, answer["at"])))
        found = self._surveys(self.first, self.last)["stages"]
        self.assertEqual(sum(row["responses"] for row in found), len(answers))

    def test_the_score_of_a_period_and_of_the_one_before(self):
        rows = self._feedback()
        for first, last in self._periods():
            before = first - (last - first) - timedelta(days=1)
            found = self._surveys(first, last)
            for name, period in (
                ("nps", (first, last)),
                ("previous", (before, first - timedelta(days=1))),
            ):
                self._compare_nps(
                    found[name], [row["score"] for row in self._given(rows, *period)]
                )

    def test_each_survey_has_its_own_figures(self):
        rows = self._feedback()
        answers, asked = rows.all_answers(), rows.asked()
        seen = 0
        surveys = self.env["nps.survey"].search(
            [("company_id", "=", self.env.company.id)]
        )
        for survey in surveys:
            mine = [row["score"] for row in answers if row["survey"] == survey.id]
            sent = [row for row in asked if row["survey"] == survey.id and row["sent"]]
            answered = sum(1 for row in sent if row["answered"])
            self.assertEqual(survey.invited_count, len(sent), survey.code)
            self.assertEqual(survey.response_count, len(mine), survey.code)
            rate = percent(answered, len(sent))
            self.assertAlmostEqual(survey.response_rate, rate, delta=0.06)
            nps = score(mine)["nps"] or 0
            self.assertAlmostEqual(survey.nps_score, nps, delta=0.06)
            given = self._given(rows, self.first, self.last)
            within = [row["score"] for row in given if row["survey"] == survey.id]
            found = self._surveys(self.first, self.last, survey.id)
            self._compare_nps(found["nps"], within)
            seen += bool(mine)
        self.assertGreater(seen, 1)

    def test_all_that_was_rated_is_told(self):
        rows = self._feedback()
        begin, end = self._moments(self.first, self.last)
        kinds = {row["kind"] for row in rows.ratings() if begin <= row["at"] < end}
        found = self._surveys(self.first, self.last)["csat"]
        self.assertEqual({row["context_type"] for row in found}, kinds)
        self.assertTrue(kinds)

    def test_open_cases(self):
        # Most are closed by now: some are taken up again, one by nobody.
        closed = [("state", "=", "closed"), ("company_id", "=", self.env.company.id)]
        cases = self.env["nps.case"].search(closed, order="opened_at", limit=3)
        # Nobody is written to about it, as in the story.
        cases.with_context(mail_activity_quick_update=True).action_reopen()
        cases[:1].user_id = False
        now = datetime.now(UTC).replace(tzinfo=None)
        wanted = again.open_cases(self._feedback().all_cases(), now, DHAKA)
        found = self._surveys(self.first, self.last)["cases"]
        for name, value in wanted.items():
            self.assertEqual(found[name], value, name)
            self.assertGreater(value, 0, name)
        self.assertEqual(len(found["rows"]), min(wanted["open"], 20))

    def test_words_are_counted_by_kind(self):
        rows = self._feedback()
        answers = self._given(rows, self.first, self.last)
        period = self.first.isoformat(), self.last.isoformat()
        for category, (low, high) in again.CATEGORIES.items():
            mine = [r for r in answers if r["words"] and low <= r["score"] <= high]
            found = self.env["nps.service"].get_verbatims(*period, category, limit=1)
            self.assertEqual(found["total"], len(mine), category)
        found = self.env["nps.service"].get_verbatims(*period, limit=1)
        self.assertEqual(found["total"], sum(1 for row in answers if row["words"]))
        self.assertGreater(found["total"], 0)
