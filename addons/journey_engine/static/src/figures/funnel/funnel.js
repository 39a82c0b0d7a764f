import {Component} from "@odoo/owl";
import {formatCount, formatShareOf} from "@customer_lifecycle/core/format";
import {stageColor} from "@customer_lifecycle/core/stage_palette";
import {Panel} from "@customer_lifecycle/dashboard/panel/panel";
import {_t} from "@web/core/l10n/translation";

const STEPS = [
    {
        key: "enrolled",
        label: _t("Enrolled"),
        color: "acquired",
        domain: [["is_holdout", "!=", true]],
    },
    {key: "reached", label: _t("Reached"), color: "onboarding"},
    {key: "opened", label: _t("Opened"), color: "active"},
    {key: "clicked", label: _t("Clicked"), color: "engaged"},
    {
        key: "converted",
        label: _t("Converted"),
        color: "won_back",
        // Who reached the goal: the status is the addon's own.
        isWon: true,
    },
];

/** How far customers came: enrolled, reached, opened, clicked, converted. */
export class Funnel extends Component {
    static template = "journey_engine.Funnel";
    static components = {Panel};
    static props = {
        funnel: Object,
        onOpen: Function,
        won: {type: String, optional: true},
    };
    static defaultProps = {won: "converted"};

    get rows() {
        const {funnel} = this.props;
        const whole = funnel.enrolled || 1;
        const won = [
            ["status", "=", this.props.won],
            ["is_holdout", "!=", true],
        ];
        return STEPS.map((step) => {
            const count = funnel[step.key];
            const color = stageColor(step.color);
            return {
                ...step,
                domain: step.isWon ? won : step.domain,
                text: formatCount(count),
                share: formatShareOf(count, whole),
                style: `--lifecycle-stage: ${color}; --lifecycle-share: ${(100 * count) / whole}%`,
            };
        });
    }
}
