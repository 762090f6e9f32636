// One program: its machine, entities, plots, memory, parameters, and how to change it.

import { h, put, count, short, bytes, percent, number, level, field, empty, section } from "/page/dom.js";
import { api } from "/page/api.js";
import { store } from "/page/store.js";
import { machine } from "/page/machine.js";
import { entities } from "/page/entities.js";
import { plots } from "/page/plot.js";
import { machinesOf } from "/page/alerts.js";
import { change, parameters, report } from "/page/change.js";
import { trial, notices } from "/page/trial.js";
import { occupied, lost } from "/page/overview.js";

const head = (...names) => h("thead", {}, h("tr", {}, names.map(([text, n]) => h("th", { scope: "col", class: n ? "n" : "" }, text))));

// memory is the table of structures.
function memory() {
  const body = h("tbody", {});
  const e = h("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": "Structures" }, h("table", {}, h("caption", { class: "hidden" }, "Structures"),
    head(["Structure"], ["Kind"], ["Used", 1], ["Capacity", 1], ["Fill"], ["Error", 1], ["Memory", 1], ["Evicted", 1], ["Rejected", 1]), body));
  e.update = (p) => put(body, p.memory.map((m) => h("tr", {}, h("th", { scope: "row", class: "code" }, m.name), h("td", { class: "about" }, m.kind || ""),
    h("td", { class: "n" }, count(m.used)), h("td", { class: "n" }, m.capacity ? count(m.capacity) : "–"),
    h("td", { class: "fill" }, h("meter", { min: 0, max: 1, high: 0.9, value: m.fill, "aria-label": "fill of " + m.name }), " ", percent(m.fill)),
    h("td", { class: "n" }, m.error ? percent(m.error) : "exact"), h("td", { class: "n" }, bytes(m.bytes)),
    h("td", { class: "n" + (m.evicted && m.kind !== "topk" ? " bad" : "") }, count(m.evicted)), h("td", { class: "n" + (m.rejected ? " bad" : "") }, count(m.rejected)))));
  return e;
}

// largest lists what the program counts most; nothing if it has no such lists.
function largest(name) {
  const list = h("div", { class: "columns" });
  const e = section("Largest", { class: "card", hidden: true }, list);
  let asked = 0;
  e.update = async () => {
    if (performance.now() - asked < 3000) return;
    asked = performance.now();
    const t = await api.top(name).catch(() => null);
    if (!t) return;
    const full = t.lists.filter((l) => l.keys.length);
    e.hidden = full.length === 0;
    put(list, full.map((l) => h("div", {}, h("h3", {}, l.name, " ", h("span", { class: "about" }, l.kind)), h("ol", { class: "top" }, l.keys.map((k) =>
      h("li", {}, h("span", { class: "code" }, typeof k.key === "string" ? k.key : Object.values(k.key).join(", ")), h("span", { class: "n" }, number(k.value))))))));
  };
  return e;
}

// generation says what runs, and what it took over from the one before.
function generation(name) {
  const e = h("div", {});
  let shown = "";
  e.update = async (p) => {
    const id = p.version + " " + p.generation;
    if (id === shown) return;
    shown = id;
    try {
      const d = await api.show(name);
      put(e, h("dl", { class: "facts" }, field("Generation", String(d.generation)), field("Source", h("span", { class: "code" }, d.version)), d.file && field("File", d.file),
        d.path && field("Plugin", h("span", { class: "code" }, d.path)), d.id && field("Build", h("span", { class: "code" }, d.id))),
      d.generation > 1 ? report(d.inherited) : h("p", { class: "about" }, "The first generation: there was nothing to take over."));
    } catch (err) {
      shown = "";
      put(e, h("p", { class: "about" }, err.message));
    }
  };
  return e;
}

function facts(p) {
  return [
    field("Status", level(p.status === "running" ? "ok" : "critical", p.status)),
    field("Packets", count(p.packets)), field("Rate", short(store.programRates.get(p.name) || 0) + " packets/s"),
    field("Cost", p.cost?.sampled ? count(p.cost.ns_per_packet) + " ns/packet, " + percent(p.cost.share) : "–"),
    field("Memory", bytes(p.memory_bytes || 0)), field("In states", count(occupied(p))), field("Transitions", count(p.transitions)),
    field("Alerts", count(p.records.alert)), field("Lost", count(lost(p))), p.shed > 0 && field("Withheld", count(p.shed) + " packets, over its budget"),
    p.restarts > 0 && field("Restarts", count(p.restarts)), p.rollbacks > 0 && field("Rollbacks", count(p.rollbacks)),
    p.verdicts.drop + p.verdicts.block > 0 && field("Verdicts", count(p.verdicts.drop) + " drop, " + count(p.verdicts.block) + " block"),
    field("Generation", String(p.generation)), field("Source", h("span", { class: "code" }, p.version)),
    p.tenant && field("Tenant", p.tenant),
    p.slice && field("Shown", [...(p.slice.vlans || []).map((v) => "VLAN " + v), ...(p.slice.nets || [])].join(", ")),
  ];
}

export function programView(name) {
  let order = ["default"];
  const doc = h("p", { class: "about" }), list = h("dl", { class: "facts strip" }), failed = h("div", { class: "failure", role: "alert", hidden: true });
  const graph = machine(name), in_ = entities(name), lines = plots(name, () => order), structures = memory(), top = largest(name), gen = generation(name), tried = trial(name), params = parameters(name), form = change(name);
  const events = h("dl", { class: "facts" });
  const body = h("div", { class: "grid" },
    h("div", { class: "stack" }, section("State machine", { class: "card" }, graph), section("Events", { class: "card" }, events), section("Generation", { class: "card" }, gen), tried),
    h("div", { class: "stack" }, section("Entities in states", { class: "card" }, in_), section("Features over time", { class: "card" }, lines),
      section("Parameters", { class: "card" }, params), section("Replace or unload", { class: "card" }, form)),
    section("Memory", { class: "card wide" }, structures), h("div", { class: "wide" }, top));
  const gone = empty("Program " + name + " is not loaded.", h("a", { href: "#/" }, "All programs"));
  const e = h("div", { class: "view" }, h("h1", {}, name), doc, list, failed, body, gone);
  const changed = () => { params.refresh(); in_.refresh(); };
  store.addEventListener("changed", changed);
  let version = "";
  e.update = () => {
    const p = store.program(name);
    gone.hidden = !store.summary || Boolean(p);
    body.hidden = list.hidden = doc.hidden = !p;
    if (!p) return;
    if (version !== p.version) {
      version = p.version;
      machinesOf(name, version).then((m) => { order = m.states.map((s) => s.name); lines.update(); }, () => {});
    }
    put(doc, p.doc || "");
    put(list, ...facts(p));
    const wrong = notices(p);
    failed.hidden = !wrong;
    put(failed, wrong); // said once, as it stays the same text
    put(events, ...Object.entries(p.events).map(([n, v]) => field(n, count(v))));
    for (const part of [graph, in_, lines, structures, top, gen, tried, params, form]) part.update(p);
  };
  e.close = () => {
    graph.close();
    lines.close();
    store.removeEventListener("changed", changed);
  };
  return e;
}
