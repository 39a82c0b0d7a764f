import OrderPaymentValidation from "@point_of_sale/app/utils/order_payment_validation";
import {patch} from "@web/core/utils/patch";

patch(OrderPaymentValidation.prototype, {
    async validateOrder() {
        const order = this.order;
        await this.pos.refreshLoyaltyAccounts(order.getPartner());
        await this.pos.updatePrograms();
        return await super.validateOrder(...arguments);
    },
});
