import {
    chartOptions,
    countAxis,
    periodAxis,
} from "@customer_lifecycle/core/chart_style";
import {formatMonth} from "@customer_lifecycle/core/format";
import {stageColor} from "@customer_lifecycle/core/stage_palette";
import {_t} from "@web/core/l10n/translation";

const SERIES = [
    {key: "issued", label: _t("Issued"), color: "engaged"},
    {key: "redeemed", label: _t("Redeemed"), color: "won_back"},
    {key: "expired", label: _t("Expired"), color: "at_risk"},
];

export function courseConfig(months) {
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
        options: chartOptions({
            scales: {
                x: periodAxis({ticks: {autoSkipPadding: 16}}),
                y: countAxis(),
            },
        }),
    };
}
