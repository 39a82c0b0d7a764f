import {Component, onWillStart, useState} from "@odoo/owl";
import {router} from "@web/core/browser/router";
import {Dropdown} from "@web/core/dropdown/dropdown";
import {useDropdownState} from "@web/core/dropdown/dropdown_hooks";
import {_t} from "@web/core/l10n/translation";
import {registry} from "@web/core/registry";
import {user} from "@web/core/user";
import {useService} from "@web/core/utils/hooks";
import {useSetupAction} from "@web/search/action_hook";
import {Layout} from "@web/search/layout";
import {standardActionServiceProps} from "@web/webclient/actions/action_service";
import {useClickThrough} from "./click_through";
import {CohortMap} from "./cohort_map/cohort_map";
import {DashboardModel} from "./dashboard_model";
import {KpiCard} from "./kpi_card/kpi_card";
import {describePeriod, readPeriod, writePeriod} from "./period";
import {PeriodFilter} from "./period_filter/period_filter";
import {Skeleton} from "./skeleton/skeleton";
import {StageDistribution} from "./stage_distribution/stage_distribution";
import {StageFlow} from "./stage_flow/stage_flow";
import {StageFunnel} from "./stage_funnel/stage_funnel";
import {StageTrend} from "./stage_trend/stage_trend";

const EXPORT_URL = "/customer_lifecycle/dashboard/export";
const MANAGER = "customer_lifecycle.group_lifecycle_manager";
const IMPORT_ACTION = "customer_lifecycle.lifecycle_import_action";

export class LifecycleDashboard extends Component {
    static template = "customer_lifecycle.Dashboard";
    static props = {...standardActionServiceProps};
    static components = {
        CohortMap,
        Dropdown,
        KpiCard,
        Layout,
        PeriodFilter,
        Skeleton,
        StageDistribution,
        StageFlow,
        StageFunnel,
        StageTrend,
    };

    setup() {
        this.action = useService("action");
        this.notification = useService("notification");
        this.open = useClickThrough();
        this.model = useState(new DashboardModel(useService("orm")));
        const saved = this.props.state?.period || router.current;
        this.state = useState({period: readPeriod(saved)});
        this.exportMenu = useDropdownState();
        this.rememberPeriod();
        useSetupAction({
            getLocalState: () => ({period: writePeriod(this.state.period)}),
        });
        onWillStart(async () => {
            // Not awaited: the skeleton shows while the figures are counted.
            this.load();
            this.mayExport = await user.hasGroup(MANAGER);
        });
    }

    load() {
        return this.model.load(this.state.period);
    }

    setPeriod(period) {
        this.state.period = readPeriod(period);
        this.rememberPeriod();
        return this.load();
    }

    /** In the address, for reloads, links and the way back. */
    rememberPeriod() {
        this.props.updateActionState?.(writePeriod(this.state.period));
    }

    get periodText() {
        return describePeriod(this.state.period);
    }

    get display() {
        return {controlPanel: {layoutActions: true}};
    }

    exportUrl(format) {
        const query = new URLSearchParams({
            date_from: this.state.period.from,
            date_to: this.state.period.to,
            companies: user.activeCompanies.map((company) => company.id).join("-"),
        });
        return `${EXPORT_URL}/${format}?${query}`;
    }

    openKpi(kpi) {
        return this.open.customers(kpi.label, kpi.domain);
    }

    async importCustomers() {
        try {
            await this.action.doAction(IMPORT_ACTION);
        } catch {
            const message = _t(
                "The import is for lifecycle managers; ask for that role."
            );
            this.notification.add(message, {type: "info"});
        }
    }
}

registry.category("actions").add("customer_lifecycle.dashboard", LifecycleDashboard);
