import {Component, useState} from "@odoo/owl";
import {_t} from "@web/core/l10n/translation";
import {registry} from "@web/core/registry";
import {KeepLast} from "@web/core/utils/concurrency";
import {standardWidgetProps} from "@web/views/widgets/standard_widget_props";
import {formatDay, formatShareOf, parseMoment} from "../core/format";
import {useEngine} from "../core/quiet_call";
import {stageLabel, stageStyle} from "../core/stage_palette";
import {useCustomer} from "../core/use_customer";
import {factRows, thresholdRows} from "./facts";
import {Gauge} from "./gauge/gauge";
import {ScoreParts} from "./score_parts/score_parts";
import {SilenceRuler} from "./silence_ruler/silence_ruler";

const TRENDS = {
    increasing: {icon: "fa-arrow-up text-success", label: _t("increasing")},
    decreasing: {icon: "fa-arrow-down text-danger", label: _t("decreasing")},
    stable: {icon: "fa-minus text-muted", label: _t("stable")},
};

/** Stage, since when and, on demand, why: on the lifecycle form and on contacts. */
export class StageCard extends Component {
    static template = "customer_lifecycle.StageCard";
    static props = {...standardWidgetProps};
    static components = {Gauge, ScoreParts, SilenceRuler};

    setup() {
        this.engine = useEngine();
        this.keepLast = new KeepLast();
        this.state = useState({status: "loading", why: null, open: false, error: ""});
        this.stageStyle = stageStyle;
        this.stageLabel = stageLabel;
        this.formatDay = formatDay;
        useCustomer((customer) => this.load(customer));
    }

    async load(customer) {
        this.customer = customer;
        if (!customer) {
            this.state.status = "hidden";
            return;
        }
        const result = await this.keepLast.add(this.engine("explain", [customer]));
        this.state.why = result.value;
        this.state.error = result.error;
        this.state.status = this.statusOf(result);
    }

    statusOf({value, denied, error}) {
        if (denied) {
            return "hidden";
        }
        if (error) {
            return "error";
        }
        return value.stage ? "ready" : "empty";
    }

    get why() {
        return this.state.why;
    }

    /** The stage as stored; the reasons may already point to the next one. */
    get stage() {
        return this.why.current_stage || this.why.stage;
    }

    get isMoving() {
        return this.stage !== this.why.stage;
    }

    get since() {
        if (!this.why.stage_since) {
            return null;
        }
        const since = parseMoment(this.why.stage_since);
        return {
            day: since.toLocaleString(luxon.DateTime.DATE_MED),
            relative: since.toRelative(),
        };
    }

    get next() {
        const {next_change: next} = this.why;
        return next && {...next, relative: this.relativeDay(next.date)};
    }

    relativeDay(isoDay) {
        return luxon.DateTime.fromISO(isoDay).toRelativeCalendar({unit: "days"});
    }

    get gauges() {
        const why = this.why;
        return [
            {
                key: "engagement",
                label: _t("Engagement"),
                value: (100 * why.engagement_score) / (why.engagement_attainable || 1),
                text: formatShareOf(why.engagement_score, why.engagement_attainable),
                mood: "high",
                trend: TRENDS[why.engagement_trend],
            },
            {
                key: "risk",
                label: _t("Churn risk"),
                value: 100 * why.churn_risk_score,
                mood: "low",
            },
            {key: "health", label: _t("Health"), value: why.health_score, mood: "high"},
        ];
    }

    get facts() {
        return factRows(this.why.facts);
    }

    get thresholds() {
        return thresholdRows(this.why.thresholds);
    }
}

registry.category("view_widgets").add("lifecycle_stage_card", {component: StageCard});
