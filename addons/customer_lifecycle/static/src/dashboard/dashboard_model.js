import {KeepLast} from "@web/core/utils/concurrency";
import {isAccessError, messageOf} from "../core/quiet_call";

/** Loads the figures; the dashboard watches it as reactive state. */
export class DashboardModel {
    constructor(orm) {
        this.orm = orm;
        this.keepLast = new KeepLast();
        this.status = "loading";
        this.data = null;
        this.error = "";
        this.denied = false;
    }

    async load({from, to}) {
        this.status = this.data ? "refreshing" : "loading";
        try {
            this.data = await this.keepLast.add(
                this.orm.silent.call("lifecycle.engine", "get_dashboard", [from, to])
            );
            this.status = "ready";
        } catch (error) {
            this.denied = isAccessError(error);
            this.error = messageOf(error);
            this.status = "error";
        }
    }

    get customers() {
        return this.data.stages.reduce((sum, {customers}) => sum + customers, 0);
    }

    get isEmpty() {
        return this.status !== "error" && Boolean(this.data) && !this.customers;
    }
}
