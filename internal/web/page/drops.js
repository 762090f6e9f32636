// What was dropped, at every stage from the wire to those who get records.

import { h, put, count, percent, empty } from "/page/dom.js";
import { api } from "/page/api.js";
import { store } from "/page/store.js";

// samples reads the text format of Prometheus: [{name, labels, value}].
export function samples(text) {
  const list = [];
  for (const line of text.split("\n")) {
    const m = /^([a-zA-Z_:]\w*)(\{(.*)\})? (\S+)$/.exec(line);
    if (!m || line[0] === "#") continue;
    const labels = {};
    for (const [, name, value] of (m[3] || "").matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g)) {
      labels[name] = value.replace(/\\(.)/g, (_, c) => (c === "n" ? "\n" : c));
    }
    list.push({ name: m[1], labels, value: Number(m[4]) });
  }
  return list;
}

// stages lists [stage, what, count, of how many, meaning].
function stages(s, all) {
  const list = [];
  const read = s.packets.read;
  const add = (stage, what, n, of, doc) => list.push([stage, what, n, of, doc]);
  const get = (name) => all.filter((x) => x.name === name);
  for (const i of s.interfaces || []) {
    add("Interface", i.name + ": missed", i.missed || 0, i.received, "by the network card or its driver");
    add("Ring", i.name + ": dropped by the kernel", i.dropped, i.captured + i.dropped, "the probe was not fast enough");
  }
  if (!store.me || store.me.operator) {
    for (const [reason, n] of Object.entries(s.malformed)) add("Decoding", "malformed: " + reason, n, read, "the header is cut or contradicts itself");
    if (!Object.keys(s.malformed).length) add("Decoding", "malformed", 0, read, "a header is cut or contradicts itself");
    add("Decoding", "link type that is not decoded", s.packets.unknown_link, read, "not shown to programs");
    add("Decoding", "cut by the snap length", s.packets.snapped, read, "sound; programs see what is there");
    add("Time", "late", s.late, read, "older than one before; taken at the newest time");
  }
  for (const p of s.programs) {
    for (const m of p.memory) {
      if (m.evicted && m.kind !== "topk") add("Memory", p.name + ": " + m.name + ", evicted", m.evicted, 0, "idle longest, to make room");
      if (m.rejected) add("Memory", p.name + ": " + m.name + ", rejected", m.rejected, 0, "new keys, since it was full");
    }
    if (p.shed) add("Budget", p.name + ": packets withheld", p.shed, p.packets + p.shed, "the program was over the time for a batch");
    if (p.skipped) add("Timers", p.name + ": firings left out", p.skipped, 0, "packet time jumped");
    if (p.records.lost) add("Records", p.name + ": could not be written", p.records.lost, p.records.alert + p.records.publish + p.records.log + p.records.exec, "output failed");
  }
  if (!s.programs.some((p) => p.records.lost)) add("Records", "could not be written", 0, s.programs.reduce((n, p) => n + p.records.alert + p.records.publish + p.records.log + p.records.exec, 0), "output failed");
  for (const x of get("streamon_alerts_total")) {
    if (x.labels.result !== "passed") add("Alerts", x.labels.result === "limited" ? "held back for their rate" : "held back as duplicates", x.value, 0, "the next one says how many");
  }
  for (const [family, what] of [["streamon_sink_dropped_total", "queue full"], ["streamon_sink_refused_total", "refused by the receiver"]]) {
    for (const x of get(family)) add("Sinks", x.labels.sink + ": " + what, x.value, get("streamon_sink_records_total").find((r) => r.labels.sink === x.labels.sink)?.value || 0, "packets do not wait for sinks");
  }
  for (const x of get("streamon_publish_dropped_total")) add("ZeroMQ", x.labels.endpoint + ": subscribers too slow", x.value, 0, "for those alone");
  for (const x of get("streamon_stream_dropped_total")) add("Streams", "clients too slow", x.value, get("streamon_stream_records_total")[0]?.value || 0, "pages like this one");
  for (const x of get("streamon_commands_total")) {
    if (x.labels.result === "dropped" || x.labels.result === "refused") add("Commands", x.labels.result, x.value, 0, "that programs asked for");
  }
  for (const x of get("streamon_inline_packets_total")) {
    if (x.labels.result !== "forwarded") add("Inline", x.labels.from + " to " + x.labels.to + ": " + x.labels.result, x.value, 0, x.labels.result === "failed" ? "the other interface did not take them" : "as programs want it");
  }
  for (const x of get("streamon_blocks_wanted_total")) {
    if (x.labels.result === "refused" || x.labels.result === "failed") add("Blocks", x.labels.result, x.value, 0, x.labels.result === "failed" ? "the kernel did not take them" : "never to be blocked, or more than may be in force");
  }
  for (const x of get("streamon_metrics_omitted_series")) add("Metrics", x.labels.family + ": samples left out", x.value, 0, "too many series");
  return list;
}

export function dropsView() {
  const body = h("tbody", {});
  const only = h("input", { type: "checkbox", id: "only" });
  const none = empty("Nothing was dropped.", "At no stage, since the probe began.");
  const failed = h("p", { class: "about", role: "status" });
  const table = h("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": "Table of drops" }, h("table", {}, h("caption", { class: "hidden" }, "Drops by stage"),
    h("thead", {}, h("tr", {}, ["Stage", "What"].map((t) => h("th", { scope: "col" }, t)), ["Count", "Share"].map((t) => h("th", { scope: "col", class: "n" }, t)))), body));
  const e = h("div", { class: "view" }, h("h1", {}, "Drops"), h("p", { class: "about" }, "From the wire to those who get records. Counts are since the probe began."),
    h("div", { class: "filters" }, h("label", { class: "check", for: "only" }, only, "only what happened")), h("div", { class: "card" }, table, none, failed));
  let all = [], asked = 0;
  const ask = async () => {
    asked = performance.now();
    try {
      all = samples(await api.metrics());
      put(failed, "");
    } catch (err) {
      put(failed, "Counters of sinks and streams cannot be read: " + err.message);
    }
    draw();
  };
  const draw = () => {
    if (!store.summary) return;
    const list = stages(store.summary, all).filter(([, , n]) => !only.checked || n > 0);
    let last = "";
    put(body, list.map(([stage, what, n, of, doc]) => {
      const tr = h("tr", {}, h("th", { scope: "row" }, stage === last ? h("span", { class: "hidden" }, stage) : stage), h("td", {}, what, h("span", { class: "about what-about" }, doc)),
        h("td", { class: "n" + (n > 0 ? " bad" : "") }, count(n)), h("td", { class: "n" }, of ? percent(n / of) : "–"));
      last = stage;
      return tr;
    }));
    none.hidden = list.length > 0;
    table.hidden = list.length === 0;
  };
  only.addEventListener("change", draw);
  e.update = () => {
    if (performance.now() - asked > 3000 && !store.isDown) ask();
    else draw();
  };
  return e;
}
