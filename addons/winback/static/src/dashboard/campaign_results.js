import {Component} from "@odoo/owl";
import {formatCount, formatNumber} from "@customer_lifecycle/core/format";
import {_t} from "@web/core/l10n/translation";
import {useService} from "@web/core/utils/hooks";
import {journeyState} from "@journey_engine/builder/journey_state/journey_state_field";
import {Cards} from "@journey_engine/figures/cards/cards";
import {Course} from "@journey_engine/figures/course/course";
import {Funnel} from "@journey_engine/figures/funnel/funnel";
import {Lift} from "@journey_engine/figures/lift/lift";
import {moneyOf} from "@journey_engine/figures/money";
import {StepFigures} from "@journey_engine/figures/step_figures/step_figures";

const percent = (value) => _t("%s%", formatNumber(value));

/** What one campaign brought back since it began. */
export class CampaignResults extends Component {
    static template = "winback.CampaignResults";
    static components = {Cards, Course, Funnel, Lift, StepFigures};
    static props = {
        campaign: Object,
        figures: Object,
        course: {type: [Object, {value: null}]},
        lift: {type: [Object, {value: null}]},
        onAttempts: Function,
    };

    setup() {
        this.action = useService("action");
    }

    get state() {
        const {campaign} = this.props;
        return journeyState({...campaign, paused_at: campaign.paused});
    }

    get money() {
        return moneyOf([this.props.campaign.currency_id]);
    }

    get isEmpty() {
        return !this.props.figures.total_targeted;
    }

    get cards() {
        const {figures} = this.props;
        const {statuses} = figures;
        return [
            {
                key: "targeted",
                label: _t("Targeted"),
                text: formatCount(figures.total_targeted),
                hint: _t("%s under way", formatCount(figures.total_active)),
            },
            {
                key: "won_back",
                label: _t("Won back"),
                text: formatCount(figures.total_won_back),
                hint: _t("%(exhausted)s in vain, %(unsubscribed)s unsubscribed", {
                    exhausted: formatCount(statuses.exhausted),
                    unsubscribed: formatCount(statuses.unsubscribed),
                }),
            },
            {
                key: "rate",
                label: _t("Win-back rate"),
                text: percent(figures.won_back_rate),
                hint: _t("target %s", percent(figures.target_rate)),
            },
            {
                key: "revenue",
                label: _t("Revenue recovered"),
                text: this.money(figures.total_revenue_recovered),
            },
            {
                key: "cost",
                label: _t("Cost of offers"),
                text: this.money(figures.offer_cost),
            },
            {
                key: "sent",
                label: _t("Messages sent"),
                text: formatCount(figures.sent_count),
                hint: _t("%(opened)s opened, %(clicked)s clicked", {
                    opened: percent(figures.opened_rate),
                    clicked: percent(figures.clicked_rate),
                }),
            },
        ];
    }

    openCampaign() {
        return this.action.doAction({
            type: "ir.actions.act_window",
            res_model: "winback.campaign",
            res_id: this.props.campaign.id,
            views: [[false, "form"]],
        });
    }

    openAttempts(label, domain) {
        const {campaign, onAttempts} = this.props;
        return onAttempts(`${campaign.name}: ${label}`, [
            ["campaign_id", "=", campaign.id],
            ...domain,
        ]);
    }
}
