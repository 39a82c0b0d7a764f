import {Component} from "@odoo/owl";
import {Panel} from "@customer_lifecycle/dashboard/panel/panel";
import {formatCount} from "@customer_lifecycle/core/format";
import {_t} from "@web/core/l10n/translation";
import {CATEGORIES, categoryOf} from "../figures";

/** How many gave each score from 0 to 10. */
export class Scores extends Component {
    static template = "nps_feedback.Scores";
    static components = {Panel};
    static props = {distribution: Array, onOpen: Function};

    get bars() {
        const most = Math.max(...this.props.distribution.map(({count}) => count), 1);
        return this.props.distribution.map(({score, count}) => ({
            score,
            count: formatCount(count),
            height: (100 * count) / most,
            color: CATEGORIES[categoryOf(score)].color,
        }));
    }

    open(score) {
        return this.props.onOpen(_t("Score %s", score), [["score", "=", score]]);
    }
}
