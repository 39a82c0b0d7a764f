import {PosOrder} from "@point_of_sale/app/models/pos_order";
import {patch} from "@web/core/utils/patch";
import {seenAs} from "./seen_as";

// Noise of binary fractions does not cost a point.
const NOISE = 1e-6;

function sum(values) {
    return values.reduce((total, value) => total + value, 0);
}

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
    _loyaltyWholePoints(program) {
        if (!program.is_active) {
            return 0;
        }
        const card = this._loyaltyCardOf(program);
        if (!card && !program.is_open) {
            return 0;
        }
        const multiplier = card?.points_multiplier || program.first_multiplier || 1;
        const points = this._loyaltyPlainPoints(program);
        return Math.max(Math.floor(points * multiplier + NOISE), 0);
    },
    /*
     * Points before the tier. Standard rounds what is paid half up; the confirmation of
     * an order rounds down: what is paid is asked for, and counted here.
     */
    _loyaltyPlainPoints(program) {
        let points = 0;
        for (const rule of program.rule_ids) {
            const isMoney = rule.reward_point_mode === "money";
            const counted = isMoney ? seenAs(rule, {reward_point_amount: 1}) : rule;
            const alone = seenAs(program, {rule_ids: [counted]});
            const [found] = super.pointsForPrograms([alone])[program.id];
            if (found && isMoney) {
                const lines = this._loyaltyGiven(rule);
                const given = sum(lines.map((line) => line.prices.total_included));
                const earned = rule.reward_point_amount * (found.points + given);
                points += Math.floor(earned * 100 + NOISE) / 100;
            } else if (found) {
                const lines = this._loyaltyGiven(rule);
                const given = sum(lines.map((line) => line.getQuantity()));
                points += found.points - rule.reward_point_amount * given;
            }
        }
        return points;
    },
    // Lines of products that the rule's own program gives: they earn nothing.
    _loyaltyGiven(rule) {
        return this.lines.filter(
            (line) =>
                line.is_reward_line &&
                line.reward_id &&
                this._validForPointsCorrection(line.reward_id, line, rule)
        );
    },
    pointsForPrograms(programs) {
        const result = super.pointsForPrograms(programs);
        for (const program of programs) {
            if (program.accounts_since && result[program.id]) {
                const points = this._loyaltyWholePoints(program);
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
    // What is owed is no balance: there is nothing to spend.
    getLoyaltyPoints() {
        const found = super.getLoyaltyPoints();
        for (const {points} of found) {
            if (points.program.accounts_since) {
                points.total = Math.max(points.total, 0);
                points.balance = Math.max(points.balance, 0);
            }
        }
        return found;
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
