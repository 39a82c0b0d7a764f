import {formatCount, formatMonth} from "@customer_lifecycle/core/format";
import {stageColor} from "@customer_lifecycle/core/stage_palette";
import {cookie} from "@web/core/browser/cookie";
import {_t} from "@web/core/l10n/translation";

const SERIES = [
    {key: "issued", label: _t("Issued"), color: "engaged"},
    {key: "redeemed", label: _t("Redeemed"), color: "won_back"},
    {key: "expired", label: _t("Expired"), color: "at_risk"},
];

export function courseConfig(months) {
    const isDark = cookie.get("color_scheme") === "dark";
    const text = isDark ? "#B8BCC8" : "#6B7280";
    const grid = isDark ? "rgba(255, 255, 255, .08)" : "rgba(0, 0, 0, .06)";
    return {
        type: "bar",
        data: {
            labels: months.map(({month}) => formatMonth(month)),
            datasets: SERIES.map(({key, label, color}) => ({
                label: label.toString(),
                data: months.map((month) => month[key]),
                backgroundColor: stageColor(color),
                borderRadius: 2,
                maxBarThickness: 26,
            })),
        },
        options: {
            animation: {duration: 300},
            responsive: true,
            maintainAspectRatio: false,
            interaction: {mode: "index", intersect: false},
            plugins: {
                legend: {position: "bottom", labels: {color: text, boxWidth: 12}},
            },
            scales: {
                x: {
                    ticks: {color: text, maxRotation: 0, autoSkipPadding: 16},
                    grid: {display: false},
                },
                y: {
                    beginAtZero: true,
                    suggestedMax: 4,
                    ticks: {color: text, precision: 0, callback: formatCount},
                    grid: {color: grid},
                    border: {display: false},
                },
            },
        },
    };
}
