import {Component} from "@odoo/owl";
import {clamp} from "@web/core/utils/numbers";
import {formatShare} from "../../core/format";

const LENGTH = Math.PI * 40;
const WORDS = ["bad", "fair", "good"];

/** Half ring from 0 to 100. ``mood`` tells whether high or low is the good end. */
export class Gauge extends Component {
    static template = "customer_lifecycle.Gauge";
    static props = {
        key: {type: String, optional: true},
        label: String,
        value: Number,
        text: {type: String, optional: true},
        mood: {type: String, optional: true},
        trend: {type: Object, optional: true},
    };
    static defaultProps = {mood: "high"};

    get percent() {
        return clamp(this.props.value, 0, 100);
    }

    get text() {
        return this.props.text || formatShare(this.percent / 100);
    }

    get dashes() {
        const drawn = (LENGTH * this.percent) / 100;
        return `${drawn} ${LENGTH - drawn + 1}`;
    }

    get level() {
        const third = this.percent < 35 ? 0 : this.percent < 65 ? 1 : 2;
        return WORDS[this.props.mood === "low" ? 2 - third : third];
    }
}
