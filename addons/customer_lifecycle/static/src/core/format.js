import {_t} from "@web/core/l10n/translation";
import {deserializeDate, deserializeDateTime, formatDate} from "@web/core/l10n/dates";
import {user} from "@web/core/user";
import {formatFloat} from "@web/core/utils/numbers";
import {formatInteger, formatMonetary} from "@web/views/fields/formatters";

const LONG = 100000;

export function formatCount(value) {
    return formatInteger(Math.round(value || 0));
}

export function formatMoney(value, {exact = false} = {}) {
    const long = !exact && Math.abs(value) >= LONG;
    const digits = exact ? {} : {digits: [16, long ? 1 : 0]};
    return formatMonetary(value || 0, {
        currencyId: user.activeCompany?.currency_id,
        humanReadable: long,
        ...digits,
    });
}

export function formatNumber(value, digits = 1) {
    return formatFloat(value || 0, {digits: [16, digits], trailingZeros: false});
}

/** 0.375 becomes 38 %, or 37.5 % with one digit. */
export function formatShare(value, digits = 0) {
    return _t("%s%", formatNumber(100 * (value || 0), digits));
}

export function formatShareOf(part, whole, digits = 0) {
    return formatShare(whole ? part / whole : 0, digits);
}

/** Text of a figure in the unit that the engine names: "%", "currency" or "". */
export function formatFigure(value, unit, options) {
    if (unit === "currency") {
        return formatMoney(value, options);
    }
    const text = Number.isInteger(value) ? formatCount(value) : formatNumber(value);
    return unit === "%" ? _t("%s%", text) : text;
}

export function formatDay(isoDate) {
    return isoDate ? formatDate(deserializeDate(isoDate)) : "";
}

export function formatMonth(isoDate) {
    return deserializeDate(isoDate).toFormat("MMM yyyy");
}

/** Date and time of the engine (UTC ISO text) in the user's time zone. */
export function parseMoment(isoText) {
    return deserializeDateTime(isoText.replace("T", " ").slice(0, 19));
}
