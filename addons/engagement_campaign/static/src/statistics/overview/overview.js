import {Component, useState} from "@odoo/owl";
import {formatCount, formatNumber} from "@customer_lifecycle/core/format";
import {stageColor} from "@customer_lifecycle/core/stage_palette";
import {Panel} from "@customer_lifecycle/dashboard/panel/panel";
import {_t} from "@web/core/l10n/translation";
import {journeyState} from "@journey_engine/builder/journey_state/journey_state_field";
import {Cards} from "@journey_engine/figures/cards/cards";
import {moneyOf} from "@journey_engine/figures/money";

const FIGURES = {
    revenue: {label: _t("Revenue"), color: "engaged"},
    total_enrolled: {label: _t("Enrolled"), color: "onboarding"},
    conversion_rate: {label: _t("Conversion"), color: "won_back"},
    opened_rate: {label: _t("Opened"), color: "active"},
};

/** All campaigns side by side, by one figure. */
export class Overview extends Component {
    static template = "engagement_campaign.Overview";
    static components = {Cards, Panel};
    static props = {campaigns: Array, revenue: Number, onOpen: Function};

    setup() {
        this.state = useState({figure: "revenue"});
    }

    get choices() {
        return Object.entries(FIGURES).map(([key, {label}]) => ({key, label}));
    }

    get rows() {
        const {figure} = this.state;
        const {campaigns} = this.props;
        const most = Math.max(1e-9, ...campaigns.map((row) => row[figure]));
        const color = stageColor(FIGURES[figure].color);
        return campaigns
            .filter((row) => row.total_enrolled || row.is_active)
            .sort((a, b) => b[figure] - a[figure] || a.name.localeCompare(b.name))
            .map((row) => ({
                ...row,
                state: journeyState(row),
                text: this.write(row, figure),
                detail: _t("%(enrolled)s enrolled, %(converted)s converted", {
                    enrolled: formatCount(row.total_enrolled),
                    converted: formatCount(row.total_converted),
                }),
                style: `--lifecycle-stage: ${color}; --lifecycle-share: ${(100 * Math.max(row[figure], 0)) / most}%`,
            }));
    }

    /** Sums over all campaigns; amounts only where they are of one currency. */
    get cards() {
        const {campaigns} = this.props;
        const sum = (name) => campaigns.reduce((total, row) => total + row[name], 0);
        const enrolled = sum("total_enrolled");
        const converted = sum("total_converted");
        const currencies = new Set(campaigns.map((row) => row.currency_id?.[0]));
        const money = moneyOf(campaigns[0].currency_id);
        const amounts = [
            {
                key: "revenue",
                label: _t("Revenue"),
                text: money(this.props.revenue),
                hint: _t("each order counted once"),
            },
            {key: "cost", label: _t("Cost of offers"), text: money(sum("offer_cost"))},
        ];
        return [
            {
                key: "running",
                label: _t("Switched on"),
                text: formatCount(campaigns.filter((row) => row.is_active).length),
                hint: _t("of %s campaigns", formatCount(campaigns.length)),
            },
            {key: "enrolled", label: _t("Enrolled"), text: formatCount(enrolled)},
            {
                key: "converted",
                label: _t("Converted"),
                text: formatCount(converted),
                hint: _t(
                    "%s% of the enrolled",
                    formatNumber((100 * converted) / (enrolled || 1))
                ),
            },
            ...(currencies.size === 1 ? amounts : []),
        ];
    }

    write(row, figure) {
        if (figure === "revenue") {
            return moneyOf(row.currency_id)(row.revenue);
        }
        return figure === "total_enrolled"
            ? formatCount(row.total_enrolled)
            : _t("%s%", formatNumber(row[figure]));
    }
}
