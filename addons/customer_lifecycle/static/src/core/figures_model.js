import {KeepLast} from "@web/core/utils/concurrency";
import {isAccessError, messageOf} from "./quiet_call";

/** What every page of figures knows; the page watches it as reactive state. */
export class FiguresModel {
    constructor(orm) {
        this.orm = orm;
        this.keepLast = new KeepLast();
        this.status = "loading";
        this.data = null;
        this.error = "";
        this.denied = false;
    }

    /** Asks the server; a page says what for. */
    fetch() {
        throw new Error(`${this.constructor.name} says not what to fetch`);
    }

    /** Loads anew; what comes later than the next call is not shown. */
    async load(...wanted) {
        this.status = this.data ? "refreshing" : "loading";
        try {
            this.data = await this.keepLast.add(this.fetch(...wanted));
            this.status = "ready";
        } catch (error) {
            this.denied = isAccessError(error);
            this.error = messageOf(error);
            this.status = "error";
        }
    }
}
