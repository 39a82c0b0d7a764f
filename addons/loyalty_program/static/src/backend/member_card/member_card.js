import {Component} from "@odoo/owl";
import {formatCount, formatNumber} from "@customer_lifecycle/core/format";
import {_t} from "@web/core/l10n/translation";
import {registry} from "@web/core/registry";
import {standardWidgetProps} from "@web/views/widgets/standard_widget_props";
import {tierStyle} from "../tiers/tiers";

/** The account as a card that a customer could hold in hand. */
export class MemberCard extends Component {
    static template = "loyalty_program.MemberCard";
    static props = {...standardWidgetProps};

    get account() {
        return this.props.record.data;
    }

    get style() {
        return tierStyle(this.account.current_tier);
    }

    get progress() {
        return `--lifecycle-share: ${this.account.tier_progress}%`;
    }

    get balance() {
        return formatNumber(this.account.points_balance, 2);
    }

    get progressText() {
        const missing = this.account.next_tier_points;
        return missing
            ? _t("%s points to the next tier", formatCount(missing))
            : _t("The highest tier");
    }

    get expiring() {
        const points = this.account.points_expiring;
        return points ? _t("%s expire within 30 days", formatNumber(points, 2)) : "";
    }
}

registry.category("view_widgets").add("loyalty_member_card", {
    component: MemberCard,
});
