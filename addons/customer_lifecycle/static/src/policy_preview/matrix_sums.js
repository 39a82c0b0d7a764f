/** Sums over the from-stage x to-stage matrix of ``preview_policy``. */

/** Number of customers who change stage. */
export function movesOf(matrix) {
    let moves = 0;
    for (const [from, row] of Object.entries(matrix)) {
        for (const [to, count] of Object.entries(row)) {
            moves += from === to ? 0 : count;
        }
    }
    return moves;
}

/** Customers per stage before (``from``) or after (``to``) the change. */
export function customersOf(matrix, side) {
    const sums = {};
    for (const [from, row] of Object.entries(matrix)) {
        for (const [to, count] of Object.entries(row)) {
            const stage = side === "from" ? from : to;
            sums[stage] = (sums[stage] || 0) + count;
        }
    }
    return sums;
}
