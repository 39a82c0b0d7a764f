import {Component} from "@odoo/owl";
import {formatCount} from "../core/format";
import {STAGE_KEYS, stageLabel, stageStyle} from "../core/stage_palette";

/** Customers by stage as one bar; with ``before``, what each stage wins or loses. */
export class StageBar extends Component {
    static template = "customer_lifecycle.StageBar";
    static props = {customers: Object, before: {type: Object, optional: true}};

    get parts() {
        const {customers} = this.props;
        return STAGE_KEYS.filter((stage) => customers[stage]).map((stage) => ({
            stage,
            text: formatCount(customers[stage]),
            change: this.changeOf(stage),
            title: `${stageLabel(stage)}: ${formatCount(customers[stage])} ${this.changeOf(stage)}`,
            style: `${stageStyle(stage)}; flex-grow: ${customers[stage]}`,
        }));
    }

    changeOf(stage) {
        const {customers, before} = this.props;
        const change = before ? customers[stage] - (before[stage] || 0) : 0;
        const sign = change > 0 ? "+" : "−";
        return change ? `${sign}${formatCount(Math.abs(change))}` : "";
    }
}
