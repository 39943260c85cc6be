// The frame: menu on a phone, messages, dialogs, filters that submit themselves, failures of htmx requests.
const root = document.documentElement;
root.classList.remove("no-script");

const toasts = document.getElementById("toasts");
const SHOWN_MS = 9000;

/** Show `text` in the corner; `level` is a tag of Django messages. */
export function toast(text, level = "info") {
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

document.body.addEventListener("htmx:responseError", (event) => {
  const { xhr } = event.detail;
  const plain = (xhr.getResponseHeader("Content-Type") ?? "").startsWith("text/plain");
  toast(plain && xhr.responseText ? xhr.responseText : toasts.dataset.failedLabel, "error");
});
document.body.addEventListener("htmx:sendError", () => toast(toasts.dataset.failedLabel, "error"));
