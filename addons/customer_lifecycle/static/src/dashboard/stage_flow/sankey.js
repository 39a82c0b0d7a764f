import {Component, useRef, useState} from "@odoo/owl";
import {_t} from "@web/core/l10n/translation";
import {formatCount, formatShareOf} from "../../core/format";
import {STAGE_KEYS, stageColor, stageLabel} from "../../core/stage_palette";
import {useWidth} from "../../core/use_width";
import {layoutSankey, NODE_WIDTH} from "./sankey_layout";

const HEIGHT = 330;
const NARROW = 560;
const LABEL_ROOM = 124;

/** Moves as bands from the stages on the left to those on the right. */
export class Sankey extends Component {
    static template = "customer_lifecycle.Sankey";
    static props = {moves: Array, onOpen: Function};

    setup() {
        this.size = useWidth(useRef("root"));
        this.state = useState({band: null, node: null});
        this.nodeWidth = NODE_WIDTH;
        this.stageColor = stageColor;
    }

    get isNarrow() {
        return this.size.width < NARROW;
    }

    get box() {
        const room = this.isNarrow ? 0 : LABEL_ROOM;
        const right = this.size.width - room - NODE_WIDTH;
        return {left: room, right, height: HEIGHT};
    }

    get layout() {
        return layoutSankey(this.props.moves, ["new", ...STAGE_KEYS], this.box);
    }

    get total() {
        return this.props.moves.reduce((sum, {count}) => sum + count, 0);
    }

    /** Both columns, their labels outside the bands where there is room. */
    columns(layout) {
        const {left, right} = this.box;
        const column = (side, nodes, x) => ({
            side,
            nodes,
            x,
            ...this.labelPlace(side, x),
        });
        return [
            column("from", layout.sources, left),
            column("to", layout.targets, right),
        ];
    }

    labelPlace(side, x) {
        const outside = side === "from" ? x - 8 : x + NODE_WIDTH + 8;
        const inside = side === "from" ? x + NODE_WIDTH + 6 : x - 6;
        const endsAtX = (side === "from") !== this.isNarrow;
        return {
            labelX: this.isNarrow ? inside : outside,
            anchor: endsAtX ? "end" : "start",
        };
    }

    nodeText(node) {
        return `${stageLabel(node.stage)} ${formatCount(node.count)}`;
    }

    bandText({from, to, count}) {
        return _t("%(from)s → %(to)s: %(count)s (%(share)s of all moves)", {
            from: stageLabel(from),
            to: stageLabel(to),
            count: formatCount(count),
            share: formatShareOf(count, this.total),
        });
    }

    isDim(band) {
        const {band: hovered, node} = this.state;
        if (hovered) {
            return hovered !== `${band.from}-${band.to}`;
        }
        return Boolean(node) && band[node.side] !== node.stage;
    }

    get caption() {
        const band = this.props.moves.find(
            (b) => `${b.from}-${b.to}` === this.state.band
        );
        if (band) {
            return this.bandText(band);
        }
        return _t(
            "%s moves in all. Choose a band to see who it was.",
            formatCount(this.total)
        );
    }

    onKeydown(ev, band) {
        if (ev.key === "Enter" || ev.key === " ") {
            ev.preventDefault();
            this.props.onOpen(band.from, band.to);
        }
    }
}
