import {_t} from "@web/core/l10n/translation";

/**
 * The eight stages in the order of a customer's life, each with its colour. Mid
 * tones: readable as a mark on a bright and on a dark background alike.
 */
export const STAGES = {
    acquired: {label: _t("Acquired"), color: "#8A94A6"},
    onboarding: {label: _t("Onboarding"), color: "#4EA7F2"},
    active: {label: _t("Active"), color: "#43C5B1"},
    engaged: {label: _t("Highly Engaged"), color: "#149C7E"},
    at_risk: {label: _t("At Risk"), color: "#F4A03F"},
    dormant: {label: _t("Dormant"), color: "#A57BB8"},
    churned: {label: _t("Churned"), color: "#DE5A6A"},
    won_back: {label: _t("Won Back"), color: "#5F6FE0"},
};

export const STAGE_KEYS = Object.keys(STAGES);
const UNKNOWN = {label: _t("New"), color: "#B4BAC6"};

export function stageColor(stage) {
    return (STAGES[stage] || UNKNOWN).color;
}

export function stageLabel(stage) {
    return (STAGES[stage] || UNKNOWN).label.toString();
}

/** Inline style that hands the stage's colour to the style sheet. */
export function stageStyle(stage) {
    return `--lifecycle-stage: ${stageColor(stage)}`;
}
