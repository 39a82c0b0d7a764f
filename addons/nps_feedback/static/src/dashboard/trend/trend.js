import {Component, onWillStart, useEffect, useRef, useState} from "@odoo/owl";
import {Panel} from "@customer_lifecycle/dashboard/panel/panel";
import {loadBundle} from "@web/core/assets";
import {_t} from "@web/core/l10n/translation";
import {trendConfig} from "./trend_chart";

// As many months as this tell more than weeks would.
const MONTHS = 4;

/** The score over time, with the number of answers below it. */
export class Trend extends Component {
    static template = "nps_feedback.Trend";
    static components = {Panel};
    static props = {months: Array, weeks: Array};

    setup() {
        this.canvas = useRef("canvas");
        const interval = this.props.months.length >= MONTHS ? "months" : "weeks";
        this.state = useState({interval});
        this.choices = [
            {key: "weeks", label: _t("Week")},
            {key: "months", label: _t("Month")},
        ];
        onWillStart(() => loadBundle("web.chartjs_lib"));
        useEffect(
            () => {
                if (!this.canvas.el) {
                    return;
                }
                const {interval: unit} = this.state;
                const config = trendConfig(this.props[unit], unit);
                const chart = new Chart(this.canvas.el, config);
                return () => chart.destroy();
            },
            () => [this.props[this.state.interval], this.state.interval]
        );
    }

    get isEmpty() {
        return !this.props[this.state.interval].length;
    }

    choose(interval) {
        this.state.interval = interval;
    }
}
