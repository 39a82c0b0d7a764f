import {isAccessError, messageOf} from "@customer_lifecycle/core/quiet_call";
import {KeepLast} from "@web/core/utils/concurrency";

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
        this.keepLast = new KeepLast();
        this.status = "loading";
        this.campaigns = [];
        this.campaign = null;
        this.figures = null;
        this.error = "";
        this.denied = false;
    }

    /** @param {number|false} id of the campaign, or all of them */
    async load(id) {
        this.status = this.hasShown(id) ? "refreshing" : "loading";
        try {
            const found = await this.keepLast.add(this.fetch(id));
            Object.assign(this, found, {status: "ready"});
        } catch (error) {
            this.denied = isAccessError(error);
            this.error = messageOf(error);
            this.status = "error";
        }
    }

    hasShown(id) {
        return this.status === "ready" && (this.campaign?.id || false) === id;
    }

    async fetch(id) {
        const {silent} = this.orm;
        const fields = id ? NAMES : [...NAMES, ...TOTALS];
        const campaigns = silent.searchRead(MODEL, [], fields, {
            context: {active_test: false},
        });
        if (!id) {
            return {campaigns: await campaigns, campaign: null, figures: null};
        }
        const [found, statistics, course, lift] = await Promise.all([
            campaigns,
            silent.call(MODEL, "get_statistics", [[id]]),
            silent.call(MODEL, "get_course", [[id]]),
            silent.call(MODEL, "get_lift", [[id]]),
        ]);
        const campaign = found.find((row) => row.id === id);
        return {campaigns: found, campaign, figures: {...statistics, ...course, lift}};
    }

    get isEmpty() {
        return !this.campaigns.length;
    }
}
