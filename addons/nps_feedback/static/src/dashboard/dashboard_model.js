import {isAccessError, messageOf} from "@customer_lifecycle/core/quiet_call";
import {KeepLast} from "@web/core/utils/concurrency";

/** Loads the figures; the page watches it as reactive state. */
export class FeedbackModel {
    constructor(orm) {
        this.orm = orm;
        this.keepLast = new KeepLast();
        this.status = "loading";
        this.data = null;
        this.error = "";
        this.denied = false;
    }

    async load({from, to}, survey) {
        this.status = this.data ? "refreshing" : "loading";
        try {
            this.data = await this.keepLast.add(
                this.orm.silent.call("nps.service", "get_dashboard", [from, to, survey])
            );
            this.status = "ready";
        } catch (error) {
            this.denied = isAccessError(error);
            this.error = messageOf(error);
            this.status = "error";
        }
    }

    /** Neither an answer nor somebody asked: there is nothing to show yet. */
    get isEmpty() {
        const {nps, previous, csat, cases} = this.data || {nps: {}};
        const figures = [nps?.responses, previous?.responses, nps?.invitations];
        return !figures.some(Boolean) && !csat?.length && !cases?.open;
    }
}
