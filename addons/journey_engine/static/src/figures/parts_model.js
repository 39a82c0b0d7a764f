import {isAccessError, messageOf} from "@customer_lifecycle/core/quiet_call";

/**
 * Figures that come in parts, each shown as soon as it is there; the page watches it
 * as reactive state.
 */
export class PartsModel {
    constructor(orm) {
        this.orm = orm;
        this.turn = 0;
        this.status = "loading";
        this.campaign = null;
        this.figures = null;
        // What takes longer to count is null until it is there.
        this.course = null;
        this.lift = null;
        this.error = "";
        this.denied = false;
    }

    /** Promises of values, all asked for at once; a page says which. */
    parts() {
        throw new Error(`${this.constructor.name} says not what to fetch`);
    }

    /**
     * @param {number|false} id of the campaign, or all of them
     * @param {any} wanted what else the parts depend on
     */
    async load(id, ...wanted) {
        const turn = ++this.turn;
        const set = (values) => turn === this.turn && Object.assign(this, values);
        const isShown = this.hasShown(id);
        set({status: isShown ? "refreshing" : "loading"});
        set(isShown ? {} : {figures: null, course: null, lift: null});
        try {
            await Promise.all(this.parts(id, ...wanted).map((part) => part.then(set)));
        } catch (error) {
            const denied = isAccessError(error);
            set({denied, error: messageOf(error), status: "error"});
            // What still comes belongs to a page that is no more.
            this.turn += turn === this.turn;
        }
    }

    hasShown(id) {
        return this.status === "ready" && (this.campaign?.id || false) === id;
    }

    /** The parts that every page of one campaign has. */
    partsOf(model, id) {
        const call = (method) => this.orm.silent.call(model, method, [[id]]);
        return {
            statistics: call("get_statistics"),
            slow: [
                call("get_course").then((course) => ({course})),
                call("get_lift").then((lift) => ({lift})),
            ],
        };
    }
}
