import {Component} from "@odoo/owl";
import {_t} from "@web/core/l10n/translation";
import {registry} from "@web/core/registry";
import {standardFieldProps} from "@web/views/fields/standard_field_props";

const DAY = 24;

function plural(count, one, many) {
    return count === 1 ? one : many;
}

/** Hours, written as days and hours. */
export class DelayField extends Component {
    static template = "journey_engine.DelayField";
    static props = {...standardFieldProps};

    get value() {
        return this.typed ?? (this.props.record.data[this.props.name] || 0);
    }

    get days() {
        return Math.floor(this.value / DAY);
    }

    get hours() {
        return Math.round(100 * (this.value - DAY * this.days)) / 100;
    }

    get text() {
        const {days, hours} = this;
        const parts = [
            days && plural(days, _t("1 day"), _t("%s days", days)),
            hours && plural(hours, _t("1 hour"), _t("%s hours", hours)),
        ].filter(Boolean);
        return parts.length ? parts.join(", ") : _t("At once");
    }

    async onChange(part, ev) {
        const number = Math.max(Number(ev.target.value) || 0, 0);
        const {days, hours} = {days: this.days, hours: this.hours, [part]: number};
        const typed = DAY * days + hours;
        ev.target.value = number;
        // The record learns of it once the server has answered; somebody who goes on
        // to the other part before that must not lose this one.
        this.typed = typed;
        try {
            await this.props.record.update({[this.props.name]: typed});
        } finally {
            if (this.typed === typed) {
                this.typed = null;
            }
        }
    }
}

registry.category("fields").add("journey_delay", {
    component: DelayField,
    supportedTypes: ["float"],
    isEmpty: () => false,
});
