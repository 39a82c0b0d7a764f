import {_t} from "@web/core/l10n/translation";
import {formatFigure} from "../../core/format";

const LOWER_IS_BETTER = ["revenue_at_risk"];
// Figures of today: there is no earlier value to compare with.
const OF_TODAY = ["revenue_at_risk"];

const UP = {icon: "fa-arrow-up", direction: _t("up")};
const DOWN = {icon: "fa-arrow-down", direction: _t("down")};
const SAME = {icon: "fa-minus", direction: _t("unchanged")};

/** Percentages differ in points, other figures in percent of the earlier one. */
function sizeOf({value, previous, unit}) {
    const base = unit === "%" ? 1 : Math.abs(previous) / 100;
    return base ? Math.round((10 * (value - previous)) / base) / 10 : null;
}

function moodOf(key, size) {
    if (!size) {
        return "same";
    }
    return size > 0 === LOWER_IS_BETTER.includes(key) ? "bad" : "good";
}

function textOf(size, unit) {
    const amount = Math.abs(size);
    return unit === "%"
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
        text: textOf(size, kpi.unit),
        title: _t("Period before: %s", formatFigure(kpi.previous, kpi.unit)),
    };
}
