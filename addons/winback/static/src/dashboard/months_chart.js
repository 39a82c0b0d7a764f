import {
    chartOptions,
    countAxis,
    inks,
    periodAxis,
} from "@customer_lifecycle/core/chart_style";
import {formatCount} from "@customer_lifecycle/core/format";
import {stageColor} from "@customer_lifecycle/core/stage_palette";
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
        options: chartOptions({
            plugins: {
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
                x: periodAxis(),
                y: countAxis(),
                money: {
                    position: "right",
                    beginAtZero: true,
                    ticks: {color: inks().text, maxTicksLimit: 5, callback: money},
                    grid: {display: false},
                    border: {display: false},
                },
            },
        }),
    };
}
