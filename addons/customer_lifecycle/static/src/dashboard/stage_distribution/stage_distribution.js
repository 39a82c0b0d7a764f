import {Component, useState} from "@odoo/owl";
import {_t} from "@web/core/l10n/translation";
import {formatCount, formatMoney, formatShareOf} from "../../core/format";
import {stageColor, stageStyle} from "../../core/stage_palette";
import {Panel} from "../panel/panel";

const RADIUS = 42;
const LENGTH = 2 * Math.PI * RADIUS;
const GAP = 1.5;

/** How customers, or their revenue, spread over the stages: ring and list. */
export class StageDistribution extends Component {
    static template = "customer_lifecycle.StageDistribution";
    static components = {Panel};
    static props = {stages: Array, open: Object};

    setup() {
        this.state = useState({measure: "customers", hovered: null});
        this.stageStyle = stageStyle;
        this.radius = RADIUS;
    }

    get choices() {
        return [
            {key: "customers", label: _t("Customers")},
            {key: "revenue", label: _t("Revenue")},
        ];
    }

    get total() {
        return this.props.stages.reduce((sum, row) => sum + row[this.state.measure], 0);
    }

    format(value) {
        return this.state.measure === "revenue"
            ? formatMoney(value)
            : formatCount(value);
    }

    get rows() {
        const {total} = this;
        return this.props.stages.map((row) => {
            const value = row[this.state.measure];
            return {
                ...row,
                text: this.format(value),
                share: formatShareOf(value, total),
                percent: total ? (100 * value) / total : 0,
            };
        });
    }

    /** Arcs of the ring; each stage that has anything gets one. */
    get arcs() {
        let turned = 0;
        return this.rows
            .filter((row) => row.percent > 0)
            .map((row) => {
                const length = (LENGTH * row.percent) / 100;
                const drawn = Math.max(length - GAP, 0.75);
                const arc = {
                    stage: row.stage,
                    color: stageColor(row.stage),
                    dashes: `${drawn} ${LENGTH - drawn}`,
                    offset: -turned,
                    title: `${row.label}: ${row.text} (${row.share})`,
                };
                turned += length;
                return arc;
            });
    }

    get center() {
        const row = this.rows.find(({stage}) => stage === this.state.hovered);
        return row
            ? {text: row.share, label: row.label}
            : {text: this.format(this.total), label: this.centerLabel};
    }

    get centerLabel() {
        return this.state.measure === "revenue" ? _t("revenue") : _t("customers");
    }
}
