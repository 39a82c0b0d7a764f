import * as Chrome from "@point_of_sale/../tests/pos/tours/utils/chrome_util";
import * as Dialog from "@point_of_sale/../tests/generic_helpers/dialog_util";
import * as PosLoyalty from "@pos_loyalty/../tests/tours/utils/pos_loyalty_util";
import * as ProductScreen from "@point_of_sale/../tests/pos/tours/utils/product_screen_util";
import {registry} from "@web/core/registry";

function sell(points) {
    return [
        ProductScreen.addOrderline("Whiteboard Pen", "20"),
        ProductScreen.clickPartnerButton(),
        ProductScreen.clickCustomer("AAA Nadia"),
        PosLoyalty.pointsAwardedAre(points),
    ];
}

registry.category("web_tour.tours").add("loyalty_till", {
    steps: () =>
        [
            Chrome.startPoS(),
            Dialog.confirm("Open Register"),
            ...sell("64"),
            PosLoyalty.finalizeOrder("Cash", "70"),
            // Nadia had 150: the first order made her a silver member, who earns half
            // as much again. The till was not loaded anew.
            ...sell("96"),
            PosLoyalty.claimReward("10"),
            PosLoyalty.orderTotalIs("54.00"),
            // She had 214 and spends 100; the till offers none of the gold tier.
            PosLoyalty.pointsAwardedAre("96"),
            PosLoyalty.finalizeOrder("Cash", "60"),
            ...sell("96"),
        ].flat(),
});
