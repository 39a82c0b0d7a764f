const STEPS = {
    ArrowUp: [-1, 0],
    ArrowDown: [1, 0],
    ArrowLeft: [0, -1],
    ArrowRight: [0, 1],
};

/** Moves the focus between the buttons of a table with the arrow keys. */
export function moveFocus(ev) {
    const step = STEPS[ev.key];
    const cell = ev.target.closest("td, th");
    if (!step || !cell) {
        return;
    }
    const {rows} = cell.closest("table");
    let row = cell.parentElement.rowIndex + step[0];
    let column = cell.cellIndex + step[1];
    while (rows[row]?.cells[column]) {
        const button = rows[row].cells[column].querySelector("button");
        if (button) {
            ev.preventDefault();
            button.focus();
            return;
        }
        row += step[0];
        column += step[1];
    }
}
