// Editing on a schedule grid: the dialog and its effect, copy and paste, undo and redo, and the keys of the page.
// The server draws every form and every answer; here they are only asked for and put in place.
import "./saving.js";
import { addressOf, currentCell, enter, goToColumn, isDay, placeOf, restore, rowsOf, cellsOf, selectedRows } from "./grid.js";

const { htmx } = window;
const grid = document.querySelector("[role=grid]");
const dialog = document.getElementById("edit-dialog");
const canEdit = Boolean(grid?.dataset.editUrl && dialog);
const COPIED = "schedule-copied";
const STEP_MINUTES = 15;
const REDRAWN = new Set([400, 409, 412]);

function tell(text, level = "info") {
  document.dispatchEvent(new CustomEvent("wfm:toast", { detail: { text, level } }));
}

function here() {
  return window.location.pathname + window.location.search;
}

function open(values) {
  const query = new URLSearchParams({ variant: grid.dataset.variant, back: here(), ...values });
  htmx.ajax("GET", `${grid.dataset.editUrl}?${query}`, { target: "#edit-body", swap: "outerHTML" });
}

function edit(kind = "") {
  const cells = selectedRows().flat().map(addressOf);
  if (cells.length === 0) {
    tell(dialog.dataset.nothing, "warning");
    return;
  }
  open({ cells: cells.join(","), kind });
}

function copy() {
  const rows = selectedRows().map((row) => row.map(addressOf));
  if (rows.length === 0) {
    tell(dialog.dataset.nothing, "warning");
    return;
  }
  sessionStorage.setItem(COPIED, JSON.stringify({ variant: grid.dataset.variant, rows }));
  tell(dialog.dataset.copied);
}

/** Give the cells that a paste fills: the selection if it is larger than what was copied, else as many from here. */
function targets(height, width) {
  const chosen = selectedRows();
  if (chosen.length * chosen[0].length > 1 && height * width === 1) return chosen;
  const rows = rowsOf(grid);
  const first = rows.findIndex((row) => row.id === `p${chosen[0][0].employee}`);
  return rows.slice(first, first + height).map((row) => cellsOf(row)
    .slice(chosen[0][0].column, chosen[0][0].column + width)
    .map((cell) => ({ employee: row.id.slice(1), column: placeOf(cell).column, cell }))
    .filter(({ column }) => isDay(grid, column)));
}

function paste() {
  const copied = JSON.parse(sessionStorage.getItem(COPIED) ?? "null");
  if (!copied || copied.variant !== grid.dataset.variant) {
    tell(dialog.dataset.empty, "warning");
    return;
  }
  if (selectedRows().length === 0) {
    tell(dialog.dataset.nothing, "warning");
    return;
  }
  const cells = [];
  const sources = [];
  const single = copied.rows.length * copied.rows[0].length === 1;
  targets(copied.rows.length, copied.rows[0].length).forEach((row, down) => row.forEach((cell, right) => {
    cells.push(addressOf(cell));
    sources.push(single ? copied.rows[0][0] : copied.rows[down][right]);
  }));
  open({ cells: cells.join(","), sources: sources.join(","), kind: "paste" });
}

function step(name) {
  const button = document.getElementById(`${name}-button`);
  if (button && !button.disabled) button.form.requestSubmit();
}

function openDay() {
  const cell = currentCell();
  if (!cell || !grid.dataset.month) return;
  grid.querySelectorAll(".g-head [role=columnheader] a")[placeOf(cell).column]?.click();
}

function today() {
  const heads = [...grid.querySelectorAll(".g-head [role=columnheader]:not(.first)")];
  const column = heads.findIndex((head) => head.getAttribute("aria-current") === "date");
  if (column >= 0) goToColumn(column);
  else window.location.assign(grid.dataset.todayUrl);
}

function withControl(event) {
  switch (event.code) {
    case "ArrowLeft": return () => window.location.assign(grid.dataset.previousUrl);
    case "ArrowRight": return () => window.location.assign(grid.dataset.nextUrl);
    case "KeyC": return canEdit && window.getSelection().isCollapsed && currentCell() ? copy : null;
    case "KeyV": return canEdit ? paste : null;
    case "KeyZ": return canEdit && !event.repeat ? () => step(event.shiftKey ? "redo" : "undo") : null;
    case "KeyY": return canEdit && !event.repeat ? () => step("redo") : null;
    default: return null;
  }
}

function plain(event) {
  const onCell = event.target.closest?.(".g-body [role=gridcell]");
  switch (event.key) {
    case "Enter": return onCell ? (canEdit ? () => edit() : openDay) : null;
    case "F2": return onCell && canEdit ? () => edit() : null;
    case "Delete": return onCell && canEdit ? () => edit("delete") : null;
    case "?": return () => document.getElementById("keys-dialog").showModal();
    default: break;
  }
  if (event.shiftKey) return null;
  return { KeyT: today, KeyD: openDay, KeyG: enter }[event.code] ?? null;
}

document.addEventListener("keydown", (event) => {
  const typing = event.target.closest?.("input, select, textarea, dialog");
  if (!grid || typing || event.altKey || event.defaultPrevented) return;
  const action = event.ctrlKey || event.metaKey ? withControl(event) : plain(event);
  if (!action) return;
  event.preventDefault();
  action();
});

grid?.addEventListener("dblclick", (event) => {
  if (canEdit && event.target.closest(".g-body [role=gridcell]")) edit();
});

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-edit], [data-copy], [data-paste], [data-find], .edit-page [data-shuts]");
  if (!button || !canEdit) return;
  if ("edit" in button.dataset) edit(button.dataset.edit);
  else if ("copy" in button.dataset) copy();
  else if ("paste" in button.dataset) paste();
  else if ("find" in button.dataset) {
    event.preventDefault();
    open({});
  }
});

// The link that leaves the form without a script shuts the dialog with one.
dialog?.addEventListener("click", (event) => {
  if (event.target.closest("a[data-shuts]")) event.preventDefault();
});

/** Put the first field under the hands, or the button where nothing is to be filled. */
function begin(body) {
  const first = body.querySelector("[aria-invalid=true], [autofocus]")
    ?? body.querySelector(".field:not(.wide) input, .field:not(.wide) select")
    ?? body.querySelector("#edit-save");
  first?.focus();
  if (first?.matches("input[type=text]")) first.select();
}

/** Make places for rows of an answer that the grid does not have: a person who had nothing on the day shown. */
function makePlaces(answer) {
  const body = document.getElementById("grid-body");
  const parts = new DOMParser().parseFromString(answer, "text/html");
  parts.querySelectorAll("[id^=p][hx-swap-oob]").forEach(({ id }) => {
    if (!/^p\d+$/.test(id) || document.getElementById(id)) return;
    const place = document.createElement("div");
    place.id = id;
    body?.append(place);
  });
}

document.body.addEventListener("htmx:beforeSwap", (event) => {
  const { detail } = event;
  const html = (detail.xhr.getResponseHeader("Content-Type") ?? "").startsWith("text/html");
  if ((detail.xhr.getResponseHeader("HX-Trigger") ?? "").includes("schedule:")) makePlaces(detail.serverResponse);
  if ((detail.xhr.getResponseHeader("HX-Trigger") ?? "").includes("schedule:overtaken")) {
    detail.shouldSwap = true;
    detail.isError = false;
  }
  if (detail.target.id === "edit-body" && html && REDRAWN.has(detail.xhr.status)) {
    detail.shouldSwap = true;
    detail.isError = false;
  }
});

document.body.addEventListener("htmx:afterSwap", (event) => {
  const body = document.getElementById("edit-body");
  if (!body || event.detail.target.id === "edit-effect" || body.childElementCount === 0) return;
  if (body.querySelector("form") && !body.contains(event.detail.target) && event.detail.xhr.responseURL.includes("/schedule/edit")) {
    if (dialog && !dialog.open) dialog.showModal();
    begin(body);
  }
});

document.body.addEventListener("schedule:overtaken", (event) => {
  tell(event.detail.text, "error");
  requestAnimationFrame(() => requestAnimationFrame(restore));
});

document.querySelector("[data-to-grid]")?.addEventListener("click", (event) => {
  event.preventDefault();
  enter();
});

document.body.addEventListener("schedule:edited", (event) => {
  dialog?.close();
  tell(event.detail.text, "success");
  // After all parts have taken their places.
  requestAnimationFrame(() => requestAnimationFrame(restore));
});

dialog?.addEventListener("close", () => {
  document.getElementById("edit-body").replaceChildren();
  restore();
});

/** Up and down change a time of day by a quarter of an hour. */
document.addEventListener("keydown", (event) => {
  const field = event.target.closest?.("input[data-clock]");
  const way = { ArrowUp: 1, ArrowDown: -1 }[event.key];
  if (!field || !way) return;
  const found = /^(\d{1,2}):?(\d{2})?$/.exec(field.value.trim());
  const minutes = found ? Number(found[1]) * 60 + Number(found[2] ?? 0) : 9 * 60 - way * STEP_MINUTES;
  const turned = (minutes + way * STEP_MINUTES + 1440) % 1440;
  field.value = [Math.floor(turned / 60), turned % 60].map((part) => String(part).padStart(2, "0")).join(":");
  field.dispatchEvent(new Event("input", { bubbles: true }));
  event.preventDefault();
});

const start = grid?.querySelector(".g-head [aria-current=date]");
start?.scrollIntoView({ block: "nearest", inline: "center" });
