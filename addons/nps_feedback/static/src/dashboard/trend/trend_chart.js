import {formatCount, formatDay, formatMonth} from "@customer_lifecycle/core/format";
import {stageColor} from "@customer_lifecycle/core/stage_palette";
import {cookie} from "@web/core/browser/cookie";
import {_t} from "@web/core/l10n/translation";

function colors() {
    const isDark = cookie.get("color_scheme") === "dark";
    return {
        text: isDark ? "#B8BCC8" : "#6B7280",
        grid: isDark ? "rgba(255, 255, 255, .08)" : "rgba(0, 0, 0, .06)",
        bars: isDark ? "rgba(255, 255, 255, .16)" : "rgba(0, 0, 0, .1)",
    };
}

function datasets(rows, bars) {
    return [
        {
            type: "line",
            label: _t("NPS").toString(),
            // Where nobody answered there is no score: the line goes on over it.
            data: rows.map(({nps}) => (typeof nps === "number" ? nps : null)),
            borderColor: stageColor("engaged"),
            backgroundColor: stageColor("engaged"),
            spanGaps: true,
            tension: 0.25,
            yAxisID: "score",
        },
        {
            type: "bar",
            label: _t("Answers").toString(),
            data: rows.map(({responses}) => responses),
            backgroundColor: bars,
            maxBarThickness: 26,
            yAxisID: "answers",
        },
    ];
}

/**
 * @param {{ period: string, nps: number | false, responses: number }[]} rows
 * @param {"months" | "weeks"} interval
 */
export function trendConfig(rows, interval) {
    const {text, grid, bars} = colors();
    const format = interval === "months" ? formatMonth : formatDay;
    const most = Math.max(...rows.map(({responses}) => responses), 1);
    return {
        data: {
            labels: rows.map(({period}) => format(period)),
            datasets: datasets(rows, bars),
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
                score: {
                    min: -100,
                    max: 100,
                    ticks: {color: text, stepSize: 50},
                    grid: {color: grid},
                    border: {display: false},
                },
                answers: {
                    position: "right",
                    beginAtZero: true,
                    // The bars keep to the lower third, below the line.
                    max: 3 * most,
                    ticks: {
                        color: text,
                        precision: 0,
                        callback: (value) => (value <= most ? formatCount(value) : ""),
                    },
                    grid: {display: false},
                    border: {display: false},
                },
            },
        },
    };
}
