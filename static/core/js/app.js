// The frame: menu on a phone, messages, dialogs, filters that submit themselves, failures of htmx requests.
const root = document.documentElement;
root.classList.remove("no-script");

const toasts = document.getElementById("toasts");
const SHOWN_MS = 9000;

/** Show `text` in the corner; `level` is a tag of Django messages. */
function toast(text, level = "info") {
  if ([...toasts.querySelectorAll(".toast p")].some((shown) => shown.textContent === text)) return;
  const box = document.createElement("div");
  box.className = `toast ${level}`;
  const line = document.createElement("p");
  line.textContent = text;
  const close = document.createElement("button");
  close.type = "button";
  close.dataset.closes = "";
  close.setAttribute("aria-label", toasts.dataset.closeLabel);
  close.textContent = "✕";
  box.append(line, close);
  toasts.append(box);
  fade(box);
}

function fade(box) {
  if (!box.classList.contains("error")) setTimeout(() => box.remove(), SHOWN_MS);
}

toasts?.querySelectorAll(".toast").forEach(fade);
// From scripts as an event on the document, from htmx answers as HX-Trigger on the element: both arrive here.
document.addEventListener("wfm:toast", (event) => toast(event.detail.text, event.detail.level));

document.addEventListener("click", (event) => {
  const target = event.target.closest("[data-closes], [data-toggles], [data-opens], [data-shuts]");
  if (!target) return;
  if ("closes" in target.dataset) target.closest(".toast").remove();
  if (target.dataset.toggles) {
    const open = document.getElementById(target.dataset.toggles).classList.toggle("open");
    target.setAttribute("aria-expanded", String(open));
  }
  if (target.dataset.opens) document.getElementById(target.dataset.opens).showModal();
  if ("shuts" in target.dataset) target.closest("dialog").close();
});

document.addEventListener("change", (event) => {
  if (event.target.matches("[data-submits]")) event.target.form.requestSubmit();
});

// What destroys asks first. The click is taken before htmx or the form sees it, and given again when confirmed.
const question = document.getElementById("confirm-dialog");
let asking = null;
let confirmed = null;

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-confirm]");
  if (!button || button === confirmed) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  asking = button;
  question.querySelector("#confirm-text").textContent = button.dataset.confirm;
  question.showModal();
}, true);

question?.querySelector("[data-confirmed]").addEventListener("click", () => {
  question.close();
  confirmed = asking;
  confirmed.click();
  confirmed = null;
});

// Menus close on Escape, which gives the focus back, and on a click elsewhere.
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  document.querySelectorAll("details.menu[open]").forEach((menu) => {
    menu.open = false;
    if (menu.contains(document.activeElement)) menu.querySelector("summary").focus();
  });
});
document.addEventListener("click", (event) => {
  document.querySelectorAll("details.menu[open]").forEach((menu) => {
    if (!menu.contains(event.target)) menu.open = false;
  });
});

// Small tables sort where they are: each head becomes a button, numbers by their value, texts by the language.
function sortable(table) {
  const heads = [...table.tHead.rows[0].cells];
  const compare = new Intl.Collator(root.lang, { numeric: true }).compare;
  heads.forEach((head, place) => {
    if (!head.textContent.trim() || "unsorted" in head.dataset) return;
    const button = document.createElement("button");
    button.type = "button";
    button.append(...head.childNodes);
    head.append(button);
    head.setAttribute("aria-sort", "none");
    button.addEventListener("click", () => {
      const up = head.getAttribute("aria-sort") !== "ascending";
      heads.forEach((other) => other.hasAttribute("aria-sort") && other.setAttribute("aria-sort", "none"));
      head.setAttribute("aria-sort", up ? "ascending" : "descending");
      const value = (row) => row.cells[place]?.dataset.value ?? row.cells[place]?.textContent.trim() ?? "";
      const rows = [...table.tBodies[0].rows].sort((one, two) => compare(value(one), value(two)) * (up ? 1 : -1));
      table.tBodies[0].append(...rows);
    });
  });
  table.dataset.sortable = "ready";
}

function start(scope) {
  scope.querySelectorAll("table[data-sortable='']").forEach(sortable);
}

start(document);
document.body.addEventListener("htmx:load", (event) => start(event.detail.elt));

document.body.addEventListener("htmx:responseError", (event) => {
  const { xhr } = event.detail;
  const plain = (xhr.getResponseHeader("Content-Type") ?? "").startsWith("text/plain");
  toast(plain && xhr.responseText ? xhr.responseText : toasts.dataset.failedLabel, "error");
});
document.body.addEventListener("htmx:sendError", () => toast(toasts.dataset.failedLabel, "error"));

// The sidebar shows its current entry.
document.querySelector(".sidebar [aria-current]")?.scrollIntoView({ block: "nearest" });
