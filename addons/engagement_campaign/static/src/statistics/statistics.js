import {Component, onWillStart, useState} from "@odoo/owl";
import {Skeleton} from "@customer_lifecycle/dashboard/skeleton/skeleton";
import {router} from "@web/core/browser/router";
import {registry} from "@web/core/registry";
import {useService} from "@web/core/utils/hooks";
import {useSetupAction} from "@web/search/action_hook";
import {Layout} from "@web/search/layout";
import {standardActionServiceProps} from "@web/webclient/actions/action_service";
import {CampaignStatistics} from "./campaign_statistics";
import {Overview} from "./overview/overview";
import {StatisticsModel} from "./statistics_model";

/** What all campaigns brought about, or one of them. */
export class Statistics extends Component {
    static template = "engagement_campaign.Statistics";
    static components = {CampaignStatistics, Layout, Overview, Skeleton};
    static props = {...standardActionServiceProps};

    setup() {
        this.action = useService("action");
        this.model = useState(new StatisticsModel(useService("orm")));
        const {state, action} = this.props;
        this.campaign =
            state?.campaign ||
            action.params?.campaign ||
            Number(router.current.campaign) ||
            false;
        useSetupAction({getLocalState: () => ({campaign: this.campaign})});
        // Not awaited: the skeleton shows while the figures are counted.
        onWillStart(() => void this.show(this.campaign));
    }

    show(campaign) {
        this.campaign = campaign;
        this.props.updateActionState?.({campaign: campaign || undefined});
        return this.model.load(campaign);
    }

    choose(value) {
        return this.show(Number(value) || false);
    }

    get display() {
        return {controlPanel: {layoutActions: true}};
    }

    openCampaigns() {
        return this.action.doAction("engagement_campaign.engagement_campaign_action");
    }
}

registry.category("actions").add("engagement_campaign.statistics", Statistics);
