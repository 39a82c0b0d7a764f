import {Component} from "@odoo/owl";
import {registry} from "@web/core/registry";
import {
    SelectionField,
    selectionField,
} from "@web/views/fields/selection/selection_field";
import {standardFieldProps} from "@web/views/fields/standard_field_props";
import {tierStyle} from "./tiers";

/** A tier as a badge in its colour; where it may be edited, a plain selection. */
export class TierField extends Component {
    static template = "loyalty_program.TierField";
    static components = {SelectionField};
    static props = {...standardFieldProps};

    get code() {
        return this.props.record.data[this.props.name];
    }

    get label() {
        const {selection} = this.props.record.fields[this.props.name];
        return selection.find(([code]) => code === this.code)?.[1];
    }

    get style() {
        return tierStyle(this.code);
    }
}

registry.category("fields").add("loyalty_tier", {
    ...selectionField,
    component: TierField,
    extractProps: undefined,
    supportedTypes: ["selection"],
});
