import {Component, useState} from "@odoo/owl";
import {_t} from "@web/core/l10n/translation";
import {registry} from "@web/core/registry";
import {user} from "@web/core/user";
import {KeepLast} from "@web/core/utils/concurrency";
import {useService} from "@web/core/utils/hooks";
import {standardWidgetProps} from "@web/views/widgets/standard_widget_props";
import {formatMoney, parseMoment} from "../core/format";
import {useEngine} from "../core/quiet_call";
import {stageLabel} from "../core/stage_palette";
import {customerOf, useCustomer} from "../core/use_customer";
import {eventType} from "./event_types";

const PAGE = 20;

/** What happened with the customer, newest first. */
export class Timeline extends Component {
    static template = "customer_lifecycle.Timeline";
    static props = {...standardWidgetProps};

    setup() {
        this.action = useService("action");
        this.engine = useEngine();
        this.keepLast = new KeepLast();
        this.state = useState({status: "loading", events: [], more: false, type: ""});
        this.readable = {};
        useCustomer((customer) => this.restart(customer));
    }

    restart(customer) {
        this.customer = customer;
        Object.assign(this.state, {
            status: "loading",
            events: [],
            more: false,
            type: "",
        });
        return this.loadMore();
    }

    /** One more than a page is asked for, to know whether there is a next page. */
    async loadMore() {
        if (!this.customer) {
            this.state.status = "hidden";
            return;
        }
        const args = [this.customer, PAGE + 1, this.state.events.length];
        const result = await this.keepLast.add(this.engine("get_timeline", args));
        if (result.error) {
            this.state.error = result.error;
            this.state.status = result.denied ? "hidden" : "error";
            return;
        }
        const events = result.value.slice(0, PAGE);
        await this.keepLast.add(this.findReadable(events));
        this.state.more = result.value.length > PAGE;
        this.state.events.push(...events);
        this.state.status = "ready";
    }

    /** Asks once per model; one that is not installed any more opens for nobody. */
    findReadable(events) {
        const models = new Set(events.map(({res_model: model}) => model));
        return Promise.all(
            [...models].filter(Boolean).map(async (model) => {
                const isReadable = user.checkAccessRight(model, "read");
                this.readable[model] = await isReadable.catch(() => false);
            })
        );
    }

    /** The types among the events shown so far, the most frequent first. */
    get types() {
        const types = new Map();
        for (const {event_type: key, label} of this.state.events) {
            const type = types.get(key) || {key, label, count: 0, ...eventType(key)};
            type.count += 1;
            types.set(key, type);
        }
        return [...types.values()].sort((a, b) => b.count - a.count);
    }

    get rows() {
        return this.state.events
            .filter(
                ({event_type}) => !this.state.type || event_type === this.state.type
            )
            .map((event) => ({
                ...event,
                ...eventType(event.event_type),
                ...this.whenOf(event),
            }));
    }

    whenOf(event) {
        const moment = parseMoment(event.occurred_at);
        return {
            detail: this.detailOf(event),
            isOpen: this.canOpen(event),
            relative: moment.toRelative(),
            exact: moment.toLocaleString(luxon.DateTime.DATETIME_MED),
        };
    }

    detailOf({data}) {
        if (data.from || data.to) {
            const [from, to] = [data.from, data.to].map(stageLabel);
            return _t("%(from)s → %(to)s", {from, to});
        }
        const amount =
            typeof data.amount === "number" && formatMoney(data.amount, {exact: true});
        return [data.name, amount].filter(Boolean).join(" · ");
    }

    /** The customer's own form is where we already are. */
    canOpen({res_model: model, res_id: id}) {
        const here = model === "res.partner" && id === customerOf(this.props.record);
        return Boolean(model && id) && !here && this.readable[model];
    }

    toggleType(key) {
        this.state.type = this.state.type === key ? "" : key;
    }

    open({res_model: model, res_id: id}) {
        return this.action.doAction({
            type: "ir.actions.act_window",
            res_model: model,
            res_id: id,
            views: [[false, "form"]],
        });
    }
}

registry.category("view_widgets").add("lifecycle_timeline", {component: Timeline});
