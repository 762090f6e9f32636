// Alerts: a list, and of each how it came about.

import { h, put, Rows, number, clock, day, between, lasting, keyText, level, field, empty, count } from "/page/dom.js";
import { api } from "/page/api.js";
import { store } from "/page/store.js";

// machines of programs by instance and version, asked for once.
const known = new Map();

export function machinesOf(name, version) {
  const id = name + " " + version;
  if (!known.has(id)) {
    const p = api.machines(name);
    p.catch(() => known.delete(id));
    known.set(id, p);
  }
  return known.get(id);
}

// rulesFor lists the rules that an alert may come from, the likeliest first; mostly it is one.
function rulesFor(m, r) {
  const words = (text) => new Set((text || "").match(/[A-Za-z_]\w*/g) || []);
  const stays = r.from === r.to;
  const list = m.rules.filter((u) => {
    const alerts = (u.do || []).some((d) => d.startsWith("alert"));
    const there = !u.from || u.from === r.from;
    const leads = u.to ? u.to === r.to : stays;
    return alerts && there && leads && (u.events || []).includes(r.event);
  });
  const leveled = list.filter((u) => u.do.some((d) => d.startsWith("alert " + r.level + " ")));
  const choice = leveled.length ? leveled : list;
  const fits = choice.filter((u) => Object.keys(r.features || {}).some((f) => words(u.when).has(f)));
  return fits.length ? fits : choice;
}

// pathOf shows the states that the entity went through, and how long it was in each.
function pathOf(m, r) {
  const steps = [...(r.path || [])];
  const first = m?.states[0]?.name;
  if (steps.at(-1)?.state !== r.from) steps.splice(0, steps.length, ...(r.from ? [{ state: r.from }] : []));
  if (first && steps[0]?.state !== first && steps.length) steps.unshift({ state: steps.length >= 5 ? "…" : first });
  if (r.to && r.to !== r.from) steps.push({ state: r.to, since: r.time });
  const levelOf = (name) => m?.states.find((s) => s.name === name)?.level;
  return h("ol", { class: "path", "aria-label": "States up to this alert" }, steps.map((s, i) => {
    const next = steps[i + 1]?.since;
    return h("li", {}, level(levelOf(s.state), s.state),
      h("span", { class: "about" }, s.since ? clock(s.since) + (next ? ", for " + lasting(between(s.since, next)) : "") : i === 0 && next ? "until " + clock(next) : ""));
  }));
}

// valuesOf lists what the condition read, and the parameters that it names.
function valuesOf(rule, r, params) {
  const features = r.features || {};
  const names = [...new Set((rule?.when || "").match(/[A-Za-z_]\w*/g) || [])];
  const limits = (params || []).filter((p) => names.includes(p.name));
  const rows = [
    ...Object.entries(features).map(([name, v]) => [name, number(v), "read by the condition"]),
    ...limits.map((p) => [p.name, number(p.value) + (p.type === "duration" ? "\u00a0s" : ""), "parameter, as it is now"]),
  ];
  if (!rows.length) return h("p", { class: "about" }, "The condition reads no value.");
  return h("table", { class: "values" }, h("caption", { class: "hidden" }, "Values and thresholds"),
    h("thead", {}, h("tr", {}, h("th", { scope: "col" }, "Name"), h("th", { scope: "col", class: "n" }, "Value"), h("th", { scope: "col" }, ""))),
    h("tbody", {}, rows.map(([a, b, c]) => h("tr", {}, h("th", { scope: "row", class: "code" }, a), h("td", { class: "n" }, b), h("td", { class: "about" }, c)))));
}

// explain fills in how an alert came about.
async function explain(into, r) {
  const name = r.instance || r.program;
  let m = null, params = [], why = "";
  try {
    [m, { params }] = await Promise.all([machinesOf(name, r.version), api.params(name)]);
    if (m.version !== r.version) why = "Another version of the program runs by now: its rules are not those that raised this alert.";
  } catch (e) {
    why = "The rules of the program are not known any more: " + e.message;
  }
  const rules = m && !why ? rulesFor(m, r) : [];
  put(into,
    h("div", { class: "how" },
      pathOf(m, r),
      rules.length > 0 && h("div", { class: "rule" }, rules.map((u) => h("p", { class: "code" },
        h("span", { class: "about" }, "on " + u.events.join(", ") + " "), u.when === "otherwise" ? "otherwise" : u.when ? "when " + u.when : "always"))),
      why && h("p", { class: "about" }, why),
      valuesOf(rules[0], r, why ? [] : params)),
    h("dl", { class: "facts" },
      field("Program", h("a", { href: "#/program/" + encodeURIComponent(name) }, name)),
      field("Version", h("span", { class: "code" }, r.version)),
      field("Event", r.event),
      ...Object.entries(r.entity || {}).map(([k, v]) => field(k, h("span", { class: "code" }, String(v)))),
      r.code && field("Code", r.code),
      field("Time", day(r.time) + " " + r.time.slice(11, 23) + " UTC"),
      r.suppressed && field("Held back", count(r.suppressed) + " like it before")),
    Object.keys(r.entity || {}).length > 0 && h("p", {}, h("a", { class: "button", href: "#/program/" + encodeURIComponent(name), onclick: () => store.choose(name, r.entity) }, "Plot this entity")));
}

let numbers = 0;

// alertItem is one alert of a list; it opens and shows how it came about.
export function alertItem(a) {
  const r = a.record;
  const id = "alert" + ++numbers;
  const detail = h("div", { class: "detail", id, hidden: true });
  const button = h("button", { type: "button", class: "line", "aria-expanded": "false", "aria-controls": id },
    h("span", { class: "time" }, clock(r.time)), level(r.level), h("span", { class: "who", title: r.instance || r.program }, r.instance || r.program), h("span", { class: "what" }, r.message));
  button.addEventListener("click", () => {
    detail.hidden = !detail.hidden;
    button.setAttribute("aria-expanded", String(!detail.hidden));
    if (!detail.hidden && !detail.firstChild) {
      put(detail, h("p", { class: "about" }, "…"));
      explain(detail, r);
    }
  });
  const li = h("li", { "data-level": r.level }, button, detail);
  li.show = () => {};
  return li;
}

const levels = ["info", "low", "medium", "high", "critical"];

export function alertsView() {
  const program = h("select", { id: "of" }, h("option", { value: "" }, "all programs"));
  const least = h("select", { id: "least" }, levels.map((l) => h("option", { value: l }, l === "info" ? "any level" : l === "critical" ? l : l + " and above")));
  const search = h("input", { id: "text", type: "search", placeholder: "address, text …" });
  const list = h("ol", { class: "alerts" });
  const rows = new Rows(list, (a) => a.id, alertItem);
  const none = empty("No alerts.", "They appear here as soon as a program raises one.");
  const noMatch = empty("No alert fits.", "Choose another level, program or text.");
  const shown = h("p", { class: "more", role: "status" });
  const e = h("div", { class: "view" }, h("h1", {}, "Alerts"),
    h("div", { class: "filters" }, h("label", { for: "of" }, "Program", program), h("label", { for: "least" }, "Level", least), h("label", { for: "text" }, "Contains", search)),
    h("div", { class: "card" }, shown, list, none, noMatch));
  e.update = () => {
    const names = store.summary?.programs.map((p) => p.name) || [];
    for (const n of names) {
      if (![...program.options].some((o) => o.value === n)) program.append(h("option", { value: n }, n));
    }
    const text = search.value.trim().toLowerCase();
    const fitting = store.alerts.filter(({ record: r }) => (!program.value || (r.instance || r.program) === program.value)
      && levels.indexOf(r.level) >= levels.indexOf(least.value) && (!text || (r.message + " " + keyText(r.entity)).toLowerCase().includes(text)));
    rows.show(fitting.slice(0, 200));
    none.hidden = store.alerts.length > 0;
    noMatch.hidden = !store.alerts.length || fitting.length > 0;
    put(shown, fitting.length ? count(Math.min(200, fitting.length)) + " of " + count(store.alerts.length) + " that this page knows, newest first" : "");
  };
  for (const f of [program, least, search]) f.addEventListener("input", e.update);
  return e;
}
