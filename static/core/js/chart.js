// Charts: a `.chart[data-url]` asks its address for {labels, axis, unit, series: [{kind, label, values}]} and draws it
// in the colours of the theme. `kind` decides how a series looks; the words come from the server.
const KINDS = {
  history: { colour: "--chart-history", width: 1.5 },
  forecast: { colour: "--chart-forecast", width: 2 },
  lower: { colour: "--chart-band", width: 0 },
  upper: { colour: "--chart-band", width: 0, fill: "-1" },
  required: { colour: "--chart-required", width: 2, stepped: true },
  scheduled: { colour: "--chart-scheduled", width: 2, stepped: true, between: true },
};
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
    borderColor: colour,
    backgroundColor: colour,
    borderWidth: look.width,
    pointRadius: values.length === 1 ? 3 : 0,
    pointHitRadius: 8,
    stepped: look.stepped ? "after" : false,
    fill: look.fill ?? false,
    spanGaps: false,
    kind,
  };
  if (look.between) set.fill = { target: "-1", above: token("--chart-over"), below: token("--chart-under") };
  return set;
}

/** Keep the ticks where a day begins; over a day or two, where an hour does. */
function onTheClock(axis) {
  const at = (ending) => axis.ticks.filter((tick) => axis.chart.data.labels[tick.value].endsWith(ending));
  const days = at("00:00");
  axis.ticks = days.length > 2 ? days : at(":00");
}

function options(data, locale) {
  const ink = token("--ink-2");
  const grid = { color: token("--line"), drawTicks: false };
  return {
    locale,
    animation: false,
    normalized: true,
    responsive: true,
    maintainAspectRatio: false,
    interaction: { mode: "index", intersect: false },
    scales: {
      x: {
        title: { display: true, text: data.axis, color: ink },
        ticks: { color: ink, maxRotation: 0, autoSkipPadding: 14 },
        afterBuildTicks: onTheClock,
        grid: { color: token("--line"), drawTicks: false },
        border: { color: token("--line") },
      },
      y: { title: { display: true, text: data.unit, color: ink }, beginAtZero: true, ticks: { color: ink, precision: 0 }, grid, border: { display: false } },
    },
    plugins: {
      legend: { display: false },
      tooltip: {
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
    type: "line",
    data: { labels: data.labels, datasets: data.series.map(dataset) },
    options: options(data, document.documentElement.lang),
  });
  drawn.set(box, { chart, data });
}

async function load(box) {
  try {
    const answer = await fetch(box.dataset.url, { headers: { Accept: "application/json" } });
    if (!answer.ok) throw new Error(String(answer.status));
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
window.matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
  drawn.forEach(({ data }, box) => draw(box, data));
});
