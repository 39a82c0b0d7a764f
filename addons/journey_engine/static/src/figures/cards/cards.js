import {Component} from "@odoo/owl";

/** Key figures side by side. */
export class Cards extends Component {
    static template = "journey_engine.Cards";
    static props = {cards: Array};
}
