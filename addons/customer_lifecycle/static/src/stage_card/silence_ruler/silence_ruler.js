import {Component} from "@odoo/owl";
import {_t} from "@web/core/l10n/translation";
import {formatCount} from "../../core/format";
import {stageColor, stageLabel} from "../../core/stage_palette";

const NEVER = 999;
// Room after the last threshold, as a share of it.
const BEYOND = 1.3;

/** Days of silence between the thresholds of at risk, dormant and churned. */
export class SilenceRuler extends Component {
    static template = "customer_lifecycle.SilenceRuler";
    static props = {silence: [Number, Boolean], thresholds: Object};

    get ordered() {
        return typeof this.props.silence === "number" && this.props.silence < NEVER;
    }

    get end() {
        return this.props.thresholds.churn_days * BEYOND;
    }

    get zones() {
        const {at_risk_days, dormant_days, churn_days} = this.props.thresholds;
        const starts = [
            ["active", 0],
            ["at_risk", at_risk_days],
            ["dormant", dormant_days],
            ["churned", churn_days],
        ];
        return starts.map(([stage, start], index) => {
            const next = starts[index + 1]?.[1] || this.end;
            return {
                stage,
                start: formatCount(start),
                label: stageLabel(stage),
                style: `width: ${(100 * (next - start)) / this.end}%; --lifecycle-stage: ${stageColor(stage)}`,
            };
        });
    }

    get text() {
        const days = this.props.silence;
        return days === 1
            ? _t("1 day of silence")
            : _t("%s days of silence", formatCount(days));
    }

    get marker() {
        const share = Math.min(this.props.silence / this.end, 0.985);
        return {
            style: `left: ${100 * share}%`,
            text: this.text,
            // The label grows away from the nearer edge.
            side: share > 0.5 ? "end" : "start",
        };
    }
}
