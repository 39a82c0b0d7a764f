from datetime import timedelta

from odoo import api, models
from odoo.exceptions import ValidationError
from odoo.tools import SQL

from ..const import RECENT_LABELS, RULE_LABELS, STAGE_KEYS
from .lifecycle_policy import RULE_FIELDS

# Each step looks at the next day on which anything changes at all.
MAX_STEPS = 20
FACTS = {
    "days_since_last_order": "d",
    "days_as_customer": "age",
    "total_orders": "total_orders",
    "total_revenue": "total_revenue",
    "first_order_date": "first_order_date",
    "last_order_date": "last_order_date",
    "last_renewal_date": "last_renewal_date",
    "average_order_gap": "average_order_gap",
    "subscribed": "subscribed",
    "customer_since": "customer_since",
    "won_back_on": "won_back_on",
    "stage_pinned_until": "stage_pinned_until",
    "onboarding_status": "onboarding_status",
}


class LifecycleExplanation(models.AbstractModel):
    """Why a customer is in a stage, and what another policy would make of it."""

    _inherit = "lifecycle.engine"

    @api.model
    def explain(self, customer_id):
        """Explain the stage of one customer as of today.

        In the user's current company; where the customer has no row there, in the
        first other one that the user has selected.

        :param int customer_id: id of a partner
        :return: dict: customer_id, company_id, stage, stage_label, stage_since, rule,
            why (sentence), facts, score_parts (list of key, label, points, attainable),
            engagement_score, engagement_attainable, engagement_trend,
            churn_risk_score, health_score, thresholds, next_change (False or
            date, stage, stage_label, why). Empty dict without a lifecycle row.
        :raises ValidationError: the id is unknown
        :raises AccessError: the user is neither marketer nor salesperson
        """
        self._check_reader()
        verdict = self._verdict_of(customer_id)
        if not verdict:
            return {}
        return self._as_json(
            {
                "customer_id": verdict["customer_id"],
                "company_id": verdict["company_id"],
                **self._describe_stage(verdict),
                "current_stage": verdict["current_stage"],
                "stage_since": verdict["stage_changed_at"],
                "rule": verdict["rule"],
                "facts": {key: verdict[name] for key, name in FACTS.items()},
                "score_parts": self._describe_parts(verdict),
                "engagement_score": verdict["score"],
                "engagement_attainable": verdict["attainable"],
                "engagement_trend": verdict["trend"],
                "churn_risk_score": verdict["risk"],
                "health_score": verdict["health"],
                "thresholds": {name: verdict[name] for name in RULE_FIELDS},
                "next_change": self._foresee(verdict),
            }
            | {"facts": self._plain_facts(verdict)}
        )

    def _plain_facts(self, verdict):
        facts = {key: verdict[name] for key, name in FACTS.items()}
        return facts | {"total_revenue": float(verdict["total_revenue"] or 0)}

    def _describe_stage(self, verdict):
        labels = dict(
            self.env["customer.lifecycle"]
            ._fields["current_stage"]
            ._description_selection(self.env)
        )
        facts = {key: verdict[name] for key, name in FACTS.items()}
        return {
            "stage": verdict["stage"],
            "stage_label": labels[verdict["stage"]],
            "why": self._rule_label(verdict["rule"], facts),
        }

    def _rule_label(self, rule, facts):
        dates = {
            key: value.strftime("%Y-%m-%d") if hasattr(value, "strftime") else value
            for key, value in facts.items()
        }
        label = RULE_LABELS[rule]
        if rule == "active":
            label = RECENT_LABELS.get(facts["days_since_last_order"], label)
        return label._translate(self.env.lang or "en_US") % dates

    def _describe_parts(self, verdict):
        labels = self._part_labels()
        return [
            {
                "key": key,
                "label": labels.get(key, key),
                "points": verdict[f"part_{key}"],
                "attainable": verdict[f"attain_{key}"],
            }
            for key in self.env["customer.lifecycle"]._engagement_score_parts()
        ]

    @api.model
    def _part_labels(self):
        """Return the labels of the score parts; an addon adds its own."""
        return {
            "recency": self.env._("Ordered lately"),
            "orders": self.env._("Number of orders"),
            "subscription": self.env._("Subscription"),
        }

    def _foresee(self, verdict):
        """Return the next stage by time alone and its day, or False.

        The same query with a later ``now``: nothing is predicted by other means.
        """
        customer, seen = verdict["customer_id"], verdict
        for _step in range(MAX_STEPS):
            day = self._next_change_of(seen)
            # An order that is dated ahead starts the silence anew from its day on.
            if not day or (seen["next_order_date"] and day >= seen["next_order_date"]):
                return False
            seen = self._verdict_of(customer, self._noon(seen["tz"], day))
            if not seen:
                return False
            if seen["stage"] != verdict["stage"]:
                return {"date": day, **self._describe_stage(seen)}
        return False

    def _noon(self, zone, day):
        """Return noon of ``day`` in ``zone`` as naive UTC."""
        self.env.cr.execute(
            "SELECT (%s::date + time '12:00') AT TIME ZONE %s AT TIME ZONE 'UTC'",
            [day, zone],
        )
        return self.env.cr.fetchone()[0]

    def _next_change_of(self, verdict):
        lifecycle = self.env["customer.lifecycle"].sudo()
        scope = SQL("l.id = %s", verdict["id"])
        now = self._noon(verdict["tz"], verdict["today"])
        self.env.cr.execute(
            SQL(
                "SELECT %s FROM (%s) s",
                lifecycle._next_change(),
                lifecycle._verdict_query(scope, now),
            )
        )
        day = self.env.cr.fetchone()[0]
        return day if day and day - verdict["today"] < timedelta(days=3650) else None

    # --------------------------------------------------------------------- preview
    @api.model
    def preview_policy(self, values):
        """Tell what a changed policy would do to the current company's customers.

        Nothing is written.

        :param dict values: thresholds of ``lifecycle.policy`` to try; the others stay
        :return: dict of from-stage to dict of to-stage to number of customers; every
            stage is present in both, so that it reads as a matrix
        :raises ValidationError: unknown threshold, or a policy that would be refused
        :raises AccessError: the user is no marketer
        """
        self._check_marketer()
        values = self._check_preview(values)
        lifecycle = self.env["customer.lifecycle"].sudo()
        scope = SQL("l.company_id = %s", self.env.company.id)
        self.env.flush_all()
        self.env.cr.execute(
            SQL(
                """
                SELECT s.current_stage, s.stage, count(*) FROM (%s) s GROUP BY 1, 2
                """,
                lifecycle._verdict_query(scope, self._clock().now, values),
            )
        )
        matrix = {key: dict.fromkeys(STAGE_KEYS, 0) for key in STAGE_KEYS}
        for before, after, count in self.env.cr.fetchall():
            matrix[before][after] = count
        return matrix

    def _check_preview(self, values):
        if not isinstance(values, dict) or set(values) - set(RULE_FIELDS):
            raise ValidationError(
                self.env._(
                    "values: unknown %(keys)s; allowed are %(allowed)s.",
                    keys=", ".join(sorted(map(str, set(values) - set(RULE_FIELDS))))
                    if isinstance(values, dict)
                    else repr(values)[:50],
                    allowed=", ".join(RULE_FIELDS),
                )
            )
        for name, value in values.items():
            if not self._is_threshold(name, value):
                raise ValidationError(
                    self.env._(
                        "values: %(name)s must be a number, and a whole one where it "
                        "counts days or percent; got %(value)s.",
                        name=name,
                        value=repr(value)[:50],
                    )
                )
        return self._as_policy(values)

    def _is_threshold(self, name, value):
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        counts = self.env["lifecycle.policy"]._fields[name].type == "integer"
        return is_number and not (counts and value % 1)

    def _as_policy(self, values):
        """Let the policy itself check the values, on a record that is never saved."""
        policy = self.env["lifecycle.policy"]._ensure(self.env.company)
        trial = self.env["lifecycle.policy"].new(values, origin=policy)
        trial._check_thresholds()
        return {name: trial[name] for name in values}
