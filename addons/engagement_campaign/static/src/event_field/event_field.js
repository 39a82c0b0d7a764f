import {Component} from "@odoo/owl";
import {registry} from "@web/core/registry";
import {standardFieldProps} from "@web/views/fields/standard_field_props";

/** A type of event that is kept as text, chosen by its label. */
export class EventField extends Component {
    static template = "engagement_campaign.EventField";
    static props = {...standardFieldProps};

    get value() {
        return this.props.record.data[this.props.name] || "";
    }

    /** What the trigger can wait for, and what was written here before. */
    get options() {
        const known = this.props.record.fields.event_type.selection;
        const isKnown = !this.value || known.some(([key]) => key === this.value);
        return isKnown ? known : [[this.value, this.value], ...known];
    }

    get label() {
        const found = this.options.find(([key]) => key === this.value);
        return found ? found[1] : "";
    }

    onChange(ev) {
        return this.props.record.update({[this.props.name]: ev.target.value || false});
    }
}

registry.category("fields").add("campaign_event", {
    component: EventField,
    supportedTypes: ["char"],
});
