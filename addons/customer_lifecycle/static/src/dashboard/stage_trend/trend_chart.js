import {deserializeDate} from "@web/core/l10n/dates";
import {chartOptions, countAxis, periodAxis} from "../../core/chart_style";
import {formatCount} from "../../core/format";
import {STAGE_KEYS, stageColor, stageLabel} from "../../core/stage_palette";

const DAY = 24 * 3600 * 1000;

function datasetOf(stage, index, trend) {
    return {
        stage,
        label: stageLabel(stage),
        data: trend.map(({date, customers}) => ({
            x: deserializeDate(date).toMillis(),
            y: customers[stage],
        })),
        // Down to the stage below only, so that colours do not mix.
        fill: index ? "-1" : "origin",
        borderColor: stageColor(stage),
        backgroundColor: `${stageColor(stage)}99`,
        borderWidth: 1.5,
        pointRadius: trend.length > 1 ? 0 : 3,
        pointHoverRadius: 4,
        tension: 0.25,
    };
}

function tooltip() {
    return {
        usePointStyle: true,
        boxPadding: 6,
        itemSort: (a, b) => b.datasetIndex - a.datasetIndex,
        callbacks: {
            title: ([item]) =>
                luxon.DateTime.fromMillis(item.parsed.x).toLocaleString(
                    luxon.DateTime.DATE_MED
                ),
            label: (item) => `${item.dataset.label}: ${formatCount(item.parsed.y)}`,
            labelColor: ({dataset}) => ({
                borderColor: dataset.borderColor,
                backgroundColor: dataset.borderColor,
            }),
        },
    };
}

function scales(trend) {
    const span = trend.length
        ? deserializeDate(trend.at(-1).date) - deserializeDate(trend[0].date)
        : 0;
    return {
        x: periodAxis({
            type: "time",
            time: {minUnit: "day", tooltipFormat: "DD"},
            ticks: {autoSkipPadding: 24},
            offset: span < DAY,
        }),
        y: countAxis({
            stacked: true,
            suggestedMax: undefined,
            ticks: {maxTicksLimit: 6},
        }),
    };
}

/**
 * Stacked areas of customers by stage.
 *
 * @param {{ date: string, customers: Object }[]} trend
 * @param {(stage: string, index: number) => void} onPoint
 */
export function trendConfig(trend, onPoint) {
    return {
        type: "line",
        data: {
            datasets: STAGE_KEYS.map((stage, index) => datasetOf(stage, index, trend)),
        },
        options: chartOptions({
            plugins: {
                legend: {display: false},
                tooltip: tooltip(),
            },
            scales: scales(trend),
            onClick: (ev, _elements, chart) => {
                const mode = {axis: "xy", intersect: false};
                const [nearest] = chart.getElementsAtEventForMode(
                    ev,
                    "nearest",
                    mode,
                    true
                );
                if (nearest) {
                    const {stage} = chart.data.datasets[nearest.datasetIndex];
                    onPoint(stage, nearest.index);
                }
            },
        }),
    };
}
