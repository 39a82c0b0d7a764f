import {Component} from "@odoo/owl";
import {formatCount, formatMonth} from "@customer_lifecycle/core/format";
import {stageStyle} from "@customer_lifecycle/core/stage_palette";
import {Panel} from "@customer_lifecycle/dashboard/panel/panel";
import {_t} from "@web/core/l10n/translation";

/** Points that are lost to their members unless they are redeemed. */
export class Expiring extends Component {
    static template = "loyalty_program.Expiring";
    static components = {Panel};
    static props = {expiring: Object, onOpen: Function};

    get sentence() {
        const {points, members, days} = this.props.expiring;
        return _t("%(points)s points of %(members)s members within %(days)s days", {
            points: formatCount(points),
            members: formatCount(members),
            days,
        });
    }

    get rows() {
        const {months} = this.props.expiring;
        const most = Math.max(1, ...months.map(({points}) => points));
        return months.map(({month, points}) => ({
            month,
            label: formatMonth(month),
            text: formatCount(points),
            style: `${stageStyle("at_risk")}; --lifecycle-share: ${(100 * points) / most}%`,
        }));
    }
}
