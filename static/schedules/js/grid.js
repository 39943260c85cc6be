// Arrow keys over a schedule grid: one cell is in the tab order, arrows move it; Home and End go along a row,
// Ctrl with them to the corners, Page Up and Page Down by ten people, Enter opens the day of the column.
const PAGE = 10;

function rowsOf(grid) {
  return [...grid.querySelectorAll(".g-body [role=row]")];
}

function cellsOf(row) {
  return [...row.querySelectorAll("[role=gridcell]")];
}

function focus(cell, grid) {
  if (!cell) return;
  const old = grid.querySelector("[role=gridcell][tabindex='0']");
  if (old) old.tabIndex = -1;
  cell.tabIndex = 0;
  cell.focus({ preventScroll: true });
  cell.scrollIntoView({ block: "nearest", inline: "nearest" });
}

function target(event, rows, row, column) {
  const place = rows.indexOf(row);
  const step = { ArrowUp: -1, ArrowDown: 1, PageUp: -PAGE, PageDown: PAGE }[event.key];
  if (step !== undefined) {
    const cells = cellsOf(rows[Math.min(Math.max(place + step, 0), rows.length - 1)]);
    return cells[Math.min(column, cells.length - 1)];
  }
  const cells = cellsOf(row);
  switch (event.key) {
    case "ArrowLeft": return cells[column - 1];
    case "ArrowRight": return cells[column + 1];
    case "Home": return event.ctrlKey ? cellsOf(rows[0])[0] : cells[0];
    case "End": return event.ctrlKey ? cellsOf(rows.at(-1)).at(-1) : cells.at(-1);
    default: return null;
  }
}

function enable(grid) {
  const first = grid.querySelector(".g-body [role=gridcell]");
  if (first) first.tabIndex = 0;
  grid.addEventListener("keydown", (event) => {
    const cell = event.target.closest(".g-body [role=gridcell]");
    if (!cell) return;
    const row = cell.closest("[role=row]");
    const column = cellsOf(row).indexOf(cell);
    if (event.key === "Enter") {
      grid.querySelectorAll(".g-head [role=columnheader] a")[column]?.click();
      return;
    }
    const next = target(event, rowsOf(grid), row, column);
    if (next === null) return;
    event.preventDefault();
    focus(next, grid);
  });
  grid.addEventListener("click", (event) => {
    const cell = event.target.closest(".g-body [role=gridcell]");
    if (cell) focus(cell, grid);
  });
}

document.querySelectorAll("[role=grid]").forEach(enable);
