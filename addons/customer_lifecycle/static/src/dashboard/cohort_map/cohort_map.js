import {Component} from "@odoo/owl";
import {_t} from "@web/core/l10n/translation";
import {formatCount, formatMonth, formatShare} from "../../core/format";
import {moveFocus} from "../../core/grid_keys";
import {Panel} from "../panel/panel";

/** Sign-up months downwards, months since to the right: who still orders? */
export class CohortMap extends Component {
    static template = "customer_lifecycle.CohortMap";
    static components = {Panel};
    static props = {cohorts: Array, open: Object};

    setup() {
        this.moveFocus = moveFocus;
    }

    get months() {
        const longest = Math.max(
            0,
            ...this.props.cohorts.map((row) => row.active.length)
        );
        return [...Array(longest).keys()];
    }

    get rows() {
        return this.props.cohorts.map(({cohort, customers, active}) => {
            const name = formatMonth(cohort);
            return {
                cohort,
                name,
                customers: formatCount(customers),
                cells: active.map((share, month) => this.cell(share, month, name)),
            };
        });
    }

    cell(share, month, name) {
        return {
            month,
            text: formatShare(share),
            style: `--lifecycle-heat: ${Math.round(5 + 67 * share)}%`,
            title: this.cellTitle(share, month, name),
        };
    }

    cellTitle(share, month, name) {
        const values = {name, month, share: formatShare(share, 1)};
        if (!month) {
            return _t("Signed up %(name)s: %(share)s ordered in that month", values);
        }
        return _t(
            "Signed up %(name)s: %(share)s ordered in the month %(month)s months later",
            values
        );
    }

    open(row, cell) {
        return this.props.open.cohort(
            this.listTitle(row.name, cell?.month),
            row.cohort,
            cell?.month
        );
    }

    listTitle(name, month) {
        if (month === undefined) {
            return _t("Signed up %s", name);
        }
        if (month === 0) {
            return _t("Signed up %s, ordered in that month", name);
        }
        const values = {name, month};
        return _t("Signed up %(name)s, ordered %(month)s months later", values);
    }
}
