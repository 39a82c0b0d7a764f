import {Component} from "@odoo/owl";

/** A card of the dashboard: title, a hint, and a choice between its views. */
export class Panel extends Component {
    static template = "customer_lifecycle.Panel";
    static props = {
        title: String,
        hint: {type: String, optional: true},
        className: {type: String, optional: true},
        choices: {type: Array, element: Object, optional: true},
        choice: {type: String, optional: true},
        onChoose: {type: Function, optional: true},
        slots: Object,
    };
    static defaultProps = {choices: [], className: ""};
}
