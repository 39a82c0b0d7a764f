import {formatNumber} from "@customer_lifecycle/core/format";
import {_t} from "@web/core/l10n/translation";

export const CATEGORIES = {
    promoter: {label: _t("Promoters"), color: "#149C7E"},
    passive: {label: _t("Passives"), color: "#F4A03F"},
    detractor: {label: _t("Detractors"), color: "#DE5A6A"},
};

export function categoryOf(score) {
    return score >= 9 ? "promoter" : score >= 7 ? "passive" : "detractor";
}

/** A score, or a dash where nobody answered. */
export function formatScore(nps) {
    return typeof nps === "number" ? formatNumber(nps) : "–";
}

export function formatMargin(margin) {
    return typeof margin === "number" ? _t("± %s", formatNumber(margin)) : "";
}
