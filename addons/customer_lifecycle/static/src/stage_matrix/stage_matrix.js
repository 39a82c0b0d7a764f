import {Component} from "@odoo/owl";
import {_t} from "@web/core/l10n/translation";
import {formatCount} from "../core/format";
import {moveFocus} from "../core/grid_keys";
import {STAGE_KEYS, stageLabel, stageStyle} from "../core/stage_palette";

/**
 * From-stage by to-stage table with numbers as heat. On the diagonal stand the
 * customers who stay where they are.
 */
export class StageMatrix extends Component {
    static template = "customer_lifecycle.StageMatrix";
    static props = {
        matrix: Object,
        onOpen: {type: Function, optional: true},
    };

    setup() {
        this.columns = STAGE_KEYS;
        this.moveFocus = moveFocus;
        this.stageLabel = stageLabel;
        this.stageStyle = stageStyle;
        this.formatCount = formatCount;
    }

    get highest() {
        const moves = Object.entries(this.props.matrix).flatMap(([from, row]) =>
            Object.entries(row).map(([to, count]) => (from === to ? 0 : count))
        );
        return Math.max(1, ...moves);
    }

    get rows() {
        const {highest} = this;
        return Object.entries(this.props.matrix).map(([from, row]) => ({
            from,
            total: Object.values(row).reduce((sum, count) => sum + count, 0),
            cells: this.columns.map((to) => ({
                to,
                count: row[to] || 0,
                stays: from === to,
                heat: Math.round(12 + (58 * (row[to] || 0)) / highest),
                title: this.cellTitle(from, to, row[to] || 0),
            })),
        }));
    }

    cellTitle(from, to, count) {
        if (from === to) {
            return _t("%(count)s stay %(stage)s", {
                count: formatCount(count),
                stage: stageLabel(from),
            });
        }
        return _t("%(count)s from %(from)s to %(to)s", {
            count: formatCount(count),
            from: stageLabel(from),
            to: stageLabel(to),
        });
    }

    columnTotal(to) {
        const rows = Object.values(this.props.matrix);
        return rows.reduce((sum, row) => sum + (row[to] || 0), 0);
    }
}
