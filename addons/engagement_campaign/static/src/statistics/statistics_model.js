import {isAccessError, messageOf} from "@customer_lifecycle/core/quiet_call";

const MODEL = "engagement.campaign";
const NAMES = ["name", "is_active", "paused_at", "campaign_type", "currency_id"];
const TOTALS = [
    "total_enrolled",
    "total_converted",
    "conversion_rate",
    "revenue",
    "offer_cost",
    "sent_count",
    "opened_rate",
];

/** Loads the figures; the page watches it as reactive state. */
export class StatisticsModel {
    constructor(orm) {
        this.orm = orm;
        this.turn = 0;
        this.status = "loading";
        this.campaigns = [];
        this.campaign = null;
        this.figures = null;
        this.revenue = 0;
        // What takes longer to count is null until it is there.
        this.course = null;
        this.lift = null;
        this.error = "";
        this.denied = false;
    }

    /** @param {number|false} id of the campaign, or all of them */
    async load(id) {
        const turn = ++this.turn;
        const set = (values) => turn === this.turn && Object.assign(this, values);
        const isShown = this.hasShown(id);
        set({status: isShown ? "refreshing" : "loading"});
        set(isShown ? {} : {course: null, lift: null});
        try {
            // All are asked for at once, each is shown as soon as it is there.
            await Promise.all(this.parts(id).map((part) => part.then(set)));
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

    /** Promises of what the page shows, the last one to wait for the longest. */
    parts(id) {
        if (!id) {
            return [this.all()];
        }
        const call = (method) => this.orm.silent.call(MODEL, method, [[id]]);
        return [
            this.one(id, call("get_statistics")),
            call("get_course").then((course) => ({course})),
            call("get_lift").then((lift) => ({lift})),
        ];
    }

    read(fields) {
        return this.orm.silent.searchRead(MODEL, [], fields, {
            context: {active_test: false},
        });
    }

    async all() {
        // An order that several campaigns converted to counts once in their sum.
        const [campaigns, revenues] = await Promise.all([
            this.read([...NAMES, ...TOTALS]),
            this.orm.silent.call(MODEL, "get_total_revenue", []),
        ]);
        const revenue = revenues.reduce((total, row) => total + row.revenue, 0);
        return {campaigns, revenue, campaign: null, figures: null, status: "ready"};
    }

    async one(id, statistics) {
        const [campaigns, figures] = await Promise.all([this.read(NAMES), statistics]);
        const campaign = campaigns.find((row) => row.id === id);
        return {campaigns, campaign, figures, status: "ready"};
    }

    get isEmpty() {
        return !this.campaigns.length;
    }
}
