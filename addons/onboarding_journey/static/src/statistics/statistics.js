import {Component, onWillStart, useState} from "@odoo/owl";
import {formatCount, formatNumber} from "@customer_lifecycle/core/format";
import {isAccessError, messageOf} from "@customer_lifecycle/core/quiet_call";
import {Panel} from "@customer_lifecycle/dashboard/panel/panel";
import {Skeleton} from "@customer_lifecycle/dashboard/skeleton/skeleton";
import {Cards} from "@journey_engine/figures/cards/cards";
import {router} from "@web/core/browser/router";
import {_t} from "@web/core/l10n/translation";
import {registry} from "@web/core/registry";
import {user} from "@web/core/user";
import {useService} from "@web/core/utils/hooks";
import {Layout} from "@web/search/layout";
import {standardActionServiceProps} from "@web/webclient/actions/action_service";

const MODEL = "onboarding.journey";
const MANAGER = "customer_lifecycle.group_lifecycle_manager";

/** How far customers come in a journey, and where they drop off. */
export class OnboardingStatistics extends Component {
    static template = "onboarding_journey.Statistics";
    static components = {Cards, Layout, Panel, Skeleton};
    static props = {...standardActionServiceProps};

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.state = useState({status: "loading", journeys: [], figures: null});
        const {action, state} = this.props;
        this.journey =
            state?.journey || action.params?.journey || Number(router.current.journey);
        // Not awaited: the skeleton shows while the figures are counted.
        onWillStart(async () => {
            void this.load();
            this.mayExport = await user.hasGroup(MANAGER);
        });
    }

    exportUrl(format) {
        const query = new URLSearchParams({
            journey: this.journey,
            companies: user.activeCompanies.map((company) => company.id).join("-"),
        });
        return `/onboarding_journey/dashboard/export/${format}?${query}`;
    }

    async load() {
        this.state.status = this.state.figures ? "refreshing" : "loading";
        try {
            const journeys = await this.orm.silent.searchRead(MODEL, [], ["name"]);
            const ids = journeys.map((row) => row.id);
            this.journey = ids.includes(this.journey) ? this.journey : ids[0];
            const figures = this.journey
                ? await this.orm.silent.call(MODEL, "get_statistics", [[this.journey]])
                : null;
            Object.assign(this.state, {journeys, figures, status: "ready"});
            this.props.updateActionState?.({journey: this.journey});
        } catch (error) {
            const denied = isAccessError(error);
            Object.assign(this.state, {
                denied,
                error: messageOf(error),
                status: "error",
            });
        }
    }

    choose(value) {
        this.journey = Number(value);
        return this.load();
    }

    get display() {
        return {controlPanel: {layoutActions: true}};
    }

    get cards() {
        const {figures} = this.state;
        const percent = (value) => _t("%s%", formatNumber(value));
        const days = (value) =>
            value === false ? "–" : _t("%s days", formatNumber(value));
        return [
            {
                key: "started",
                label: _t("Started"),
                text: formatCount(figures.started),
                hint: _t("%s under way", formatCount(figures.in_progress)),
            },
            {
                key: "completed",
                label: _t("Completed"),
                text: formatCount(figures.completed),
                hint: _t("%s of those who started", percent(figures.completion_rate)),
            },
            {
                key: "expired",
                label: _t("Expired"),
                text: formatCount(figures.expired),
                hint: _t("%s left out or taken out", formatCount(figures.skipped)),
            },
            {
                key: "median_days",
                label: _t("Median time to completion"),
                text: days(figures.median_days),
            },
            {
                key: "first_order",
                label: _t("Median time to first order"),
                text: days(figures.median_days_to_first_order),
                hint: _t("%s have ordered", formatCount(figures.ordered)),
            },
        ];
    }

    get rows() {
        const {figures} = this.state;
        const whole = figures.started || 1;
        const share = (count) => `${(100 * count) / whole}%`;
        return figures.steps.map((step) => ({
            ...step,
            texts: {
                reached: formatCount(step.reached),
                completed: formatCount(step.completed),
                skipped: formatCount(step.skipped),
                open: formatCount(step.open),
                dropped: formatCount(step.dropped),
                dropOff: _t("%s%", formatNumber(step.drop_off)),
                seen: _t("%(views)s views, %(seconds)s s on average", {
                    views: formatCount(step.views),
                    seconds: formatCount(step.seconds),
                }),
            },
            style: `--onboarding-reached: ${share(step.reached)}; --onboarding-completed: ${share(step.completed)}`,
        }));
    }

    openJourneys() {
        return this.action.doAction("onboarding_journey.onboarding_journey_action");
    }
}

registry.category("actions").add("onboarding_journey.statistics", OnboardingStatistics);
