import re

from odoo import api, models


class JourneyReach(models.AbstractModel):
    """Whom a journey would let in, and whom its first message would reach. Steps are a
    ``journey.step.preview``.
    """

    _name = "journey.reach"
    _description = "Reach of a Journey"

    @api.onchange("name")
    def _onchange_name(self):
        """A new journey gets the code that its name suggests, and nobody else has."""
        for journey in self:
            if journey.name and not journey.code:
                words = re.sub(r"\W+", "_", journey.name.lower()).strip("_")
                journey.code = journey._free_code(words[:40])

    def _audience_label(self):
        """Say what the number of those whom a dry run lets in means."""
        return self.env._("customers would enter now")

    @api.readonly
    def get_reach(self, days=7):
        """Tell how many customers would enter now, and whom the first message reaches.

        Steps and audience count as they were saved last; see ``dry_run``.

        :param int days: how long messages may be held, 1 to 366
        :return: dict with ``entering`` (customers), ``label`` (what that number means:
            of dates, whose comes within 30 days), ``control`` (of them held out),
            ``step`` (name of the first message), ``reached`` (customers who get it),
            ``later`` (customers for whom the days do not suffice), and ``stopped``:
            list of {reason, label, count}, the most frequent first
        :raises ValidationError: days out of range
        """
        self._check_one()
        found = self.dry_run(days)
        first = self._first_messages()
        rows = [row for row in found["days"] if row["step"] in first.mapped("code")]
        reached = sum(row["count"] for row in rows if row["outcome"] == "send")
        stopped = self._stopped(rows)
        missing = found["entering"] - found["control"] - reached
        return {
            "entering": found["entering"],
            "label": self._audience_label(),
            "control": found["control"],
            "step": first[:1].headline or "",
            "reached": reached,
            "later": max(missing - sum(row["count"] for row in stopped), 0),
            "stopped": stopped,
        }

    def _first_messages(self):
        """Return the step with the first message; of variants, that of each."""
        messages = self.step_ids.filtered(lambda step: step.kind == "message")
        if not messages[:1].split:
            return messages[:1]
        first = {}
        for step in messages.filtered("split"):
            first.setdefault(step.split, step)
        return messages.browse(step.id for step in first.values())

    def _stopped(self, rows):
        counts = {}
        for row in rows:
            reason = row["outcome"]
            # Who is held gets the message later; the control group counts apart.
            if reason not in ("send", "holdout") and not reason.startswith("hold:"):
                counts[reason] = counts.get(reason, 0) + row["count"]
        labels = self._stay_away_labels()
        found = [
            {"reason": reason, "label": labels.get(reason, reason), "count": count}
            for reason, count in counts.items()
        ]
        return sorted(found, key=lambda row: -row["count"])
