import {Component} from "@odoo/owl";
import {formatCount, formatShareOf} from "@customer_lifecycle/core/format";
import {stageColor} from "@customer_lifecycle/core/stage_palette";
import {Panel} from "@customer_lifecycle/dashboard/panel/panel";
import {_t} from "@web/core/l10n/translation";

const BARS = [
    {key: "sent", label: _t("sent"), color: "onboarding"},
    {key: "opened", label: _t("opened"), color: "active"},
    {key: "clicked", label: _t("clicked"), color: "engaged"},
    {key: "converted", label: _t("converted"), color: "won_back"},
];

/** What became of the messages of each step, and why some did not go out. */
export class StepFigures extends Component {
    static template = "journey_engine.StepFigures";
    static components = {Panel};
    static props = {steps: Array, reasons: Object, money: Function};

    get rows() {
        const most = Math.max(1, ...this.props.steps.map((step) => step.sent));
        return this.props.steps.map((step) => ({
            ...step,
            bars: this.barsOf(step).map((bar) => this.bar(bar, step, most)),
            held: this.held(step),
        }));
    }

    /** What colleagues are told, no customer opens or clicks. */
    barsOf(step) {
        return step.to_colleagues ? BARS.slice(0, 1) : BARS;
    }

    bar({key, label, color}, step, most) {
        const count = step[key];
        return {
            key,
            label,
            text: formatCount(count),
            share: key !== "sent" && step.sent ? formatShareOf(count, step.sent) : "",
            style: `--lifecycle-stage: ${stageColor(color)}; --lifecycle-share: ${(100 * count) / most}%`,
        };
    }

    /** A reason may carry a detail, as in "frequency_cap:week". */
    labelOf(reason) {
        const [code, ...details] = reason.split(":");
        const label = this.props.reasons[code] || code;
        return details.length ? `${label} (${details.join(":")})` : label;
    }

    held({not_sent: counts, deliveries}) {
        return Object.entries(counts)
            .sort(([, a], [, b]) => b - a)
            .map(([reason, count]) => ({
                reason,
                label: this.labelOf(reason),
                text: formatCount(count),
                style: `--lifecycle-stage: ${stageColor("at_risk")}; --lifecycle-share: ${(100 * count) / Math.max(deliveries, 1)}%`,
            }));
    }
}
