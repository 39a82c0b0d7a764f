import {PartnerLine} from "@point_of_sale/app/screens/partner_list/partner_line/partner_line";
import {patch} from "@web/core/utils/patch";
import {seenAs} from "./seen_as";

patch(PartnerLine.prototype, {
    // What is owed is no balance: there is nothing to spend.
    _getLoyaltyPointsRepr(card) {
        const points = Math.max(card.points, 0);
        const shown = card.program_id.accounts_since ? seenAs(card, {points}) : card;
        return super._getLoyaltyPointsRepr(shown);
    },
});
