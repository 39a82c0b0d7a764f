import {Component, onWillStart, useState} from "@odoo/owl";
import {
    describePeriod,
    readPeriod,
    writePeriod,
} from "@customer_lifecycle/dashboard/period";
import {PeriodFilter} from "@customer_lifecycle/dashboard/period_filter/period_filter";
import {Skeleton} from "@customer_lifecycle/dashboard/skeleton/skeleton";
import {router} from "@web/core/browser/router";
import {registry} from "@web/core/registry";
import {user} from "@web/core/user";
import {useService} from "@web/core/utils/hooks";
import {useSetupAction} from "@web/search/action_hook";
import {Layout} from "@web/search/layout";
import {standardActionServiceProps} from "@web/webclient/actions/action_service";
import {Cases} from "./cases/cases";
import {Content} from "./content/content";
import {FeedbackModel} from "./dashboard_model";
import {Groups} from "./groups/groups";
import {Score} from "./score/score";
import {Scores} from "./scores/scores";
import {Trend} from "./trend/trend";
import {Words} from "./words/words";

const EXPORT_URL = "/nps_feedback/dashboard/export";
const MANAGER = "customer_lifecycle.group_lifecycle_manager";

/** What customers say, in figures and in words. */
export class FeedbackDashboard extends Component {
    static template = "nps_feedback.Dashboard";
    static components = {
        Cases,
        Content,
        Groups,
        Layout,
        PeriodFilter,
        Score,
        Scores,
        Skeleton,
        Trend,
        Words,
    };
    static props = {...standardActionServiceProps};

    setup() {
        this.action = useService("action");
        this.orm = useService("orm");
        this.model = useState(new FeedbackModel(this.orm));
        const saved = this.props.state || router.current;
        this.state = useState({
            period: readPeriod(saved.period ? saved : {period: "90d"}),
            survey: Number(saved.survey) || false,
        });
        useSetupAction({getLocalState: () => this.address});
        onWillStart(async () => {
            // Not awaited: the skeleton shows while the figures are counted.
            this.load();
            this.mayExport = await user.hasGroup(MANAGER);
        });
    }

    /** What reloads, links and the way back keep. */
    get address() {
        const {period, survey} = this.state;
        return {...writePeriod(period), survey: survey || undefined};
    }

    load() {
        this.props.updateActionState?.(this.address);
        return this.model.load(this.state.period, this.state.survey);
    }

    setPeriod(period) {
        this.state.period = readPeriod(period);
        return this.load();
    }

    setSurvey(value) {
        this.state.survey = Number(value) || false;
        return this.load();
    }

    get periodText() {
        return describePeriod(this.state.period);
    }

    get display() {
        return {controlPanel: {layoutActions: true}};
    }

    exportUrl(format) {
        const {period, survey} = this.state;
        const query = new URLSearchParams({
            date_from: period.from,
            date_to: period.to,
            ...(survey ? {survey} : {}),
            companies: user.activeCompanies.map((company) => company.id).join("-"),
        });
        return `${EXPORT_URL}/${format}?${query}`;
    }

    open(model, name, domain, views = ["list", "form"]) {
        return this.action.doAction({
            type: "ir.actions.act_window",
            name: name.toString(),
            res_model: model,
            domain,
            views: views.map((type) => [false, type]),
        });
    }

    /** The answers of the period, of one survey or of all, that match. */
    async openAnswers(name, domain) {
        const {period, survey} = this.state;
        const bounds = await this.orm.call("lifecycle.engine", "get_bounds", [
            period.from,
            period.to,
        ]);
        const mine = [
            ["responded_at", ">=", bounds[0]],
            ["responded_at", "<", bounds[1]],
            ...(survey ? [["survey_id", "=", survey]] : []),
        ];
        return this.open("nps.response", name, [...mine, ...domain]);
    }

    openCase(number) {
        return this.action.doAction({
            type: "ir.actions.act_window",
            res_model: "nps.case",
            res_id: number,
            views: [[false, "form"]],
        });
    }

    openCases() {
        return this.action.doAction("nps_feedback.nps_case_action");
    }

    openSurveys() {
        return this.action.doAction("nps_feedback.nps_survey_action");
    }
}

registry.category("actions").add("nps_feedback.dashboard", FeedbackDashboard);
