import {Component} from "@odoo/owl";

/** What the engagement score is made of, each part against what it could be. */
export class ScoreParts extends Component {
    static template = "customer_lifecycle.ScoreParts";
    static props = {parts: Array, score: Number, attainable: Number};

    /** Parts this customer can have at all; bars share the scale of the largest. */
    get rows() {
        const parts = this.props.parts.filter(
            ({attainable, points}) => attainable || points
        );
        const widest = Math.max(1, ...parts.map(({attainable}) => attainable));
        return parts.map((part) => ({
            ...part,
            width: (100 * part.attainable) / widest,
            share: part.attainable ? (100 * part.points) / part.attainable : 0,
        }));
    }
}
