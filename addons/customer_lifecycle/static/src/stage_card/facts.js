import {_t} from "@web/core/l10n/translation";
import {formatCount, formatDay, formatMoney, formatNumber} from "../core/format";

const NEVER = 999;
const days = (value) =>
    value === 1 ? _t("1 day") : _t("%s days", formatNumber(value, 1));
const daysAgo = (value) => {
    if (value >= NEVER) {
        return _t("never");
    }
    const texts = [_t("today"), _t("yesterday")];
    return texts[value] || _t("%s days ago", formatCount(value));
};
const percent = (value) => _t("%s%", formatNumber(value, 1));

const ONBOARDING = {
    not_started: _t("Not started"),
    in_progress: _t("In progress"),
    completed: _t("Completed"),
    skipped: _t("Skipped"),
};

// In the order of the card: label and text of each fact of the engine.
const FACTS = {
    days_since_last_order: [_t("Last order"), daysAgo],
    average_order_gap: [_t("Usual gap between orders"), days],
    total_orders: [_t("Orders"), formatCount],
    total_revenue: [_t("Revenue"), (value) => formatMoney(value, {exact: true})],
    first_order_date: [_t("First order"), formatDay],
    customer_since: [_t("Customer since"), formatDay],
    subscribed: [_t("Subscription"), () => _t("active")],
    last_renewal_date: [_t("Last renewal"), formatDay],
    won_back_on: [_t("Came back"), formatDay],
    stage_pinned_until: [_t("Set by hand until"), formatDay],
    onboarding_status: [_t("Onboarding"), (value) => ONBOARDING[value] || value],
};

const THRESHOLDS = {
    at_risk_score: [
        _t("At risk from a churn risk of"),
        (value) => percent(100 * value),
    ],
    at_risk_engagement: [_t("At risk below an engagement of"), percent],
    engaged_score: [_t("Highly engaged from an engagement of"), percent],
    engaged_days: [_t("Highly engaged within"), days],
    onboarding_days: [_t("Onboarding for"), days],
    won_back_days: [_t("Won back for"), days],
};

function rowsOf(table, values) {
    return Object.entries(table)
        .filter(([key]) => values[key] !== false && values[key] !== undefined)
        .map(([key, [label, format]]) => ({
            key,
            label: label.toString(),
            text: format(values[key]).toString(),
        }));
}

/** Facts that say something; what never happened is left out. */
export function factRows(facts) {
    const started = facts.onboarding_status !== "not_started";
    return rowsOf(FACTS, {
        ...facts,
        onboarding_status: started && facts.onboarding_status,
    });
}

export function thresholdRows(thresholds) {
    return rowsOf(THRESHOLDS, thresholds);
}
