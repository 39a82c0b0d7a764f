import {Component, onWillStart, useState} from "@odoo/owl";
import {readPeriod, writePeriod} from "@customer_lifecycle/dashboard/period";
import {PeriodFilter} from "@customer_lifecycle/dashboard/period_filter/period_filter";
import {Skeleton} from "@customer_lifecycle/dashboard/skeleton/skeleton";
import {user} from "@web/core/user";
import {router} from "@web/core/browser/router";
import {registry} from "@web/core/registry";
import {useService} from "@web/core/utils/hooks";
import {useSetupAction} from "@web/search/action_hook";
import {Layout} from "@web/search/layout";
import {standardActionServiceProps} from "@web/webclient/actions/action_service";
import {CampaignResults} from "./campaign_results";
import {AllResults} from "./all_results";
import {WinbackModel} from "./dashboard_model";

const MANAGER = "customer_lifecycle.group_lifecycle_manager";

/** What win-back brought: all campaigns, or one of them. */
export class WinbackDashboard extends Component {
    static template = "winback.Dashboard";
    static components = {AllResults, CampaignResults, Layout, PeriodFilter, Skeleton};
    static props = {...standardActionServiceProps};

    setup() {
        this.action = useService("action");
        this.model = useState(new WinbackModel(useService("orm")));
        const {state, action} = this.props;
        const asked = {...router.current, ...state};
        this.campaign = Number(asked.campaign) || action.params?.campaign || false;
        // Attempts take weeks: a year tells more than a month.
        const period = asked.period || "365d";
        this.state = useState({period: readPeriod({...asked, period})});
        useSetupAction({
            getLocalState: () => ({
                campaign: this.campaign,
                ...writePeriod(this.state.period),
            }),
        });
        onWillStart(async () => {
            // Not awaited: the skeleton shows while the figures are counted.
            this.show(this.campaign);
            this.mayExport = await user.hasGroup(MANAGER);
        });
    }

    exportUrl(format) {
        const query = new URLSearchParams({
            date_from: this.state.period.from,
            date_to: this.state.period.to,
            companies: user.activeCompanies.map((company) => company.id).join("-"),
        });
        return `/winback/dashboard/export/${format}?${query}`;
    }

    show(campaign) {
        this.campaign = campaign;
        this.props.updateActionState?.({
            campaign: campaign || undefined,
            ...writePeriod(this.state.period),
        });
        return this.model.load(campaign, this.state.period);
    }

    choose(value) {
        return this.show(Number(value) || false);
    }

    changePeriod(state) {
        this.state.period = readPeriod(state);
        return this.show(this.campaign);
    }

    get display() {
        return {controlPanel: {layoutActions: true}};
    }

    openCampaigns() {
        return this.action.doAction("winback.winback_campaign_action");
    }

    /** The attempts behind a figure. */
    openAttempts(label, domain) {
        return this.action.doAction({
            type: "ir.actions.act_window",
            name: label,
            res_model: "winback.attempt",
            domain: [["is_holdout", "!=", true], ...domain],
            views: ["list", "kanban", "form"].map((type) => [false, type]),
        });
    }
}

registry.category("actions").add("winback.dashboard", WinbackDashboard);
