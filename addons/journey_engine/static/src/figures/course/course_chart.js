import {
    chartOptions,
    countAxis,
    periodAxis,
} from "@customer_lifecycle/core/chart_style";
import {stageColor} from "@customer_lifecycle/core/stage_palette";
import {deserializeDate, today} from "@web/core/l10n/dates";
import {_t} from "@web/core/l10n/translation";

// More bars than this, and a bar stands for a week, then for a month.
const MOST_BARS = 92;

function unitOf(first, last) {
    const days = last.diff(first, "days").days;
    if (days <= MOST_BARS) {
        return "day";
    }
    return days / 7 <= MOST_BARS ? "week" : "month";
}

/** Sums per day, week or month, those in which nothing happened included. */
function periodsOf(days) {
    const last = today();
    const begun = days.length ? deserializeDate(days[0].date) : last;
    const unit = unitOf(begun, last);
    const sums = new Map();
    // A week at least: two bars alone look like nothing.
    const first = begun > last.minus({days: 6}) ? last.minus({days: 6}) : begun;
    for (
        let day = first.startOf(unit);
        day <= last;
        day = day.plus({[`${unit}s`]: 1})
    ) {
        sums.set(day.toISODate(), {enrolled: 0, converted: 0});
    }
    for (const {date, enrolled, converted} of days) {
        const sum = sums.get(deserializeDate(date).startOf(unit).toISODate());
        if (sum) {
            sum.enrolled += enrolled;
            sum.converted += converted;
        }
    }
    return {unit, sums};
}

function dataset(label, stage, sums, key) {
    return {
        label: label.toString(),
        data: [...sums].map(([day, sum]) => ({
            x: deserializeDate(day).toMillis(),
            y: sum[key],
        })),
        backgroundColor: stageColor(stage),
        borderRadius: 2,
        maxBarThickness: 26,
    };
}

export function courseConfig(days) {
    const {unit, sums} = periodsOf(days);
    return {
        type: "bar",
        data: {
            datasets: [
                dataset(_t("Enrolled"), "onboarding", sums, "enrolled"),
                dataset(_t("Converted"), "engaged", sums, "converted"),
            ],
        },
        options: chartOptions({
            plugins: {
                tooltip: {
                    callbacks: {
                        title: ([item]) =>
                            luxon.DateTime.fromMillis(item.parsed.x).toLocaleString(
                                luxon.DateTime.DATE_MED
                            ),
                    },
                },
            },
            scales: {
                x: periodAxis({
                    type: "time",
                    time: {unit, tooltipFormat: "DD"},
                    ticks: {autoSkipPadding: 24},
                    offset: true,
                }),
                y: countAxis(),
            },
        }),
    };
}
