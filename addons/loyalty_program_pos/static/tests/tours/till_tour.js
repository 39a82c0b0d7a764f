import * as Chrome from "@point_of_sale/../tests/pos/tours/utils/chrome_util";
import * as Dialog from "@point_of_sale/../tests/generic_helpers/dialog_util";
import * as PosLoyalty from "@pos_loyalty/../tests/tours/utils/pos_loyalty_util";
import * as ProductScreen from "@point_of_sale/../tests/pos/tours/utils/product_screen_util";
import {registry} from "@web/core/registry";

function sell() {
    return [
        ProductScreen.addOrderline("Whiteboard Pen", "20"),
        ProductScreen.clickPartnerButton(),
        ProductScreen.clickCustomer("AAA Nadia"),
        PosLoyalty.pointsAwardedAre("96"),
    ];
}

registry.category("web_tour.tours").add("loyalty_till", {
    steps: () =>
        [
            Chrome.startPoS(),
            Dialog.confirm("Open Register"),
            ...sell(),
            PosLoyalty.finalizeOrder("Cash", "70"),
            ...sell(),
            PosLoyalty.claimReward("10"),
            PosLoyalty.orderTotalIs("54.00"),
            // The firm had 250, earned 96, and spends 100: 246 are left. The till
            // offers no more than two rewards of 100, and none of the gold tier.
            PosLoyalty.pointsAwardedAre("96"),
            PosLoyalty.finalizeOrder("Cash", "60"),
            ...sell(),
        ].flat(),
});
