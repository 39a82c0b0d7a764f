import {Component} from "@odoo/owl";

/** Key figures side by side. */
export class Cards extends Component {
    static template = "engagement_campaign.Cards";
    static props = {cards: Array};
}
