import {isAccessError, messageOf} from "@customer_lifecycle/core/quiet_call";
import {KeepLast} from "@web/core/utils/concurrency";

/** Loads the figures; the page watches it as reactive state. */
export class LoyaltyDashboardModel {
    constructor(orm) {
        this.orm = orm;
        this.keepLast = new KeepLast();
        this.status = "loading";
        this.data = null;
        this.error = "";
        this.denied = false;
    }

    /** @param {number|false} program id, or the company's first one */
    async load(program) {
        this.status = this.data ? "refreshing" : "loading";
        try {
            this.data = await this.keepLast.add(
                this.orm.silent.call("loyalty.service", "get_dashboard", [program])
            );
            this.status = "ready";
        } catch (error) {
            this.denied = isAccessError(error);
            this.error = messageOf(error);
            this.status = "error";
        }
    }

    get isEmpty() {
        return !this.data?.program;
    }
}
