import {
    deserializeDate,
    serializeDate,
    toLocaleDateString,
    today,
} from "@web/core/l10n/dates";
import {_t} from "@web/core/l10n/translation";

const ISO_DAY = /^\d{4}-\d{2}-\d{2}$/;

export const PRESETS = {
    "7d": {label: _t("7 days"), days: 7},
    "30d": {label: _t("30 days"), days: 30},
    "90d": {label: _t("90 days"), days: 90},
    "365d": {label: _t("1 year"), days: 365},
    month: {label: _t("This month")},
    custom: {label: _t("Custom")},
};
export const DEFAULT_PRESET = "30d";

function boundsOf(preset) {
    const last = today();
    const {days} = PRESETS[preset];
    return [days ? last.minus({days: days - 1}) : last.startOf("month"), last];
}

/**
 * @param {{ period?: string, from?: string, to?: string }} state as in the address
 * @returns {{ preset: string, from: string, to: string }} ISO days
 */
export function readPeriod({period, from, to} = {}) {
    const valid = ISO_DAY.test(from) && ISO_DAY.test(to) && from <= to;
    if (period === "custom" && valid) {
        return {preset: "custom", from, to};
    }
    const preset = period in PRESETS && period !== "custom" ? period : DEFAULT_PRESET;
    const [first, last] = boundsOf(preset);
    return {preset, from: serializeDate(first), to: serializeDate(last)};
}

/** The part of the period that the address keeps; presets move with today. */
export function writePeriod({preset, from, to}) {
    const days = preset === "custom" ? {from, to} : {from: undefined, to: undefined};
    return {period: preset, ...days};
}

export function describePeriod({from, to}) {
    return _t("%(from)s to %(to)s", {
        from: toLocaleDateString(deserializeDate(from)),
        to: toLocaleDateString(deserializeDate(to)),
    });
}
