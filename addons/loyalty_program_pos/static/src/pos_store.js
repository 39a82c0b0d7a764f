import {PosStore} from "@point_of_sale/app/services/pos_store";
import {patch} from "@web/core/utils/patch";

patch(PosStore.prototype, {
    // What an order earns goes by the tier, which the customer's card knows.
    async _updatePrograms() {
        const partner = this.getOrder()?.getPartner();
        const programs = partner
            ? this.models["loyalty.program"].filter((each) => each.accounts_since)
            : [];
        for (const program of programs) {
            await this.fetchLoyaltyCard(program.id, partner.id);
        }
        return await super._updatePrograms();
    },
});
