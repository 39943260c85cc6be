// Saving waits for the effect of exactly what is in the form. Enter before the effect is there is kept: it saves
// by itself once the effect shows no warning, else the person looks at the warnings and saves once more.
const ASIDE = new Set(["csrfmiddlewaretoken", "shown", "reason"]);

const asked = new WeakMap();
let answered = null;
let wanted = false;

function content() {
  const form = document.getElementById("edit-form");
  if (!form) return "";
  return JSON.stringify([...new FormData(form)].filter(([name]) => !ASIDE.has(name)));
}

function shown() {
  return document.querySelector("#edit-effect [data-verdict]")?.dataset ?? {};
}

function isSettled() {
  return answered === content();
}

/** Let the button say whether it would save now. */
function mark() {
  const save = document.getElementById("edit-save");
  if (!save) return;
  const settled = isSettled();
  save.disabled = settled && shown().verdict === "refused";
  if (settled) save.removeAttribute("aria-disabled");
  else save.setAttribute("aria-disabled", "true");
}

function forget() {
  answered = null;
  wanted = false;
}

document.addEventListener("submit", (event) => {
  if (event.target.id !== "edit-form") return;
  if (isSettled()) {
    // The answer may be another form; what it holds is asked about anew.
    wanted = false;
    return;
  }
  event.preventDefault();
  event.stopPropagation();
  wanted = true;
  window.htmx.trigger("#edit-effect", "ask");
}, true);

document.addEventListener("input", (event) => {
  if (event.target.form?.id !== "edit-form" || event.target.name === "reason") return;
  wanted = false;
  mark();
});

document.body.addEventListener("htmx:beforeSend", ({ detail }) => {
  if (detail.elt.id === "edit-effect") asked.set(detail.xhr, content());
});

document.body.addEventListener("htmx:afterSwap", ({ detail }) => {
  if (detail.target.id === "edit-effect") {
    answered = asked.get(detail.xhr) ?? null;
    const { verdict, warnings } = shown();
    const saves = wanted && isSettled();
    mark();
    if (!saves) return;
    wanted = false;
    if (verdict === "fine" && warnings === "0") document.getElementById("edit-form").requestSubmit();
  } else if (document.getElementById("edit-body")?.isConnected && detail.requestConfig.path.includes("/schedule/edit/")) {
    forget();
    mark();
  }
});

document.body.addEventListener("htmx:responseError", ({ detail }) => {
  if (detail.elt.id === "edit-effect") wanted = false;
});
document.body.addEventListener("htmx:sendError", ({ detail }) => {
  if (detail.elt.id === "edit-effect") wanted = false;
});
