import {formatCount} from "@customer_lifecycle/core/format";
import {stageColor} from "@customer_lifecycle/core/stage_palette";
import {cookie} from "@web/core/browser/cookie";
import {_t} from "@web/core/l10n/translation";

function bars(label, stage, months, key) {
    return {
        label: label.toString(),
        data: months.map((row) => row[key]),
        backgroundColor: stageColor(stage),
        borderRadius: 2,
        maxBarThickness: 32,
        yAxisID: "y",
        order: 1,
    };
}

/** Bars for customers, a line for the money. */
export function monthsConfig(months, money) {
    const isDark = cookie.get("color_scheme") === "dark";
    const text = isDark ? "#B8BCC8" : "#6B7280";
    const grid = isDark ? "rgba(255, 255, 255, .08)" : "rgba(0, 0, 0, .06)";
    const line = {
        type: "line",
        label: _t("Revenue recovered").toString(),
        data: months.map((row) => row.revenue),
        borderColor: stageColor("engaged"),
        backgroundColor: stageColor("engaged"),
        tension: 0.3,
        yAxisID: "money",
        order: 0,
    };
    return {
        type: "bar",
        data: {
            labels: months.map((row) => row.month.slice(0, 7)),
            datasets: [
                line,
                bars(_t("Targeted"), "onboarding", months, "targeted"),
                bars(_t("Won back"), "won_back", months, "won_back"),
            ],
        },
        options: {
            animation: {duration: 300},
            responsive: true,
            maintainAspectRatio: false,
            interaction: {mode: "index", intersect: false},
            plugins: {
                legend: {position: "bottom", labels: {color: text, boxWidth: 12}},
                tooltip: {
                    callbacks: {
                        label: ({dataset, parsed}) =>
                            `${dataset.label}: ${
                                dataset.type === "line"
                                    ? money(parsed.y)
                                    : formatCount(parsed.y)
                            }`,
                    },
                },
            },
            scales: {
                x: {ticks: {color: text, maxRotation: 0}, grid: {display: false}},
                y: {
                    beginAtZero: true,
                    suggestedMax: 4,
                    ticks: {color: text, precision: 0, callback: formatCount},
                    grid: {color: grid},
                    border: {display: false},
                },
                money: {
                    position: "right",
                    beginAtZero: true,
                    ticks: {color: text, maxTicksLimit: 5, callback: money},
                    grid: {display: false},
                    border: {display: false},
                },
            },
        },
    };
}
