import {cookie} from "@web/core/browser/cookie";
import {formatCount} from "./format";

/** Inks of axes, grids and quiet bars, by the user's colour scheme. */
export function inks() {
    const isDark = cookie.get("color_scheme") === "dark";
    return {
        text: isDark ? "#B8BCC8" : "#6B7280",
        grid: isDark ? "rgba(255, 255, 255, .08)" : "rgba(0, 0, 0, .06)",
        bars: isDark ? "rgba(255, 255, 255, .16)" : "rgba(0, 0, 0, .1)",
    };
}

/**
 * Options that every chart of the suite has.
 *
 * @param {Object} more of Chart.js, `plugins` and `scales` above all
 */
export function chartOptions({plugins, ...more}) {
    return {
        animation: {duration: 300},
        responsive: true,
        maintainAspectRatio: false,
        interaction: {mode: "index", intersect: false},
        plugins: {
            legend: {position: "bottom", labels: {color: inks().text, boxWidth: 12}},
            ...plugins,
        },
        ...more,
    };
}

/** An axis of moments or of their names, without lines. */
export function periodAxis({ticks, ...more} = {}) {
    return {
        ticks: {color: inks().text, maxRotation: 0, ...ticks},
        grid: {display: false},
        ...more,
    };
}

/** An axis of how many, from zero. */
export function countAxis({ticks, ...more} = {}) {
    const {text, grid} = inks();
    return {
        beginAtZero: true,
        suggestedMax: 4,
        ticks: {color: text, precision: 0, callback: formatCount, ...ticks},
        grid: {color: grid},
        border: {display: false},
        ...more,
    };
}
