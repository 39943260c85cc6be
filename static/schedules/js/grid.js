// A schedule grid under keys and mouse: one cell is in the tab order, arrows move it; Home and End go along a row,
// Ctrl with them to the corners, Page Up and Page Down by ten people. In a month Shift with arrows, a drag or a
// click with Shift select a rectangle of days.
const PAGE = 10;
const CELL = ".g-body [role=gridcell]";

const state = { grid: null, anchor: null, current: null };

export function rowsOf(grid) {
  return [...grid.querySelectorAll(".g-body [role=row]")];
}

export function cellsOf(row) {
  return [...row.querySelectorAll("[role=gridcell]")];
}

/** Give where a cell is: its row's id and its place in the row, which outlive a new row. */
export function placeOf(cell) {
  const row = cell.closest("[role=row]");
  return { row: row.id, column: cellsOf(row).indexOf(cell) };
}

export function cellAt({ row, column }) {
  const found = document.getElementById(row);
  const cells = found ? cellsOf(found) : [];
  return cells[Math.min(column, cells.length - 1)] ?? null;
}

/** Give the cell that keys act on, or null. */
export function currentCell() {
  return state.current && cellAt(state.current);
}

export function isDay(grid, column) {
  return !grid.dataset.month || column < grid.querySelectorAll(".g-head [role=columnheader] a").length;
}

/** Give the selected cells row by row: [[{employee, column, cell}, …], …]. */
export function selectedRows() {
  const { grid, anchor, current } = state;
  if (!current || !isDay(grid, current.column)) return [];
  const rows = rowsOf(grid);
  const ends = [anchor ?? current, current].map(({ row }) => rows.findIndex((item) => item.id === row));
  const columns = [(anchor ?? current).column, current.column];
  if (!grid.dataset.month) return [[cellFacts(rows[ends[1]], current.column)]];
  return rows.slice(Math.min(...ends), Math.max(...ends) + 1).map((row) => {
    const found = [];
    for (let column = Math.min(...columns); column <= Math.max(...columns); column += 1) {
      if (isDay(grid, column)) found.push(cellFacts(row, column));
    }
    return found;
  });
}

function cellFacts(row, column) {
  return { employee: row.id.slice(1), column, cell: cellsOf(row)[column] };
}

/** Give a selected cell as the server reads it: person, day, and the shift where the grid knows it. */
export function addressOf({ employee, column, cell }) {
  const { month, day } = state.grid.dataset;
  const date = month ? `${month}-${String(column + 1).padStart(2, "0")}` : day;
  return [employee, date, cell?.dataset.shift].filter(Boolean).join(":");
}

function paint() {
  const { grid } = state;
  grid.querySelectorAll("[aria-selected]").forEach((cell) => cell.setAttribute("aria-selected", "false"));
  const rows = selectedRows();
  if (grid.dataset.month) rows.flat().forEach(({ cell }) => cell.setAttribute("aria-selected", "false"));
  if (rows.length * (rows[0]?.length ?? 0) < 2) return;
  rows.flat().forEach(({ cell }) => cell.setAttribute("aria-selected", "true"));
}

/** Say where a cell stands among all rows and columns, heads counted: only of the current one is it asked. */
function number(cell) {
  const row = cell.closest("[role=row]");
  const rows = [...state.grid.querySelectorAll("[role=row]")];
  row.setAttribute("aria-rowindex", rows.indexOf(row) + 1);
  if (state.grid.dataset.month) cell.setAttribute("aria-colindex", cellsOf(row).indexOf(cell) + 2); // the person is 1
}

/** Make a cell the current one; with `extend` the selection reaches from where it began to here. */
export function go(cell, { extend = false, focus = true } = {}) {
  if (!cell) return;
  const { grid } = state;
  grid.querySelectorAll("[role=gridcell][tabindex='0']").forEach((old) => { old.tabIndex = -1; });
  cell.tabIndex = 0;
  const place = placeOf(cell);
  if (!extend || !grid.dataset.month) state.anchor = place;
  state.current = place;
  number(cell);
  if (focus) {
    cell.focus({ preventScroll: true });
    cell.scrollIntoView({ block: "nearest", inline: "nearest" });
  }
  paint();
}

/** Bring the focus back to the current cell after its row was replaced. */
export function restore() {
  const cell = currentCell() ?? state.grid?.querySelector(CELL);
  if (cell) go(cell, { extend: true });
}

/** Go into the grid: to the current cell, or the first. */
export function enter() {
  const cell = currentCell() ?? state.grid?.querySelector(CELL);
  if (cell) go(cell);
}

/** Go to a column in the current row, or in the first one. */
export function goToColumn(column) {
  const row = currentCell()?.closest("[role=row]") ?? rowsOf(state.grid)[0];
  if (row) go(cellsOf(row)[column]);
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

function onKey(event) {
  const cell = event.target.closest(CELL);
  if (!cell || event.altKey || event.metaKey) return;
  if (event.ctrlKey && event.key.startsWith("Arrow")) return;
  if (event.key === "Escape") {
    go(cell);
    return;
  }
  const row = cell.closest("[role=row]");
  const next = target(event, rowsOf(state.grid), row, cellsOf(row).indexOf(cell));
  if (next === null) return;
  event.preventDefault();
  go(next, { extend: event.shiftKey });
}

function enable(grid) {
  state.grid = grid;
  grid.setAttribute("aria-rowcount", grid.querySelectorAll("[role=row]").length);
  if (grid.dataset.month) grid.setAttribute("aria-colcount", grid.querySelector("[role=row]").children.length);
  const first = grid.querySelector(CELL);
  if (first) first.tabIndex = 0;
  grid.addEventListener("keydown", onKey);
  grid.addEventListener("focusin", (event) => {
    const cell = event.target.closest(CELL);
    if (cell && !state.current) go(cell, { focus: false });
  });
  grid.addEventListener("pointerdown", (event) => {
    const cell = event.target.closest(CELL);
    if (cell && event.button === 0) go(cell, { extend: event.shiftKey });
  });
  grid.addEventListener("pointerover", (event) => {
    const cell = event.target.closest(CELL);
    if (cell && event.buttons === 1 && event.pointerType === "mouse" && state.current) go(cell, { extend: true });
  });
}

const found = document.querySelector("[role=grid]");
if (found) enable(found);
