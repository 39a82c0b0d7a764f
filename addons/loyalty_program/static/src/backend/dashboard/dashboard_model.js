import {FiguresModel} from "@customer_lifecycle/core/figures_model";

export class LoyaltyDashboardModel extends FiguresModel {
    /** @param {number|false} program id, or the company's first one */
    fetch(program) {
        return this.orm.silent.call("loyalty.service", "get_dashboard", [program]);
    }

    get isEmpty() {
        return !this.data?.program;
    }
}
