import {Component} from "@odoo/owl";
import {formatCount, formatNumber} from "@customer_lifecycle/core/format";
import {Panel} from "@customer_lifecycle/dashboard/panel/panel";
import {_t} from "@web/core/l10n/translation";

const ROWS = [
    {key: "conversion_rate", label: _t("Conversion")},
    {key: "revenue", label: _t("Revenue per customer")},
    {key: "margin", label: _t("Margin per customer")},
];
// As in tools/lift.py: with fewer on one side no interval is to be trusted.
const SMALLEST = 30;
const VERDICTS = {
    better: {label: _t("Better than without"), tone: "success", icon: "fa-arrow-up"},
    worse: {label: _t("Worse than without"), tone: "danger", icon: "fa-arrow-down"},
    too_small: {
        label: _t("Too small to tell"),
        tone: "secondary",
        icon: "fa-question",
    },
    unclear: {
        label: _t("No clear difference"),
        tone: "secondary",
        icon: "fa-arrows-h",
    },
};

/** What the campaign changed against its control group, with the doubt that is left. */
export class Lift extends Component {
    static template = "journey_engine.Lift";
    static components = {Panel};
    static props = {lift: Object, money: Function};

    setup() {
        this.formatCount = formatCount;
    }

    get hasControl() {
        return this.props.lift.control.size > 0;
    }

    get isTooSmall() {
        const {treated, control} = this.props.lift;
        return Math.min(treated.size, control.size) < SMALLEST;
    }

    verdict(found) {
        const isClear = found.verdict !== "too_small";
        return VERDICTS[isClear || this.isTooSmall ? found.verdict : "unclear"];
    }

    get hint() {
        const {treated, control} = this.props.lift;
        return _t("%(treated)s customers against %(control)s in the control group", {
            treated: formatCount(treated.size),
            control: formatCount(control.size),
        });
    }

    get rows() {
        return ROWS.map(({key, label}) => {
            const found = this.props.lift[key];
            const write = (value) => this.write(key, value);
            const sign = (value) =>
                (value > 0 ? "+" : "") + this.writeDifference(key, value);
            return {
                key,
                label,
                // A difference of rates is no rate.
                unit: key === "conversion_rate" ? _t("percentage points") : "",
                verdict: this.verdict(found),
                treated: write(found.treated),
                control: write(found.control),
                difference: sign(found.difference),
                low: sign(found.low),
                high: sign(found.high),
                style: this.style(found),
            };
        });
    }

    write(key, value) {
        return key === "conversion_rate"
            ? _t("%s%", formatNumber(100 * value))
            : this.props.money(value);
    }

    writeDifference(key, value) {
        return key === "conversion_rate"
            ? formatNumber(100 * value)
            : this.props.money(value);
    }

    /** Places of the interval, the difference and "no change" between the ends. */
    style({low, high, difference}) {
        const from = Math.min(low, 0);
        const span = Math.max(high, 0) - from || 1;
        const place = (value) => 4 + (92 * (value - from)) / span;
        return [
            `--low: ${place(low)}%`,
            `--length: ${place(high) - place(low)}%`,
            `--difference: ${place(difference)}%`,
            `--zero: ${place(0)}%`,
        ].join("; ");
    }
}
