// Charts: a `.chart[data-url]` asks its address for {labels, axis, unit, series: [{kind, label, values}]} and draws it
// in the colours of the theme. `kind` decides how a series looks; the words come from the server.
const KINDS = {
  history: { colour: "--chart-history", width: 1.5 },
  forecast: { colour: "--chart-forecast", width: 2 },
  corrected: { colour: "--chart-forecast", width: 2, dash: [7, 4] },
  outlier: { colour: "--bad", width: 0, mark: "triangle" },
  other: { colour: "--chart-required", width: 1.5 },
  lower: { colour: "--chart-band", width: 0 },
  upper: { colour: "--chart-band", width: 0, fill: "-1" },
  required: { colour: "--chart-required", width: 2, stepped: true },
  scheduled: { colour: "--chart-scheduled", width: 2, stepped: true, between: true },
  under: { colour: "--chart-under", width: 1, edge: "--bad" },
  over: { colour: "--chart-over", width: 1, edge: "--warn" },
};
const SVG = "http://www.w3.org/2000/svg";
const PAPER = { width: 1000, height: 300, left: 46, bottom: 22 };
const drawn = new Map();

function token(name) {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}

function dataset({ kind, label, values }) {
  const look = KINDS[kind];
  const colour = token(look.colour);
  const set = {
    label,
    data: values,
    borderColor: look.edge ? token(look.edge) : colour,
    backgroundColor: colour,
    borderWidth: look.width,
    borderDash: look.dash ?? [],
    pointRadius: look.mark ? 5 : values.length === 1 ? 3 : 0,
    pointStyle: look.mark ?? "circle",
    pointHitRadius: 8,
    stepped: look.stepped ? "after" : false,
    fill: look.fill ?? false,
    spanGaps: false,
    kind,
  };
  if (look.between) set.fill = { target: "-1", above: token("--chart-over"), below: token("--chart-under") };
  return set;
}

/** On days, what is missing and what is too much stand as bars from zero; the rest as lines over them. */
function bars(set) {
  const bar = set.kind === "under" || set.kind === "over";
  return bar ? { ...set, type: "bar", order: 2, grouped: false } : { ...set, type: "line", stepped: false, fill: false, pointRadius: 2, order: 1 };
}

/** Write a number as the text of the page does: groups of three apart by a space in every language. */
function figure(value) {
  const parts = new Intl.NumberFormat(document.documentElement.lang, { maximumFractionDigits: 2, useGrouping: "always" }).formatToParts(value);
  return parts.map(({ type, value: text }) => (type === "group" ? "\u00a0" : text)).join("");
}

/** Keep the ticks where a day begins; over a day or two, where an hour does. */
function onTheClock(axis) {
  const at = (ending) => axis.ticks.filter((tick) => axis.chart.data.labels[tick.value].endsWith(ending));
  const days = at("00:00");
  axis.ticks = days.length > 2 ? days : at(":00");
}

function options(data) {
  const ink = token("--ink-2");
  const grid = { color: token("--line"), drawTicks: false };
  return {
    animation: false,
    normalized: true,
    responsive: true,
    maintainAspectRatio: false,
    interaction: { mode: "index", intersect: false },
    scales: {
      x: {
        title: { display: true, text: data.axis, color: ink },
        ticks: { color: ink, maxRotation: 0, autoSkipPadding: 14 },
        afterBuildTicks: data.type === "bar" ? undefined : onTheClock,
        grid: { color: token("--line"), drawTicks: false },
        border: { color: token("--line") },
      },
      y: { title: { display: true, text: data.unit, color: ink }, beginAtZero: true, ticks: { color: ink, precision: 0, callback: figure }, grid, border: { display: false } },
    },
    plugins: {
      legend: { display: false },
      tooltip: {
        callbacks: { label: ({ dataset: { label }, parsed }) => `${label}: ${figure(parsed.y)}` },
        backgroundColor: token("--surface-3"),
        titleColor: token("--ink"),
        bodyColor: token("--ink"),
        borderColor: token("--line-strong"),
        borderWidth: 1,
      },
    },
  };
}

function draw(box, data) {
  drawn.get(box)?.chart.destroy();
  const canvas = box.querySelector("canvas");
  window.Chart.defaults.font.family = token("--font");
  const chart = new window.Chart(canvas, {
    type: data.type ?? "line",
    data: { labels: data.labels, datasets: data.series.map(dataset).map((set) => (data.type === "bar" ? bars(set) : set)) },
    options: options(data),
  });
  drawn.set(box, { chart, data });
  onPaper(box, data);
}

function node(name, attributes, text = "") {
  const made = document.createElementNS(SVG, name);
  Object.entries(attributes).forEach(([key, value]) => made.setAttribute(key, value));
  made.textContent = text;
  return made;
}

/** Draw the same figures as an SVG, which only paper shows: a canvas prints in the colours and size of the screen. */
function onPaper(box, data) {
  box.querySelector(".chart-print")?.remove();
  const known = data.series.flatMap((series) => series.values).filter((value) => value !== null);
  const [low, high] = [Math.min(0, ...known), Math.max(1, ...known)];
  const wide = PAPER.width - PAPER.left;
  const tall = PAPER.height - PAPER.bottom;
  const x = (place) => PAPER.left + (wide * place) / Math.max(data.labels.length - 1, 1);
  const y = (value) => tall - (tall * (value - low)) / (high - low);
  const picture = node("svg", { class: "chart-print", viewBox: `0 0 ${PAPER.width} ${PAPER.height}`, "aria-hidden": "true" });
  picture.append(node("path", { class: "axis", d: `M${PAPER.left} 0V${tall}H${PAPER.width}` }));
  picture.append(node("text", { x: 0, y: 11 }, figure(Math.round(high))));
  picture.append(node("text", { x: PAPER.left, y: PAPER.height - 6 }, data.labels[0] ?? ""));
  picture.append(node("text", { x: PAPER.width, y: PAPER.height - 6, "text-anchor": "end" }, data.labels.at(-1) ?? ""));
  data.series.forEach(({ kind, values }) => {
    const line = values.map((value, place) => (value === null ? " " : `${place && values[place - 1] !== null ? "L" : "M"}${x(place).toFixed(1)} ${y(value).toFixed(1)}`));
    picture.append(node("path", { class: kind, d: line.join("") }));
  });
  box.append(picture);
}

async function load(box) {
  try {
    const answer = await fetch(box.dataset.url, { headers: { Accept: "application/json" } });
    if (!answer.ok) throw new Error(String(answer.status));
    box.querySelector(".loading")?.remove();
    draw(box, await answer.json());
    box.dataset.ready = "true";
  } catch {
    box.querySelector("canvas").hidden = true;
    const note = document.createElement("p");
    note.className = "notice bad";
    note.textContent = box.dataset.failed;
    box.replaceChildren(note);
  }
}

function start(scope) {
  scope.querySelectorAll(".chart[data-url]:not([data-ready])").forEach(load);
}

start(document);
document.body.addEventListener("htmx:load", (event) => start(event.detail.elt));

/** Colours are read when a chart is drawn, so it is drawn again when the system's or the reader's theme changes. */
function redraw() {
  drawn.forEach(({ data }, box) => (box.isConnected ? draw(box, data) : drawn.delete(box)));
}

window.matchMedia("(prefers-color-scheme: dark)").addEventListener("change", redraw);
new MutationObserver(redraw).observe(document.documentElement, { attributeFilter: ["data-theme"] });
