import {PartsModel} from "@journey_engine/figures/parts_model";

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

export class StatisticsModel extends PartsModel {
    constructor(orm) {
        super(orm);
        this.campaigns = [];
        this.revenue = 0;
    }

    parts(id) {
        if (!id) {
            return [this.all()];
        }
        const {statistics, slow} = this.partsOf(MODEL, id);
        return [this.one(id, statistics), ...slow];
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
