import {Component} from "@odoo/owl";
import {formatCount} from "@customer_lifecycle/core/format";
import {registry} from "@web/core/registry";
import {useService} from "@web/core/utils/hooks";
import {standardWidgetProps} from "@web/views/widgets/standard_widget_props";
import {useEstimate} from "@journey_engine/builder/use_estimate";
import {moneyOf} from "@journey_engine/figures/money";

/** Whom the campaign would ask back today, and what keeps the others out. */
export class Preview extends Component {
    static template = "winback.Preview";
    static props = {...standardWidgetProps};

    setup() {
        const orm = useService("orm");
        this.action = useService("action");
        this.formatCount = formatCount;
        this.estimate = useEstimate(() =>
            orm.silent.call("winback.service", "identify_candidates", [
                this.props.record.resId,
            ])
        );
    }

    /** The filters that keep somebody out, as bars of what they leave. */
    get filters() {
        const {filters, customers} = this.estimate.found;
        return filters
            .filter(({count}) => count)
            .map((row) => ({
                ...row,
                text: formatCount(row.count),
                leftText: formatCount(row.left),
                style: `width: ${(100 * row.left) / Math.max(customers, 1)}%`,
            }));
    }

    get top() {
        const {currency_id: currency} = this.props.record.data;
        const money = moneyOf(currency && [currency.id]);
        return this.estimate.found.top
            .slice(0, 5)
            .map((row) => ({...row, revenue: money(row.total_revenue)}));
    }

    openCustomer(id) {
        return this.action.doAction({
            type: "ir.actions.act_window",
            res_model: "res.partner",
            res_id: id,
            views: [[false, "form"]],
        });
    }
}

registry.category("view_widgets").add("winback_preview", {component: Preview});
