import {Component, useState} from "@odoo/owl";
import {DateTimeInput} from "@web/core/datetime/datetime_input";
import {deserializeDate, serializeDate, today} from "@web/core/l10n/dates";
import {PRESETS} from "../period";

/** Presets, or two dates of one's own. */
export class PeriodFilter extends Component {
    static template = "customer_lifecycle.PeriodFilter";
    static components = {DateTimeInput};
    static props = {period: Object, onChange: Function};

    setup() {
        this.state = useState({custom: this.props.period.preset === "custom"});
        this.presets = Object.entries(PRESETS);
    }

    get preset() {
        return this.state.custom ? "custom" : this.props.period.preset;
    }

    get maxDate() {
        return today();
    }

    date(isoDay) {
        return deserializeDate(isoDay);
    }

    choose(preset) {
        this.state.custom = preset === "custom";
        const {from, to} = this.props.period;
        this.props.onChange({period: preset, from, to});
    }

    /** A first day after the last one (or the reverse) moves the other one along. */
    setDay(end, value) {
        if (!value) {
            return;
        }
        const days = {...this.props.period, [end]: serializeDate(value)};
        if (days.from > days.to) {
            days.from = days.to = days[end];
        }
        this.props.onChange({period: "custom", from: days.from, to: days.to});
    }
}
