import {PosOrder} from "@point_of_sale/app/models/pos_order";
import {patch} from "@web/core/utils/patch";

// Noise of binary fractions does not cost a point.
const NOISE = 1e-6;

/*
 * What the till shows of programs with accounts is what the server will count:
 * whole points, multiplied by the tier, and spendable from the next order on.
 */
patch(PosOrder.prototype, {
    _loyaltyCardOf(program) {
        const owner = this.getPartner()?.id;
        return this.models["loyalty.card"].find(
            (card) =>
                card.id > 0 &&
                card.program_id?.id === program.id &&
                card.partner_id?.id === owner
        );
    },
    _loyaltyWholePoints(program, points) {
        if (!program.is_active) {
            return 0;
        }
        const card = this._loyaltyCardOf(program);
        if (!card && !program.is_open) {
            return 0;
        }
        const multiplier = card ? card.points_multiplier : program.first_multiplier;
        const paid = points - super._getPointsCorrection(program);
        return Math.max(Math.floor(paid * (multiplier || 1) + NOISE), 0);
    },
    pointsForPrograms(programs) {
        const result = super.pointsForPrograms(programs);
        for (const program of programs) {
            if (program.accounts_since && result[program.id]) {
                const plain = result[program.id].reduce(
                    (sum, add) => sum + add.points,
                    0
                );
                const points = this._loyaltyWholePoints(program, plain);
                result[program.id] = points ? [{points}] : [];
            }
        }
        return result;
    },
    _getPointsCorrection(program) {
        return program.accounts_since ? 0 : super._getPointsCorrection(program);
    },
    _getRealCouponPoints(couponId) {
        const points = super._getRealCouponPoints(couponId);
        const change = Object.values(this.uiState.couponPointChanges).find(
            (entry) => entry.coupon_id === couponId
        );
        const program = change && this.models["loyalty.program"].get(change.program_id);
        if (program?.accounts_since && program.applies_on !== "future") {
            return points - change.points;
        }
        return points;
    },
    getClaimableRewards() {
        return super.getClaimableRewards(...arguments).filter((claim) => {
            const program = claim.reward.program_id;
            if (!program.accounts_since) {
                return true;
            }
            const card = this.models["loyalty.card"].get(claim.coupon_id);
            const rank = card?.tier_rank || 0;
            return program.is_active && claim.reward.min_tier_rank <= rank;
        });
    },
});
