import {PosStore} from "@point_of_sale/app/services/pos_store";
import {patch} from "@web/core/utils/patch";

patch(PosStore.prototype, {
    // What an order earns goes by the tier, which the customer's card knows.
    async _updatePrograms() {
        const partner = this.getOrder()?.getPartner();
        const programs = partner ? this._loyaltyPrograms() : [];
        for (const program of programs) {
            await this.fetchLoyaltyCard(program.id, partner.id);
        }
        return await super._updatePrograms();
    },
    _loyaltyPrograms() {
        return this.models["loyalty.program"].filter((each) => each.accounts_since);
    },
    /*
     * Tiers rise and points expire while the till is open: who is chosen, and who pays,
     * is asked for again. Without a connection the till goes on with what it knows, and
     * the server decides when it hears of the order.
     */
    async refreshLoyaltyAccounts(partner) {
        if (
            !partner ||
            typeof partner.id !== "number" ||
            !this._loyaltyPrograms().length
        ) {
            return;
        }
        let found = [];
        try {
            found = await this.data.call("loyalty.card", "get_till_accounts", [
                partner.id,
            ]);
        } catch {
            return;
        }
        for (const {id, ...values} of found) {
            const card = this.models["loyalty.card"].get(id);
            if (card) {
                Object.assign(card, values);
            }
        }
    },
    async selectPartner() {
        const result = await super.selectPartner(...arguments);
        await this.refreshLoyaltyAccounts(this.getOrder()?.getPartner());
        await this.updateRewards();
        return result;
    },
    async postProcessLoyalty(order) {
        const result = await super.postProcessLoyalty(order);
        await this.refreshLoyaltyAccounts(order.getPartner());
        return result;
    },
});
