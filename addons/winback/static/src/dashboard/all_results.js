import {Component, onWillStart, useEffect, useRef} from "@odoo/owl";
import {formatCount, formatNumber} from "@customer_lifecycle/core/format";
import {stageColor} from "@customer_lifecycle/core/stage_palette";
import {Panel} from "@customer_lifecycle/dashboard/panel/panel";
import {loadBundle} from "@web/core/assets";
import {_t} from "@web/core/l10n/translation";
import {useService} from "@web/core/utils/hooks";
import {journeyState} from "@journey_engine/builder/journey_state/journey_state_field";
import {Cards} from "@journey_engine/figures/cards/cards";
import {moneyOf} from "@journey_engine/figures/money";
import {monthsConfig} from "./months_chart";

const percent = (value) => _t("%s%", formatNumber(value));

/** All campaigns: key figures, by month, by campaign. */
export class AllResults extends Component {
    static template = "winback.AllResults";
    static components = {Cards, Panel};
    static props = {
        data: Object,
        period: Object,
        onOpen: Function,
        onAttempts: Function,
    };

    setup() {
        this.orm = useService("orm");
        this.canvas = useRef("canvas");
        this.formatCount = formatCount;
        this.percent = percent;
        onWillStart(() => loadBundle("web.chartjs_lib"));
        useEffect(
            (canvas, months) => {
                if (!canvas) {
                    return;
                }
                const chart = new Chart(canvas, monthsConfig(months, this.money));
                return () => chart.destroy();
            },
            () => [this.canvas.el, this.props.data.months]
        );
    }

    get money() {
        return moneyOf([this.props.data.currency_id]);
    }

    get cards() {
        const {totals, target_rate: target} = this.props.data;
        return [
            {
                key: "targeted",
                label: _t("Targeted"),
                text: formatCount(totals.targeted),
                hint: _t("%s under way", formatCount(totals.active)),
            },
            {
                key: "won_back",
                label: _t("Won back"),
                text: formatCount(totals.won_back),
                hint: _t("of %s attempts that have ended", formatCount(totals.ended)),
            },
            {
                key: "rate",
                label: _t("Win-back rate"),
                text: percent(totals.rate),
                hint: totals.ended ? this.againstTarget(totals.rate, target) : "",
            },
            {
                key: "revenue",
                label: _t("Revenue recovered"),
                text: this.money(totals.revenue),
                hint: _t("net of refunds"),
            },
            {
                key: "cost",
                label: _t("Cost of offers"),
                text: this.money(totals.offer_cost),
            },
            {
                key: "net",
                label: _t("Left after offers"),
                text: this.money(totals.net),
            },
        ];
    }

    againstTarget(rate, target) {
        return rate >= target
            ? _t("above the target of %s", percent(target))
            : _t("below the target of %s", percent(target));
    }

    get rows() {
        const {campaigns} = this.props.data;
        const most = Math.max(1, ...campaigns.map((row) => row.rate));
        const scale = Math.max(most, ...campaigns.map((row) => row.target_rate));
        return campaigns
            .filter((row) => row.targeted || row.is_active)
            .map((row) => {
                const isGood = row.ended && row.rate >= row.target_rate;
                const color = stageColor(isGood ? "won_back" : "at_risk");
                const share = (100 * row.rate) / scale;
                return {
                    ...row,
                    state: journeyState({...row, paused_at: row.paused}),
                    money: moneyOf([row.currency_id]),
                    style: `--lifecycle-stage: ${color}; --lifecycle-share: ${share}%`,
                    mark: `left: ${(100 * row.target_rate) / scale}%`,
                };
            });
    }

    /** Attempts that began on days of the company, as the figures count them. */
    async open(status) {
        const {from, to} = this.props.period;
        const [start, end] = await this.orm.call("lifecycle.engine", "get_bounds", [
            from,
            to,
        ]);
        const isAll = status === "all";
        return this.props.onAttempts(isAll ? _t("Attempts") : _t("Won back"), [
            ...(isAll ? [] : [["status", "=", status]]),
            ["started_at", ">=", start],
            ["started_at", "<", end],
        ]);
    }
}
