import {PartsModel} from "@journey_engine/figures/parts_model";

const MODEL = "winback.campaign";
const SERVICE = "winback.service";

export class WinbackModel extends PartsModel {
    constructor(orm) {
        super(orm);
        this.data = null;
    }

    /** @param {{from: string, to: string}} period in which attempts began */
    parts(id, period) {
        const all = this.all(id, period);
        if (!id) {
            return [all.then((values) => ({...values, status: "ready"}))];
        }
        const {statistics, slow} = this.partsOf(MODEL, id);
        const one = async () => {
            const [values, figures] = await Promise.all([all, statistics]);
            return {...values, figures, status: "ready"};
        };
        return [one(), ...slow];
    }

    async all(id, {from, to}) {
        const data = await this.orm.silent.call(SERVICE, "get_dashboard", [from, to]);
        return {data, campaign: data.campaigns.find((row) => row.id === id) || null};
    }

    get isEmpty() {
        return !this.data.campaigns.length;
    }
}
