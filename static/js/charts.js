// Draws the charts of figures. What they show is also in the table below each.
"use strict";

const TONES = { accent: "--accent", danger: "--danger", good: "--good", warn: "--warn" };

function colour(name) {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}

function seriesOf(one) {
  const stroke = colour(TONES[one.tone]);
  return { label: one.label, stroke, width: 2, fill: `${stroke}1a`, points: { show: false }, spanGaps: true };
}

function axes(ticks) {
  const quiet = { stroke: colour("--muted"), font: "12px system-ui, sans-serif" };
  const line = { stroke: colour("--line"), width: 1 };
  const whole = (plot, values) => values.map((value) => (Number.isInteger(value) ? value.toLocaleString(document.documentElement.lang) : ""));
  return [
    { ...quiet, grid: { show: false }, ticks: { ...line, size: 4 }, size: 32, space: 76, values: (plot, places) => places.map((place) => ticks[place] ?? "") },
    { ...quiet, grid: line, ticks: { show: false }, size: 52, space: 36, values: whole },
  ];
}

function draw(canvas) {
  const { labels, ticks, series } = JSON.parse(canvas.dataset.chart);
  const places = labels.map((label, place) => place);
  const said = canvas.parentElement.querySelector(".chart-at");
  const say = (plot) => {
    const place = plot.cursor.idx;
    const values = series.map((one) => `${one.label} ${one.values[place] ?? "–"}`);
    said.textContent = place === null || place === undefined ? "\u00a0" : `${labels[place]}: ${values.join(", ")}`;
  };
  canvas.replaceChildren();
  const plot = new uPlot(
    {
      width: canvas.clientWidth,
      height: 180,
      legend: { show: false },
      cursor: { y: false, points: { size: 7 }, drag: { x: false, y: false } },
      scales: { x: { time: false }, y: { range: (_plot, _least, most) => [0, Math.max(most * 1.1, 4)] } },
      axes: axes(ticks),
      series: [{}, ...series.map(seriesOf)],
      hooks: { setCursor: [say] },
    },
    [places, ...series.map((one) => one.values)],
    canvas,
  );
  return plot;
}

function setUpCharts() {
  const canvases = [...document.querySelectorAll("[data-chart]")];
  let plots = canvases.map(draw);
  const again = () => {
    plots.forEach((plot) => plot.destroy());
    plots = canvases.map(draw);
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
