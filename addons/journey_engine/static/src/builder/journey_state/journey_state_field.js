import {Component} from "@odoo/owl";
import {_t} from "@web/core/l10n/translation";
import {registry} from "@web/core/registry";
import {standardFieldProps} from "@web/views/fields/standard_field_props";

const STATES = {
    on: {label: _t("Running"), tone: "success"},
    paused: {label: _t("Paused"), tone: "warning"},
    off: {label: _t("Off"), tone: "secondary"},
};

/** Whether a campaign is switched on, was, or never was, as a badge. */
export function journeyState({is_active: isOn, paused_at: pausedAt}) {
    if (isOn) {
        return STATES.on;
    }
    return pausedAt ? STATES.paused : STATES.off;
}

export class JourneyStateField extends Component {
    static template = "journey_engine.JourneyState";
    static props = {...standardFieldProps};

    get state() {
        return journeyState(this.props.record.data);
    }
}

registry.category("fields").add("journey_state", {
    component: JourneyStateField,
    supportedTypes: ["boolean"],
    fieldDependencies: [{name: "paused_at", type: "datetime"}],
});
