import {Component} from "@odoo/owl";
import {_t} from "@web/core/l10n/translation";
import {formatCount, formatShareOf} from "../../core/format";
import {stageColor} from "../../core/stage_palette";
import {Panel} from "../panel/panel";

const COLORS = {first_order: "onboarding"};

/** Acquired, first order, active, engaged: how many reach the next step. */
export class StageFunnel extends Component {
    static template = "customer_lifecycle.StageFunnel";
    static components = {Panel};
    static props = {steps: Array, open: Object};

    get rows() {
        const {steps} = this.props;
        const first = steps[0]?.count;
        return steps.map((step, index) => {
            const before = steps[index - 1];
            const width = (count) => (first ? Math.max((100 * count) / first, 1) : 1);
            return {
                ...step,
                text: formatCount(step.count),
                share: formatShareOf(step.count, first),
                passed: before && formatShareOf(step.count, before.count),
                passedLabel: before && this.passedLabel(step, before),
                style: this.style(
                    step.key,
                    width(step.count),
                    width(before?.count || 0)
                ),
            };
        });
    }

    style(key, width, above) {
        const color = stageColor(COLORS[key] || key);
        return `--lifecycle-stage: ${color}; --width: ${width}%; --above: ${above}%`;
    }

    passedLabel(step, before) {
        return _t("%(share)s of %(before)s reach %(step)s", {
            share: formatShareOf(step.count, before.count),
            before: before.label,
            step: step.label,
        });
    }
}
