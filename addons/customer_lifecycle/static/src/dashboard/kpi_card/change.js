import {_t} from "@web/core/l10n/translation";
import {formatFigure} from "../../core/format";

const LOWER_IS_BETTER = ["revenue_at_risk"];
// Figures of today: there is no earlier value to compare with.
const OF_TODAY = ["revenue_at_risk"];

const UP = {icon: "fa-arrow-up", direction: _t("up")};
const DOWN = {icon: "fa-arrow-down", direction: _t("down")};
const SAME = {icon: "fa-minus", direction: _t("unchanged")};

/** Percentages and scores differ in points: a score may be 0 or below. */
function isInPoints({unit, is_score}) {
    return unit === "%" || Boolean(is_score);
}

/** Other figures differ in percent of the earlier one. */
function sizeOf(kpi) {
    const {value, previous} = kpi;
    const base = isInPoints(kpi) ? 1 : Math.abs(previous) / 100;
    return base ? Math.round((10 * (value - previous)) / base) / 10 : null;
}

function moodOf(key, size) {
    if (!size) {
        return "same";
    }
    return size > 0 === LOWER_IS_BETTER.includes(key) ? "bad" : "good";
}

function textOf(size, kpi) {
    const amount = Math.abs(size);
    return isInPoints(kpi)
        ? _t("%s pts", formatFigure(amount, ""))
        : formatFigure(amount, "%");
}

function isComparable({key, value, previous}) {
    const numbers = typeof value === "number" && typeof previous === "number";
    return numbers && !OF_TODAY.includes(key);
}

/** How a figure changed against the period before, or null when that says nothing. */
export function changeOf(kpi) {
    const size = isComparable(kpi) ? sizeOf(kpi) : null;
    if (size === null) {
        return null;
    }
    const direction = size > 0 ? UP : DOWN;
    return {
        ...(size ? direction : SAME),
        mood: moodOf(kpi.key, size),
        text: textOf(size, kpi),
        title: _t("Period before: %s", formatFigure(kpi.previous, kpi.unit)),
    };
}
