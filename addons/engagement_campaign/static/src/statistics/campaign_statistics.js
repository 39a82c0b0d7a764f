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

/** The figures of one campaign. */
export class CampaignStatistics extends Component {
    static template = "engagement_campaign.CampaignStatistics";
    static components = {Cards, Course, Funnel, Lift, StepFigures};
    static props = {
        campaign: Object,
        figures: Object,
        course: {type: [Object, {value: null}]},
        lift: {type: [Object, {value: null}]},
    };

    setup() {
        this.action = useService("action");
    }

    get state() {
        return journeyState(this.props.campaign);
    }

    get money() {
        return moneyOf(this.props.campaign.currency_id);
    }

    get isEmpty() {
        return !this.props.figures.total_enrolled;
    }

    get cards() {
        const {figures} = this.props;
        const percent = (value) => _t("%s%", formatNumber(value));
        return [
            {
                key: "enrolled",
                label: _t("Enrolled"),
                text: formatCount(figures.total_enrolled),
                hint: _t("%s under way", formatCount(figures.total_active)),
            },
            {
                key: "converted",
                label: _t("Converted"),
                text: formatCount(figures.total_converted),
                hint: _t("%s of the enrolled", percent(figures.conversion_rate)),
            },
            {key: "revenue", label: _t("Revenue"), text: this.money(figures.revenue)},
            {
                key: "cost",
                label: _t("Cost of offers"),
                text: this.money(figures.offer_cost),
            },
            {
                key: "sent",
                label: _t("Messages sent"),
                text: formatCount(figures.sent_count),
            },
            {
                key: "opened",
                label: _t("Opened"),
                text: percent(figures.opened_rate),
                hint: _t("%s clicked", percent(figures.clicked_rate)),
            },
        ];
    }

    openCampaign() {
        return this.open("engagement.campaign", {
            res_id: this.props.campaign.id,
            views: [[false, "form"]],
        });
    }

    /** The participants behind a figure. */
    openParticipants(label, domain) {
        return this.open("campaign.enrollment", {
            name: `${this.props.campaign.name}: ${label}`,
            domain: [["campaign_id", "=", this.props.campaign.id], ...domain],
            views: ["list", "kanban", "form"].map((type) => [false, type]),
        });
    }

    open(model, values) {
        return this.action.doAction({
            type: "ir.actions.act_window",
            res_model: model,
            ...values,
        });
    }
}
