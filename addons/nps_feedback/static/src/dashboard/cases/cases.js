import {Component} from "@odoo/owl";
import {Panel} from "@customer_lifecycle/dashboard/panel/panel";
import {formatCount, formatNumber} from "@customer_lifecycle/core/format";
import {_t} from "@web/core/l10n/translation";

const SHOWN = 6;

/** Unhappy customers whom somebody has to take care of, the oldest first. */
export class Cases extends Component {
    static template = "nps_feedback.Cases";
    static components = {Panel};
    static props = {cases: Object, onOpen: Function, onOpenAll: Function};

    get rows() {
        return this.props.cases.rows.slice(0, SHOWN).map((row) => ({
            ...row,
            age: row.age_days ? _t("%s days", formatCount(row.age_days)) : _t("Today"),
            who: row.user || _t("Nobody in charge"),
        }));
    }

    get hint() {
        const {hours} = this.props.cases;
        return typeof hours === "number"
            ? _t("Closed after %s hours on average", formatNumber(hours))
            : _t("None was closed in this period");
    }

    get counts() {
        const {open, overdue, unassigned} = this.props.cases;
        return [
            {key: "open", label: _t("Open"), count: formatCount(open)},
            {key: "overdue", label: _t("Overdue"), count: formatCount(overdue)},
            {
                key: "unassigned",
                label: _t("Nobody in charge"),
                count: formatCount(unassigned),
            },
        ];
    }
}
