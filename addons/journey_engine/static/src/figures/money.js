import {formatMonetary} from "@web/views/fields/formatters";

const LONG = 100000;

/** Writes amounts in the currency of a campaign (as searchRead returns it). */
export function moneyOf(currency) {
    const currencyId = currency && currency[0];
    return (value) =>
        formatMonetary(value || 0, {
            currencyId,
            humanReadable: Math.abs(value) >= LONG,
            digits: [16, Math.abs(value) >= LONG ? 1 : 0],
        });
}
