import {Reach} from "@journey_engine/builder/reach/reach";
import {formatCount} from "@customer_lifecycle/core/format";
import {moneyOf} from "@journey_engine/figures/money";
import {registry} from "@web/core/registry";
import {useService} from "@web/core/utils/hooks";

/** Whom the campaign would ask back today, what keeps the others out, and whom of them
    the first message reaches. */
export class Preview extends Reach {
    static template = "winback.Preview";

    setup() {
        super.setup();
        this.action = useService("action");
    }

    async count() {
        const wanted = [this.props.record.resId];
        const [found, reach] = await Promise.all([
            this.call("winback.service", "identify_candidates", wanted),
            super.count(),
        ]);
        return {...found, reach};
    }

    get reach() {
        return this.estimate.found.reach;
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
