import {Component, useState} from "@odoo/owl";
import {formatCount, formatShareOf} from "@customer_lifecycle/core/format";
import {_t} from "@web/core/l10n/translation";
import {registry} from "@web/core/registry";
import {useService} from "@web/core/utils/hooks";
import {standardWidgetProps} from "@web/views/widgets/standard_widget_props";
import {useEstimate} from "../use_estimate";

const PERIODS = [
    {days: 1, label: _t("a day")},
    {days: 7, label: _t("7 days")},
    {days: 14, label: _t("14 days")},
];

/** How many would enter if the campaign started now, and whom it would reach. */
export class Reach extends Component {
    static template = "journey_engine.Reach";
    static props = {...standardWidgetProps};

    setup() {
        const orm = useService("orm");
        this.periods = PERIODS;
        this.formatCount = formatCount;
        this.state = useState({days: 7});
        this.call = (model, method, args) => orm.silent.call(model, method, args);
        this.estimate = useEstimate(() => this.count());
    }

    count() {
        const {resModel, resId} = this.props.record;
        return this.call(resModel, "get_reach", [[resId], this.state.days]);
    }

    get reach() {
        return this.estimate.found;
    }

    choose(days) {
        this.state.days = Number(days);
        return this.estimate.load();
    }

    /** The parts of those who would enter, as widths of one bar. */
    get parts() {
        const {entering, reached, later, control, stopped} = this.reach;
        const reasons = stopped.map(({reason, label, count}) => ({
            key: reason,
            label,
            count,
            tone: "stopped",
        }));
        const parts = [
            {key: "reached", label: _t("get the first message"), count: reached},
            {key: "later", label: _t("have to wait longer"), count: later},
            {key: "control", label: _t("in the control group"), count: control},
            ...reasons,
        ];
        return parts
            .filter(({count}) => count)
            .map((part) => ({
                tone: part.key,
                ...part,
                text: formatCount(part.count),
                share: formatShareOf(part.count, entering),
                width: (100 * part.count) / Math.max(entering, 1),
            }));
    }
}

registry.category("view_widgets").add("journey_reach", {component: Reach});
