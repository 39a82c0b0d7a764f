import {Component, onWillStart, useState} from "@odoo/owl";
import {Skeleton} from "@customer_lifecycle/dashboard/skeleton/skeleton";
import {router} from "@web/core/browser/router";
import {_t} from "@web/core/l10n/translation";
import {registry} from "@web/core/registry";
import {user} from "@web/core/user";
import {useService} from "@web/core/utils/hooks";
import {useSetupAction} from "@web/search/action_hook";
import {Layout} from "@web/search/layout";
import {standardActionServiceProps} from "@web/webclient/actions/action_service";
import {Cards} from "./cards/cards";
import {Course} from "./course/course";
import {LoyaltyDashboardModel} from "./dashboard_model";
import {Expiring} from "./expiring/expiring";
import {TierShares} from "./tier_shares/tier_shares";

const EXPORT_URL = "/loyalty_program/dashboard/export";
const MANAGER = "customer_lifecycle.group_lifecycle_manager";

/** What a loyalty program does, and what its points are worth. */
export class LoyaltyDashboard extends Component {
    static template = "loyalty_program.Dashboard";
    static components = {Cards, Course, Expiring, Layout, Skeleton, TierShares};
    static props = {...standardActionServiceProps};

    setup() {
        this.action = useService("action");
        this.model = useState(new LoyaltyDashboardModel(useService("orm")));
        this.program = this.props.state?.program || Number(router.current.program);
        useSetupAction({getLocalState: () => ({program: this.program})});
        onWillStart(async () => {
            // Not awaited: the skeleton shows while the figures are counted.
            this.show(this.program || false);
            this.isManager = await user.hasGroup(MANAGER);
        });
    }

    show(program) {
        this.program = program;
        this.props.updateActionState?.({program: program || undefined});
        return this.model.load(program);
    }

    get display() {
        return {controlPanel: {layoutActions: true}};
    }

    exportUrl(format) {
        const query = new URLSearchParams({
            program: this.model.data.program.id,
            companies: user.activeCompanies.map((company) => company.id).join("-"),
        });
        return `${EXPORT_URL}/${format}?${query}`;
    }

    openMembers(name, domain = []) {
        return this.open("customer.loyalty", name, domain, ["list", "kanban", "form"]);
    }

    openMoves(name, type) {
        const domain = [["transaction_type", "=", type]];
        return this.open("loyalty.transaction", name, domain);
    }

    open(model, name, domain, views = ["list", "form"]) {
        const {program} = this.model.data;
        return this.action.doAction({
            type: "ir.actions.act_window",
            name: name.toString(),
            res_model: model,
            domain: [["program_id", "=", program.id], ...domain],
            views: views.map((type) => [false, type]),
        });
    }

    openTier({code, name}) {
        return this.openMembers(name, [["current_tier", "=", code]]);
    }

    openExpiring() {
        const soon = [
            ["remaining", ">", 0],
            ["expires_at", ">", "now"],
            ["expires_at", "<=", "now +30d"],
        ];
        return this.openMembers(_t("Points about to expire"), [
            ["lot_ids", "any", soon],
        ]);
    }

    openReview() {
        return this.action.doAction("loyalty_program.loyalty_pending_action_review");
    }

    openPrograms() {
        return this.action.doAction("loyalty_program.loyalty_program_action");
    }

    get links() {
        return {
            members: () => this.openMembers(_t("Members")),
            issued: () => this.openMoves(_t("Points issued"), "earn"),
            redeemed: () => this.openMoves(_t("Points redeemed"), "redeem"),
            expired: () => this.openMoves(_t("Points expired"), "expire"),
            liability: () =>
                this.openMembers(_t("Members with points"), [
                    ["points_balance", ">", 0],
                ]),
        };
    }
}

registry.category("actions").add("loyalty_program.dashboard", LoyaltyDashboard);
