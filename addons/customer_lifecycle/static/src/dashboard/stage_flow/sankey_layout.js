/**
 * Geometry of a two-column Sankey diagram. Pure: values in, values out.
 *
 * @typedef {{ from: string, to: string, count: number }} Move
 * @typedef {{ stage: string, y: number, height: number, count: number }} Node
 * @typedef {Move & { path: string, width: number }} Band
 */

export const NODE_WIDTH = 12;
const GAP = 14;
const MARGIN = 8;
const MIN_HEIGHT = 3;

function sum(moves) {
    return moves.reduce((total, {count}) => total + count, 0);
}

/** One column's nodes, stacked in the given order of stages. */
function stack(moves, side, order, scale) {
    const nodes = new Map();
    let y = MARGIN;
    for (const stage of order) {
        const count = sum(moves.filter((move) => move[side] === stage));
        if (count) {
            const height = Math.max(count * scale, MIN_HEIGHT);
            nodes.set(stage, {stage, y, height, count});
            y += height + GAP;
        }
    }
    return {nodes, height: y - GAP + MARGIN};
}

function center(column, height) {
    const shift = (height - column.height) / 2;
    for (const node of column.nodes.values()) {
        node.y += shift;
    }
    return column.nodes;
}

function curve(x0, y0, x1, y1) {
    const middle = (x0 + x1) / 2;
    return `M${x0},${y0}C${middle},${y0} ${middle},${y1} ${x1},${y1}`;
}

/** Room for the bands: what the gaps of the fuller column leave. */
function scaleOf(moves, height) {
    const columns = ["from", "to"].map(
        (side) => new Set(moves.map((move) => move[side]))
    );
    const fullest = Math.max(...columns.map((stages) => stages.size));
    const room = height - 2 * MARGIN - GAP * (fullest - 1);
    return Math.max(room, 1) / sum(moves);
}

/**
 * @param {Move[]} flow
 * @param {string[]} order stages from top to bottom
 * @param {{ left: number, right: number, height: number }} box x of both columns
 * @returns {{ sources: Node[], targets: Node[], bands: Band[], height: number }}
 */
export function layoutSankey(flow, order, {left, right, height}) {
    const moves = flow.filter(({count}) => count > 0);
    if (!moves.length) {
        return {sources: [], targets: [], bands: [], height: 0};
    }
    const rank = (stage) => order.indexOf(stage);
    const scale = scaleOf(moves, height);
    const columns = ["from", "to"].map((side) => stack(moves, side, order, scale));
    const full = Math.max(height, ...columns.map((column) => column.height));
    const [sources, targets] = columns.map((column) => center(column, full));
    const used = {from: new Map(), to: new Map()};
    const port = (side, nodes, stage, width) => {
        const start = used[side].get(stage) || 0;
        used[side].set(stage, start + width);
        return nodes.get(stage).y + start + width / 2;
    };
    const bands = [...moves]
        .sort((a, b) => rank(a.from) - rank(b.from) || rank(a.to) - rank(b.to))
        .map((move) => {
            const width = move.count * scale;
            const y0 = port("from", sources, move.from, width);
            const y1 = port("to", targets, move.to, width);
            const path = curve(left + NODE_WIDTH, y0, right, y1);
            return {...move, width: Math.max(width, 1), path};
        });
    return {
        sources: [...sources.values()],
        targets: [...targets.values()],
        bands,
        height: full,
    };
}
