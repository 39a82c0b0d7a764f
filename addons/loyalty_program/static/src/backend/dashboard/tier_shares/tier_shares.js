import {Component} from "@odoo/owl";
import {formatCount, formatShareOf} from "@customer_lifecycle/core/format";
import {Panel} from "@customer_lifecycle/dashboard/panel/panel";
import {_t} from "@web/core/l10n/translation";
import {tierStyle} from "../../tiers/tiers";

/** How many members each tier has, the highest first. */
export class TierShares extends Component {
    static template = "loyalty_program.TierShares";
    static components = {Panel};
    static props = {tiers: Array, onOpen: Function};

    get rows() {
        const {tiers} = this.props;
        const total = tiers.reduce((sum, {members}) => sum + members, 0);
        const most = Math.max(1, ...tiers.map(({members}) => members));
        return [...tiers].reverse().map((tier) => ({
            ...tier,
            count: formatCount(tier.members),
            share: formatShareOf(tier.members, total),
            from: _t("from %s points", formatCount(tier.min_points)),
            style: `${tierStyle(tier.code)}; --lifecycle-share: ${(100 * tier.members) / most}%`,
        }));
    }
}
