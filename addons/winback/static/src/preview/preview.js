import {Component, useState} from "@odoo/owl";
import {formatCount} from "@customer_lifecycle/core/format";
import {messageOf} from "@customer_lifecycle/core/quiet_call";
import {registry} from "@web/core/registry";
import {KeepLast} from "@web/core/utils/concurrency";
import {useService} from "@web/core/utils/hooks";
import {useRecordObserver} from "@web/model/relational_model/utils";
import {standardWidgetProps} from "@web/views/widgets/standard_widget_props";
import {moneyOf} from "@journey_engine/figures/money";

/** Whom the campaign would ask back today, and what keeps the others out. */
export class Preview extends Component {
    static template = "winback.Preview";
    static props = {...standardWidgetProps};

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.keepLast = new KeepLast();
        this.formatCount = formatCount;
        this.state = useState({
            status: "idle",
            found: null,
            error: "",
            isOutdated: false,
        });
        useRecordObserver((record) => {
            if (record.resId !== this.campaign) {
                this.campaign = record.resId;
                this.state.status = "idle";
            }
            // What was changed is saved now: the numbers are of before.
            if (this.wasDirty && !record.dirty) {
                this.state.isOutdated = true;
            }
            this.wasDirty = record.dirty;
        });
    }

    async load() {
        this.state.status = "loading";
        this.state.isOutdated = false;
        const call = this.orm.silent.call("winback.service", "identify_candidates", [
            this.props.record.resId,
        ]);
        try {
            this.state.found = await this.keepLast.add(call);
            this.state.status = "ready";
        } catch (error) {
            this.state.error = messageOf(error);
            this.state.status = "error";
        }
    }

    /** The filters that keep somebody out, as bars of what they leave. */
    get filters() {
        const {filters, customers} = this.state.found;
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
        return this.state.found.top
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
