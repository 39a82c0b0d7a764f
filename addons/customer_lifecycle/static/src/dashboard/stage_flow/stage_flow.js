import {Component, useState} from "@odoo/owl";
import {_t} from "@web/core/l10n/translation";
import {STAGE_KEYS} from "../../core/stage_palette";
import {Panel} from "../panel/panel";
import {StageMatrix} from "../../stage_matrix/stage_matrix";
import {Sankey} from "./sankey";

// A customer's first row has no stage before it.
const START = "new";

/** Who moved from which stage to which in the period: picture or table. */
export class StageFlow extends Component {
    static template = "customer_lifecycle.StageFlow";
    static components = {Panel, Sankey, StageMatrix};
    static props = {flow: Array, period: Object, open: Object};

    setup() {
        this.state = useState({view: "picture"});
    }

    get choices() {
        return [
            {key: "picture", label: _t("Flow")},
            {key: "table", label: _t("Table")},
        ];
    }

    get moves() {
        return this.props.flow.map((move) => ({...move, from: move.from || START}));
    }

    get matrix() {
        const rows = [START, ...STAGE_KEYS].map((from) => [
            from,
            Object.fromEntries(STAGE_KEYS.map((to) => [to, 0])),
        ]);
        const matrix = Object.fromEntries(rows);
        for (const {from, to, count} of this.moves) {
            matrix[from][to] += count;
        }
        if (!Object.values(matrix[START]).some(Boolean)) {
            delete matrix[START];
        }
        return matrix;
    }

    open(from, to) {
        return this.props.open.flow(
            from === START ? false : from,
            to,
            this.props.period
        );
    }
}
