import {chartOptions, inks, periodAxis} from "@customer_lifecycle/core/chart_style";
import {formatCount, formatDay, formatMonth} from "@customer_lifecycle/core/format";
import {stageColor} from "@customer_lifecycle/core/stage_palette";
import {_t} from "@web/core/l10n/translation";

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
    const {text, grid, bars} = inks();
    const format = interval === "months" ? formatMonth : formatDay;
    const most = Math.max(...rows.map(({responses}) => responses), 1);
    return {
        data: {
            labels: rows.map(({period}) => format(period)),
            datasets: datasets(rows, bars),
        },
        options: chartOptions({
            scales: {
                x: periodAxis({ticks: {autoSkipPadding: 16}}),
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
        }),
    };
}
