import {Component} from "@odoo/owl";
import {Panel} from "@customer_lifecycle/dashboard/panel/panel";
import {formatCount, formatNumber} from "@customer_lifecycle/core/format";
import {_t} from "@web/core/l10n/translation";

/** How content customers were with single things. */
export class Content extends Component {
    static template = "nps_feedback.Content";
    static components = {Panel};
    static props = {rows: Array};

    get rows() {
        return this.props.rows.map((row) => ({
            ...row,
            mean: formatNumber(row.average, 2),
            share: row.satisfied,
            text: _t("%(share)s% satisfied, %(count)s answers", {
                share: formatNumber(row.satisfied),
                count: formatCount(row.responses),
            }),
        }));
    }
}
