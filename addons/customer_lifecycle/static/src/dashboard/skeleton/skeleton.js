import {Component} from "@odoo/owl";

/** The shape of the dashboard while its figures are counted. */
export class Skeleton extends Component {
    static template = "customer_lifecycle.Skeleton";
    static props = {};
}
