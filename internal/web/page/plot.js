// Features of chosen entities over packet time, and their states as steps below.

import { h, put, keyText, number, short, empty } from "/page/dom.js";
import { api } from "/page/api.js";
import { store } from "/page/store.js";

const inks = ["--line1", "--line2", "--line3", "--line4", "--line5", "--line6"];
const css = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
const utc = (t) => uPlot.tzDate(new Date(t * 1e3), "Etc/UTC");
const time = (t) => new Date(t * 1e3).toISOString().slice(11, 19);

// times labels an axis: with seconds where lines are closer than a minute.
const times = (u, list) => list.map((t) => time(t).slice(0, list[1] - list[0] < 60 ? 8 : 5));

// axis has the colours of the page.
const axis = (more) => ({ stroke: css("--about"), grid: { stroke: css("--grid"), width: 1 }, ticks: { stroke: css("--grid"), width: 1 }, font: "11px system-ui", ...more });

// chart is the plot of one entity.
class Chart {
  constructor(name, key, order) {
    this.series = store.of(name, key);
    this.order = order;
    this.values = h("div", { class: "plot" });
    this.steps = h("div", { class: "plot" });
    this.said = h("p", { class: "about" });
    const close = h("button", { type: "button", class: "quiet", "aria-label": "Close the plot of " + keyText(key), onclick: () => store.choose(name, key, false) }, "✕");
    this.element = h("figure", { class: "chart" }, h("figcaption", {}, h("strong", { class: "code" }, keyText(key)), close), this.values, this.steps, this.said);
    this.drawn = "";
  }

  // window is the time that both plots show.
  window() {
    const all = [...this.series.times, ...this.series.states.map(([t]) => t)];
    const now = store.summary?.last ? Date.parse(store.summary.last) / 1000 : Math.max(...all);
    const from = Math.min(...all, now - 10);
    return [from - 0.02 * (now - from), Math.max(now, from + 10)];
  }

  draw() {
    const width = this.values.clientWidth;
    const state = [this.series.changed, width, document.documentElement.dataset.theme].join();
    if (!width || !this.series.times.length && !this.series.states.length) {
      put(this.said, "Nothing is known of this entity yet. Values come with alerts and with what the program publishes.");
      return;
    }
    const range = this.window();
    if (state === this.drawn) {
      this.top?.setScale("x", { min: range[0], max: range[1] });
      this.below?.setScale("x", { min: range[0], max: range[1] });
      return;
    }
    this.drawn = state;
    this.top?.destroy();
    this.below?.destroy();
    this.top = this.below = null;
    put(this.said, this.series.times.length ? "" : "No values yet: they come with alerts and with what the program publishes.");
    const x = { time: true, range: () => this.window() };
    const cursor = { sync: { key: "time" }, points: { size: 6 }, drag: { x: false, y: false } };
    if (this.series.times.length) {
      const names = [...this.series.columns.keys()].slice(0, inks.length);
      const few = this.series.times.length < 60;
      const newest = (u) => { if (u.cursor.idx === null || u.cursor.idx === undefined) u.setLegend({ idx: u.data[0].length - 1 }, false); };
      this.top = new uPlot({
        width, height: 190, tzDate: utc, cursor, scales: { x, y: { range: (u, min, max) => [Math.min(0, min), max > min || max > 0 ? max * 1.08 : 1] } },
        legend: { live: true }, hooks: { ready: [newest], setCursor: [newest] }, axes: [axis({ size: 24, space: 52, values: times }), axis({ size: 76, values: (u, list) => list.map(short) })],
        series: [{ label: "time (UTC)", value: (u, t) => (t === null ? "–" : time(t)) }, ...names.map((n, i) => ({
          label: n, stroke: css(inks[i]), width: 2, spanGaps: true, points: { show: few, size: 6, fill: css(inks[i]) }, value: (u, v) => (v === null ? "–" : number(v)),
        }))],
      }, [this.series.times, ...names.map((n) => this.series.columns.get(n))], this.values);
    }
    if (this.series.states.length) {
      const order = this.order();
      const end = range[1];
      const points = [...this.series.states.map(([t, s]) => [t, Math.max(0, order.indexOf(s))])];
      if (points.length && points[0][0] > range[0]) points.unshift([range[0], 0]);
      points.push([end, points.at(-1)[1]]);
      this.below = new uPlot({
        width, height: 34 + 22 * Math.max(2, order.length), tzDate: utc, cursor, legend: { show: false },
        scales: { x, y: { range: [-0.4, Math.max(1, order.length - 1) + 0.4] } },
        axes: [axis({ size: 24, space: 52, values: times }), axis({ size: 76, splits: () => order.map((_, i) => i), values: () => order.map((n) => (n.length > 11 ? n.slice(0, 10) + "…" : n)), space: 1 })],
        series: [{}, { label: "state", stroke: css("--accent"), fill: css("--accent-soft"), width: 2, points: { show: false }, paths: uPlot.paths.stepped({ align: 1 }) }],
      }, [points.map(([t]) => t), points.map(([, y]) => y)], this.steps);
    }
    this.describe();
  }

  // describe tells those who cannot see the drawing what is in it.
  describe() {
    const values = [...this.series.columns].map(([n, c]) => n + " " + number(c.findLast((v) => v !== null))).join(", ");
    const states = this.series.states.map(([t, s]) => s + " since " + time(t)).slice(-5).join(", ");
    this.element.setAttribute("aria-label", [values && "last values: " + values, states && "states: " + states].filter(Boolean).join("; "));
  }

  close() {
    this.top?.destroy();
    this.below?.destroy();
  }
}

export function plots(name, order) {
  const list = h("div", { class: "charts" });
  const none = empty("No entity is chosen.", "Press plot beside an entity, or open an alert and plot its entity.");
  const charts = new Map();
  const show = () => {
    const keys = store.chosen.get(name) || [];
    const ids = keys.map((k) => JSON.stringify(k));
    for (const [id, c] of charts) {
      if (ids.includes(id)) continue;
      c.close();
      c.element.remove();
      charts.delete(id);
    }
    for (const k of keys) {
      const id = JSON.stringify(k);
      if (!charts.has(id)) {
        const c = new Chart(name, k, order);
        charts.set(id, c);
        list.append(c.element);
        follow(c, k);
      }
      charts.get(id).draw();
    }
    none.hidden = keys.length > 0;
  };
  // follow asks for the state and the last values of an entity as long as it is chosen.
  const follow = async (c, key) => {
    const id = JSON.stringify(key);
    while (charts.get(id) === c) {
      try {
        const [s, v] = await Promise.all([api.states(name, { key: id, limit: 4 }), api.records(name)]);
        const mine = s.entities.find((x) => JSON.stringify(x.key) === id);
        if (mine) c.series.state(mine.since, mine.state);
        else if (s.last && c.series.states.length && c.series.states.at(-1)[1] !== order()[0]) c.series.state(s.last, order()[0]);
        for (const f of v.features) {
          if (JSON.stringify(f.entity) === id && f.values) c.series.values(f.time, f.values);
        }
      } catch { /* the frame says that the probe does not answer */ }
      await new Promise((go) => setTimeout(go, 1000));
    }
  };
  const e = h("div", {}, list, none);
  store.addEventListener("chosen", show);
  addEventListener("themechange", show);
  addEventListener("resize", show);
  e.update = show;
  e.close = () => {
    store.removeEventListener("chosen", show);
    removeEventListener("themechange", show);
    removeEventListener("resize", show);
    for (const c of charts.values()) c.close();
    charts.clear();
  };
  return e;
}
