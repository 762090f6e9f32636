// The programs of the probe, and its last alerts.

import { h, put, Rows, count, short, bytes, percent, clock, level, empty, section } from "/page/dom.js";
import { store } from "/page/store.js";
import { alertItem } from "/page/alerts.js";

const svg = "http://www.w3.org/2000/svg";

// spark draws the packets a second of the last minutes, without axes: the number stands beside it.
function spark() {
  const line = document.createElementNS(svg, "polyline");
  const e = document.createElementNS(svg, "svg");
  e.setAttribute("viewBox", "0 0 90 24");
  e.setAttribute("preserveAspectRatio", "none");
  e.setAttribute("class", "spark");
  e.setAttribute("aria-hidden", "true");
  e.append(line);
  e.show = (list) => {
    const top = Math.max(1, ...list);
    line.setAttribute("points", list.map((v, i) => (90 - list.length + i + 1).toFixed(0) + "," + (22 - 20 * v / top).toFixed(1)).join(" "));
  };
  return e;
}

// tile is one number about the probe.
function tile(name, extra) {
  const value = h("dd", {}), about = h("dd", { class: "about" });
  const e = h("div", { class: "tile" }, h("dt", {}, name), value, about, extra);
  e.show = (text, more) => { put(value, ...[text].flat()); put(about, more || ""); };
  return e;
}

export const occupied = (p) => Object.values(p.states).flatMap((s) => Object.values(s)).reduce((a, b) => a + b, 0);

// lost is what of a program's packets, memory and records was dropped. A topk metric makes room
// all the time: that is how it works.
export const lost = (p) => (p.shed || 0) + p.records.lost + p.memory.reduce((n, m) => n + (m.kind === "topk" ? 0 : m.evicted) + m.rejected, 0);

const headings = ["Program", "Status", "Packets", "Packets/s", "ns/packet", "Share", "Memory", "In states", "Alerts", "Lost", "Generation", "Source"];
const titles = {
  "ns/packet": "processor time for a packet", Share: "of what all programs take", "In states": "entities that are not in the default state",
  Lost: "packets withheld over its budget, records that could not be written, and entries for which a structure had no room", Source: "first 16 digits of the SHA-256 of the source",
};

function row(p) {
  const name = h("a", { href: "#/program/" + encodeURIComponent(p.name) }, p.name);
  const about = h("span", { class: "about" });
  const cells = headings.slice(1).map((head) => h("td", { class: head === "Status" ? "" : head === "Source" ? "code" : "n", "data-head": head }));
  const tr = h("tr", {}, h("th", { scope: "row" }, name, about), cells);
  tr.addEventListener("click", (e) => { if (!e.target.closest("a") && !getSelection().toString()) location.hash = name.hash; });
  tr.show = (p) => {
    put(about, [p.doc, p.tenant ? "tenant " + p.tenant : ""].filter(Boolean).join(" · "));
    const status = level(p.status === "running" ? "ok" : "critical", p.status);
    if (p.error) status.title = p.error;
    if (cells[0].textContent !== p.status) put(cells[0], status);
    const values = [count(p.packets), short(store.programRates.get(p.name) || 0), p.cost?.sampled ? count(p.cost.ns_per_packet) : "–",
      p.cost?.sampled ? percent(p.cost.share) : "–", bytes(p.memory_bytes || 0), count(occupied(p)), count(p.records.alert), count(lost(p)), String(p.generation), p.version];
    values.forEach((v, i) => put(cells[i + 1], v));
    cells[8].classList.toggle("bad", lost(p) > 0);
    tr.classList.toggle("stopped", p.status !== "running");
  };
  return tr;
}

export function overview() {
  const line = spark();
  const tiles = { packets: tile("Packets"), rate: tile("Rate", line), states: tile("Entities in states"), alerts: tile("Alerts"), memory: tile("Memory of programs"), lost: tile("Dropped") };
  const body = h("tbody", {});
  const rows = new Rows(body, (p) => p.name, row);
  const table = h("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": "Table of programs" }, h("table", { class: "programs" },
    h("caption", { class: "hidden" }, "Programs of the probe"),
    h("thead", {}, h("tr", {}, headings.map((t) => h("th", { scope: "col", class: ["Program", "Status", "Source"].includes(t) ? "" : "n", title: titles[t] }, t)))), body));
  const none = empty("No program is loaded.", "Load one: ", h("a", { href: "#/load" }, "upload a source or a plugin"), ", or start the probe with -p FILE.so.");
  const list = h("ol", { class: "alerts" });
  const alerts = new Rows(list, (a) => a.id, alertItem);
  const quiet = empty("No alerts.", "They appear here as soon as a program raises one.");
  const e = h("div", { class: "view" }, h("h1", {}, "Programs"), h("dl", { class: "tiles" }, Object.values(tiles)),
    h("div", { class: "card" }, table, none),
    section("Last alerts", { class: "card" }, h("p", { class: "more" }, h("a", { href: "#/alerts" }, "All alerts")), list, quiet));
  e.update = () => {
    const s = store.summary;
    if (!s) {
      none.hidden = table.hidden = true;
      return;
    }
    const p = s.packets;
    const bad = p.malformed + p.unknown_link + (s.interfaces || []).reduce((n, i) => n + i.dropped + (i.missed || 0), 0) + s.programs.reduce((n, q) => n + q.records.lost + (q.shed || 0), 0);
    tiles.packets.show(count(p.read), s.last ? "at " + clock(s.last) + " packet time" : "none yet");
    line.show(store.rates.history);
    tiles.rate.show([short(store.rates.packets), h("small", {}, " packets/s")], short(8 * store.rates.bytes).replace(/[kMGT]?$/, (u) => "\u00a0" + u) + "bit/s");
    tiles.states.show(count(s.programs.reduce((n, q) => n + occupied(q), 0)), s.programs.length + (s.programs.length === 1 ? " program" : " programs"));
    tiles.alerts.show(count(s.programs.reduce((n, q) => n + q.records.alert, 0)), store.alerts[0] ? "last at " + clock(store.alerts[0].record.time) : "none yet");
    tiles.memory.show(bytes(s.programs.reduce((n, q) => n + (q.memory_bytes || 0), 0)), "of all structures");
    tiles.lost.show(count(bad), bad ? "at some stage, see Drops" : "at no stage");
    tiles.lost.classList.toggle("bad", bad > 0);
    none.hidden = s.programs.length > 0;
    table.hidden = s.programs.length === 0;
    rows.show(s.programs);
    alerts.show(store.alerts.slice(0, 8));
    quiet.hidden = store.alerts.length > 0;
  };
  return e;
}
