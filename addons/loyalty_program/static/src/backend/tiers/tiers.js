/** The four tiers, each with its colour: readable on bright and dark alike. */
export const TIER_COLORS = {
    bronze: "#B87A4B",
    silver: "#8F9BAA",
    gold: "#D9A521",
    platinum: "#5F6FE0",
};

/** Inline style that hands the tier's colour to the style sheet. */
export function tierStyle(code) {
    return `--lifecycle-stage: ${TIER_COLORS[code] || "#B4BAC6"}`;
}
