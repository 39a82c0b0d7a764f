import {isAccessError, messageOf} from "@customer_lifecycle/core/quiet_call";

const MODEL = "winback.campaign";
const SERVICE = "winback.service";

/** Loads the figures; the page watches it as reactive state. */
export class WinbackModel {
    constructor(orm) {
        this.orm = orm;
        this.turn = 0;
        this.status = "loading";
        this.data = null;
        // Of one campaign; what takes longer to count is null until it is there.
        this.campaign = null;
        this.figures = null;
        this.course = null;
        this.lift = null;
        this.error = "";
        this.denied = false;
    }

    /**
     * @param {{from: string, to: string}} period in which attempts began
     * @param {number|false} id of the campaign, or all of them
     */
    async load(period, id) {
        const turn = ++this.turn;
        const set = (values) => turn === this.turn && Object.assign(this, values);
        const isShown = this.status === "ready" && (this.campaign?.id || false) === id;
        set({status: isShown ? "refreshing" : "loading"});
        set(isShown ? {} : {figures: null, course: null, lift: null});
        try {
            await Promise.all(this.parts(period, id).map((part) => part.then(set)));
        } catch (error) {
            const denied = isAccessError(error);
            set({denied, error: messageOf(error), status: "error"});
            // What still comes belongs to a page that is no more.
            this.turn += turn === this.turn;
        }
    }

    parts(period, id) {
        const service = this.orm.silent.call(SERVICE, "get_dashboard", [
            period.from,
            period.to,
        ]);
        const all = service.then((data) => ({
            data,
            campaign: data.campaigns.find((row) => row.id === id) || null,
        }));
        if (!id) {
            return [all.then((values) => ({...values, status: "ready"}))];
        }
        const call = (method) => this.orm.silent.call(MODEL, method, [[id]]);
        const both = Promise.all([all, call("get_statistics")]);
        return [
            both.then(([values, figures]) => ({...values, figures, status: "ready"})),
            call("get_course").then((course) => ({course})),
            call("get_lift").then((lift) => ({lift})),
        ];
    }

    get isEmpty() {
        return !this.data.campaigns.length;
    }
}
