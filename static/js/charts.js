// Draws the charts of figures: columns of the table below them.
"use strict";

const TONES = { accent: "--accent", danger: "--danger", good: "--good", warn: "--warn" };

function colour(name) {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}

// What is drawn stands in the table, the newest row first. All its values are whole numbers.
function readTable() {
  const table = document.getElementById("figures");
  const titles = [...table.tHead.rows[0].cells].slice(1).map((cell) => cell.textContent);
  const rows = [...table.tBodies[0].rows].reverse().map((row) => [...row.cells].map((cell) => cell.textContent));
  const number = (text) => (/\d/.test(text) ? Number(text.replace(/\D/g, "")) : null);
  return {
    labels: rows.map((row) => row[0]),
    columns: titles.map((title, place) => ({ title, values: rows.map((row) => number(row[place + 1])) })),
  };
}

// Below a chart is little room: of a day the hours are said, of a week the days.
function ticksOf(labels, period) {
  const part = { "24h": 1, "7d": 0 }[period];
  return labels.map((label) => label.split(", ")[part ?? 0]);
}

function seriesOf(one) {
  return { label: one.title, stroke: one.stroke, width: 2, fill: `${one.stroke}1a`, points: { show: false }, spanGaps: true };
}

function axes(ticks) {
  const quiet = { stroke: colour("--muted"), font: "12px system-ui, sans-serif" };
  const line = { stroke: colour("--line"), width: 1 };
  const words = new Intl.NumberFormat(document.documentElement.lang);
  const whole = (plot, values) => values.map((value) => (Number.isInteger(value) ? words.format(value) : ""));
  return [
    { ...quiet, grid: { show: false }, ticks: { ...line, size: 4 }, size: 32, space: 76, values: (plot, places) => places.map((place) => ticks[place] ?? "") },
    { ...quiet, grid: line, ticks: { show: false }, size: 52, space: 36, values: whole },
  ];
}

function draw(canvas, { labels, columns }) {
  const tones = canvas.dataset.tones.split(" ");
  const series = canvas.dataset.chart.split(" ").map((place, nth) => ({ ...columns[place], stroke: colour(TONES[tones[nth]]) }));
  const said = canvas.parentElement.querySelector(".chart-at");
  const say = (plot) => {
    const place = plot.cursor.idx;
    const values = series.map((one) => `${one.title} ${one.values[place] ?? "\u2013"}`);
    said.textContent = place === null || place === undefined ? "" : `${labels[place]}: ${values.join(", ")}`;
  };
  canvas.replaceChildren();
  return new uPlot(
    {
      width: canvas.clientWidth,
      height: 180,
      legend: { show: false },
      cursor: { y: false, points: { size: 7 }, drag: { x: false, y: false } },
      scales: { x: { time: false }, y: { range: (_plot, _least, most) => [0, Math.max(most * 1.1, 4)] } },
      axes: axes(ticksOf(labels, canvas.dataset.period)),
      series: [{}, ...series.map(seriesOf)],
      hooks: { setCursor: [say] },
    },
    [labels.map((label, place) => place), ...series.map((one) => one.values)],
    canvas,
  );
}

function setUpCharts() {
  const canvases = [...document.querySelectorAll("[data-chart]")];
  const figures = readTable();
  let plots = canvases.map((canvas) => draw(canvas, figures));
  const again = () => {
    plots.forEach((plot) => plot.destroy());
    plots = canvases.map((canvas) => draw(canvas, figures));
  };
  let width = window.innerWidth;
  window.addEventListener("resize", () => {
    if (window.innerWidth !== width) {
      width = window.innerWidth;
      again();
    }
  });
  window.matchMedia("(prefers-color-scheme: dark)").addEventListener("change", again);
}

setUpCharts();
